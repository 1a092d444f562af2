/**
 * Shared documents go live with the stages: after every batch of writes that touches one, the whole of it, in the same
 * two phases. One row a document.
 */

import type { HttpApiStage } from '../domain/http-api.ts'
import type { SharedDocumentName, SharedDocuments } from '../domain/shared-documents.ts'
import {
  refuseUnservable,
  showsOthers,
  type TlsDocumentParts,
  tlsDocumentOf,
  touchesTls,
} from '../services/acm/tls-document.ts'
import { domainsOf, touchesDomains } from '../services/apigatewayv2/going-live/domain-document.ts'
import { identitiesOf, touchesIdentities } from '../services/iam/identities.ts'
import { linksOf, touchesLinks } from '../services/links/link-document.ts'
import type { LiveStages } from '../services/live-stages.ts'
import type { ServiceSettings } from '../services/service.ts'
import type { Change, Reader } from '../storage/store.ts'
import { readBalancing, touchesBalancing } from './balancing/live-balancing.ts'
import { stagesAfter } from './publisher.ts'

/** What sources need besides the store. */
export interface DocumentParts {
  readonly settings: ServiceSettings
  readonly now: () => Date
  readonly tls: TlsDocumentParts
  /** What is served before a batch of writes. */
  readonly served: () => readonly HttpApiStage[]
}

/** What is served before and after a batch of writes. */
interface Served {
  readonly before: readonly HttpApiStage[]
  readonly after: readonly HttpApiStage[]
}

interface Source<Name extends SharedDocumentName> {
  /** Whether one of these changes concerns it, or what they make of the stages does. */
  touches(changes: readonly Change[], served: Served): boolean
  /** Throws a ServiceError where a call asks for what cannot be served. */
  refuse?(reader: Reader, changes: readonly Change[], now: Date): Promise<void>
  read(reader: Reader, parts: DocumentParts, served: Served): Promise<SharedDocuments[Name]>
}

const SOURCES: { readonly [Name in SharedDocumentName]?: Source<Name> } = {
  identities: {
    touches: touchesIdentities,
    read: (reader, { tls }) => identitiesOf(reader, tls.openSealer),
  },
  domains: { touches: touchesDomains, read: domainsOf },
  tls: {
    touches: (changes, { before, after }) => touchesTls(changes) || showsOthers(before, after),
    refuse: refuseUnservable,
    read: (reader, { tls }, { after }) => tlsDocumentOf(reader, tls, after),
  },
  balancing: { touches: touchesBalancing, read: readBalancing },
  links: { touches: touchesLinks, read: linksOf },
}

export function withSharedDocuments(stages: LiveStages, parts: DocumentParts): LiveStages {
  return {
    async after(transaction, context) {
      const changes = await stages.after(transaction, context)
      const written = transaction.changes()
      for (const source of Object.values(SOURCES)) {
        await source.refuse?.(transaction, written, context.now)
      }
      const before = parts.served()
      const isOther = changes.live.length > 0 || changes.gone.length > 0
      const served = { before, after: isOther ? stagesAfter(before, changes) : before }
      const shared = await read(transaction, { parts, served }, (source) =>
        source.touches(written, served),
      )
      return shared === undefined ? changes : { ...changes, shared }
    },
    async all(reader) {
      const found = await stages.all(reader)
      const served = { before: [], after: found.live }
      const shared = await read(reader, { parts, served }, () => true)
      return { ...found, ...(shared === undefined ? {} : { shared }) }
    },
  }
}

/** Undefined: none of them. */
async function read(
  reader: Reader,
  { parts, served }: { readonly parts: DocumentParts; readonly served: Served },
  wanted: (source: Source<SharedDocumentName>) => boolean,
): Promise<SharedDocuments | undefined> {
  const entries: [string, unknown][] = []
  for (const [name, source] of Object.entries(SOURCES)) {
    if (wanted(source)) entries.push([name, await source.read(reader, parts, served)])
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
