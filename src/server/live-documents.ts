/**
 * Shared documents go live with the stages: after every batch of writes that touches one, the whole of it, in the same
 * two phases. One row a document.
 */

import type { SharedDocumentName, SharedDocuments } from '../domain/shared-documents.ts'
import { domainsOf, touchesDomains } from '../services/apigatewayv2/going-live/domain-document.ts'
import { identitiesOf, touchesIdentities } from '../services/iam/identities.ts'
import type { LiveStages } from '../services/live-stages.ts'
import type { Change, Reader } from '../storage/store.ts'

interface Source<Name extends SharedDocumentName> {
  /** Whether one of these changes concerns it. */
  touches(changes: readonly Change[]): boolean
  read(reader: Reader): Promise<SharedDocuments[Name]>
}

const SOURCES: { readonly [Name in SharedDocumentName]?: Source<Name> } = {
  identities: { touches: touchesIdentities, read: identitiesOf },
  domains: { touches: touchesDomains, read: domainsOf },
}

export function withSharedDocuments(stages: LiveStages): LiveStages {
  return {
    async after(transaction, context) {
      const changes = await stages.after(transaction, context)
      const written = transaction.changes()
      const shared = await read(transaction, (source) => source.touches(written))
      return shared === undefined ? changes : { ...changes, shared }
    },
    async all(reader) {
      const shared = await read(reader, () => true)
      return { ...(await stages.all(reader)), ...(shared === undefined ? {} : { shared }) }
    },
  }
}

/** Undefined: none of them. */
async function read(
  reader: Reader,
  wanted: (source: Source<SharedDocumentName>) => boolean,
): Promise<SharedDocuments | undefined> {
  const entries: [string, unknown][] = []
  for (const [name, source] of Object.entries(SOURCES)) {
    if (wanted(source)) entries.push([name, await source.read(reader)])
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
