/** What a transaction has changed, API by API: the question that every batch of writes begins with. */

import type { Change, Scope } from '../../../storage/store.ts'
import type { Kind, StageRecord } from '../records.ts'

/** What a deployment freezes. */
const DRAFT_KINDS: ReadonlySet<string> = new Set<Kind>([
  'api',
  'route',
  'integration',
  'authorizer',
  'model',
])

export interface TouchedApi {
  readonly scope: Scope
  readonly apiId: string
  /** The API itself, or anything of its draft. */
  readonly draftChanged: boolean
  /** Undefined: the Api record is as it was. */
  readonly api: Change | undefined
  /** Name → the stage as it was before the transaction, undefined for a new one. Only stages that were changed. */
  readonly stagesBefore: ReadonlyMap<string, StageRecord | undefined>
}

export function touchedApis(changes: readonly Change[]): TouchedApi[] {
  const byApi = new Map<string, Change[]>()
  for (const change of changes) {
    const { kind, parent, id } = change.key
    if (kind !== 'stage' && !DRAFT_KINDS.has(kind)) continue
    const { accountId, region } = change.scope
    const name = JSON.stringify([accountId, region, kind === 'api' ? id : parent])
    const others = byApi.get(name)
    if (others === undefined) byApi.set(name, [change])
    else others.push(change)
  }
  return [...byApi.values()].map(touchedBy)
}

/** Changes of one API. */
function touchedBy(changes: readonly Change[]): TouchedApi {
  const { scope, key } = changes[0]!
  const stages = changes.filter((change) => change.key.kind === 'stage')
  return {
    scope,
    apiId: key.kind === 'api' ? key.id : key.parent,
    draftChanged: stages.length < changes.length,
    api: changes.find((change) => change.key.kind === 'api'),
    stagesBefore: new Map(
      stages.map((change) => [change.key.id, change.before as StageRecord | undefined]),
    ),
  }
}
