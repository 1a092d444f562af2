/**
 * What is served besides stages: documents that all stages share, each replaced as a whole.
 *
 * A document crosses from the control plane to the workers with the stages, in the same two phases. Its revision grows
 * with every change, so that whoever has compiled it sees without a comparison that it is as it was.
 */

import type { BalancingDocument } from './balancing.ts'
import type { DomainDocument } from './custom-domain.ts'
import type { IamDocument } from './iam.ts'
import type { LinkDocument } from './link.ts'
import type { TlsDocument } from './tls.ts'

/** A member that is undefined: there is nothing of its kind. */
export interface SharedDocuments {
  readonly identities?: IamDocument
  readonly domains?: DomainDocument
  readonly tls?: TlsDocument
  readonly links?: LinkDocument
  readonly balancing?: BalancingDocument
}

export type SharedDocumentName = keyof SharedDocuments

export const SHARED_DOCUMENTS: readonly SharedDocumentName[] = [
  'identities',
  'domains',
  'tls',
  'links',
  'balancing',
]
