/**
 * Identities go live with the stages: after every batch of writes that touches one, all of them, in the same two phases.
 */

import { identitiesOf, touchesIdentities } from '../services/iam/identities.ts'
import type { LiveStages } from '../services/live-stages.ts'

export function withIdentities(stages: LiveStages): LiveStages {
  return {
    async after(transaction, context) {
      const changes = await stages.after(transaction, context)
      if (!touchesIdentities(transaction.changes())) return changes
      return { ...changes, identities: await identitiesOf(transaction) }
    },
    async all(reader) {
      return { ...(await stages.all(reader)), identities: await identitiesOf(reader) }
    },
  }
}
