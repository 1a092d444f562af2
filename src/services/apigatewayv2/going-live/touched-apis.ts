/** What a transaction has changed, API by API: the question that every batch of writes begins with. */

import type { Change, Scope } from '../../../storage/store.ts'
import type { PlannedStage } from '../../apigateway/plan-documents.ts'
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
  /** Stages whose usage plans or their keys were changed. */
  readonly plannedStages: ReadonlySet<string>
}

export function touchedApis(
  changes: readonly Change[],
  planned: readonly PlannedStage[] = [],
): TouchedApi[] {
  const byApi = new Map<string, Touches>()
  const touchesOf = (scope: Scope, apiId: string): Touches => {
    const name = JSON.stringify([scope.accountId, scope.region, apiId])
    const touches = byApi.get(name) ?? { scope, apiId, changes: [], planned: new Set() }
    byApi.set(name, touches)
    return touches
  }
  for (const change of changes) {
    const { kind, parent, id } = change.key
    if (kind !== 'stage' && !DRAFT_KINDS.has(kind)) continue
    touchesOf(change.scope, kind === 'api' ? id : parent).changes.push(change)
  }
  for (const { scope, apiId, stageName } of planned) touchesOf(scope, apiId).planned.add(stageName)
  return [...byApi.values()].map(touchedBy)
}

interface Touches {
  readonly scope: Scope
  readonly apiId: string
  readonly changes: Change[]
  readonly planned: Set<string>
}

/** Changes of one API. */
function touchedBy({ scope, apiId, changes, planned }: Touches): TouchedApi {
  const stages = changes.filter((change) => change.key.kind === 'stage')
  return {
    scope,
    apiId,
    draftChanged: stages.length < changes.length,
    api: changes.find((change) => change.key.kind === 'api'),
    stagesBefore: new Map(
      stages.map((change) => [change.key.id, change.before as StageRecord | undefined]),
    ),
    plannedStages: planned,
  }
}
