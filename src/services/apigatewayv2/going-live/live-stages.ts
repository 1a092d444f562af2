/**
 * What goes live: after every batch of writes, the stages that serve something else from now on.
 *
 * Runs inside the transaction of the batch. First the stages that deploy by themselves follow the draft
 * (`auto-deployment.ts`), then every stage whose document changes gets a new revision and its document
 * (`stage-document.ts`). Fail closed: a stage that cannot be served as it is written throws, and nothing of the batch
 * stays. Stages whose document is as it was are not returned, so that a tag compiles nothing.
 */

import { ServiceError } from '../../../aws/service-error.ts'
import type { HttpApiStage } from '../../../domain/http-api.ts'
import type { Limits } from '../../../domain/limits.ts'
import type {
  Reader,
  Records,
  Scope,
  Transaction,
  WritableRecords,
} from '../../../storage/store.ts'
import { stagePlans, stagesOfChangedPlans } from '../../apigateway/plan-documents.ts'
import type {
  AfterContext,
  LiveStages,
  RefusedStage,
  StageChanges,
  StageKey,
} from '../../live-stages.ts'
import type { ServiceSettings } from '../../service.ts'
import { isSameContent } from '../draft/same-content.ts'
import type { ApiRecord, StageRecord } from '../records.ts'
import { putStage } from '../stage.ts'
import { followDraft } from './auto-deployment.ts'
import { FrozenDefinitions } from './frozen-definitions.ts'
import { type StageDocument, stageDocument, stageRefusals } from './stage-document.ts'
import { type TouchedApi, touchedApis } from './touched-apis.ts'

/** More reasons than these are counted only. */
const REASONS_MAX = 50

export function apiGatewayV2Stages({ limits }: Pick<ServiceSettings, 'limits'>): LiveStages {
  return {
    async after(transaction: Transaction, context: AfterContext): Promise<StageChanges> {
      const live: HttpApiStage[] = []
      const gone: StageKey[] = []
      const planned = await stagesOfChangedPlans(transaction)
      for (const touched of touchedApis(transaction.changes(), planned)) {
        const records = transaction.in(touched.scope)
        const changes = await new ApiFollower(touched, records, limits).follow(context)
        live.push(...changes.live)
        gone.push(...changes.gone)
      }
      return { live, gone }
    },
    all: (reader) => everyStage(reader, limits),
  }
}

/** One API after one batch. */
class ApiFollower {
  readonly #touched: TouchedApi
  readonly #records: WritableRecords
  readonly #limits: Limits
  readonly #definitions: FrozenDefinitions

  constructor(touched: TouchedApi, records: WritableRecords, limits: Limits) {
    this.#touched = touched
    this.#records = records
    this.#limits = limits
    this.#definitions = new FrozenDefinitions(records, touched.apiId)
  }

  async follow(context: AfterContext): Promise<StageChanges> {
    const { apiId } = this.#touched
    const key = { kind: 'api', parent: '', id: apiId }
    const api = await this.#records.get<ApiRecord>(key)
    if (api === undefined) return { live: [], gone: this.#gone([]) }
    const page = await this.#records.list<StageRecord>('stage', apiId)
    const stages = page.records.map(({ body }) => body)
    if (api.body.source?.parked === true) return { live: [], gone: this.#parked(stages) }
    const followed = await this.#autoDeploy(stages, context)
    const live: HttpApiStage[] = []
    for (const [i, stage] of followed.entries()) {
      const document = await this.#publish(api.body, stage, stages[i]!)
      if (document !== undefined) live.push(document)
    }
    return { live, gone: this.#gone(stages) }
  }

  /** Stages that were served and are not there any more. */
  #gone(stages: readonly StageRecord[]): StageKey[] {
    const serving = stages.filter(({ DeploymentId }) => DeploymentId !== undefined)
    const names = new Set(serving.map(({ StageName }) => StageName))
    const gone: StageKey[] = []
    for (const [stageName, before] of this.#touched.stagesBefore) {
      if (before?.DeploymentId === undefined || names.has(stageName)) continue
      gone.push({ apiId: this.#touched.apiId, stageName })
    }
    return gone
  }

  /** Nothing of a parked API is served; what was is gone. */
  #parked(stages: readonly StageRecord[]): StageKey[] {
    const { apiId } = this.#touched
    const served = stages.filter(({ DeploymentId }) => DeploymentId !== undefined)
    return [...this.#gone([]), ...served.map(({ StageName }) => ({ apiId, stageName: StageName! }))]
  }

  async #autoDeploy(
    stages: readonly StageRecord[],
    { now, newId }: AfterContext,
  ): Promise<readonly StageRecord[]> {
    const { apiId, draftChanged, stagesBefore } = this.#touched
    for (const stage of stages) this.#refuseEarly(stage)
    const concerns = stages.some(
      ({ AutoDeploy, StageName }) =>
        AutoDeploy === true && (draftChanged || stagesBefore.has(StageName!)),
    )
    if (!concerns) return stages
    const writer = { records: this.#records, now, newId }
    const keptMax = this.#limits.automaticDeploymentsPerApi
    return followDraft(writer, { apiId, stages, definitions: this.#definitions, keptMax })
  }

  /** Or the next route would be refused for what this call has asked for. */
  #refuseEarly(stage: StageRecord): void {
    const isTouched = this.#touched.stagesBefore.has(stage.StageName!)
    if (stage.AutoDeploy !== true || stage.DeploymentId !== undefined || !isTouched) return
    const reasons = stageRefusals(stage, this.#limits)
    if (reasons.length > 0) throw refusal(this.#touched.apiId, stage, reasons)
  }

  /** Writes the stage where it changed; returns its document where that changed. */
  async #publish(
    api: ApiRecord,
    stage: StageRecord,
    written: StageRecord,
  ): Promise<HttpApiStage | undefined> {
    const { stagesBefore, apiId } = this.#touched
    const name = stage.StageName!
    const before = stagesBefore.has(name) ? stagesBefore.get(name) : written
    const isServedAnew =
      stage.DeploymentId !== undefined &&
      (before === undefined ||
        this.#isApiServedAnew() ||
        this.#touched.plannedStages.has(name) ||
        !isSameContent(served(before), served(stage)))
    if (!isServedAnew) {
      if (stage !== written) await putStage({ records: this.#records }, apiId, stage)
      return undefined
    }
    // A stage that was deleted and made again in one batch must not get a revision that it has had.
    const servedRevision = Math.max(before?.servedRevision ?? 0, stage.servedRevision ?? 0) + 1
    const revised = { ...stage, servedRevision }
    await putStage({ records: this.#records }, apiId, revised)
    const { scope } = this.#touched
    const published = { scope, api, stage: revised, limits: this.#limits, records: this.#records }
    const made = await documentOf(published, this.#definitions)
    if (made.kind === 'document') return made.document
    throw refusal(apiId, stage, made.reasons)
  }

  #isApiServedAnew(): boolean {
    const { api } = this.#touched
    const [before, after] = [api?.before, api?.after] as (ApiRecord | undefined)[]
    return before?.Name !== after?.Name || before?.source?.parked !== after?.source?.parked
  }
}

/** The members of a stage that its document is made from. */
function served(stage: StageRecord): object {
  const { DeploymentId, StageVariables, DefaultRouteSettings, RouteSettings } = stage
  const { AccessLogSettings } = stage
  return {
    DeploymentId,
    StageVariables,
    DefaultRouteSettings,
    RouteSettings,
    format: AccessLogSettings?.Format,
    destination: AccessLogSettings?.DestinationArn,
  }
}

interface Published {
  readonly scope: Scope
  readonly api: ApiRecord
  readonly stage: StageRecord
  readonly limits: Limits
  readonly records: Records
}

async function documentOf(
  { scope, api, stage, limits, records }: Published,
  definitions: FrozenDefinitions,
): Promise<StageDocument> {
  const definition = await definitions.get(stage.DeploymentId!)
  if (definition === undefined) {
    return { kind: 'refused', reasons: [`deployment ${stage.DeploymentId} does not exist`] }
  }
  const apiId = api.ApiId!
  const usagePlans = await stagePlans(records, { apiId, stageName: stage.StageName!, limits })
  const source = { scope, apiId, apiName: api.Name!, definition, stage, limits, usagePlans }
  return stageDocument(source)
}

async function everyStage(
  reader: Reader,
  limits: Limits,
): Promise<{ live: HttpApiStage[]; refused: RefusedStage[] }> {
  const live: HttpApiStage[] = []
  const refused: RefusedStage[] = []
  for (const { scope, parent: apiId, id: stageName, body } of await stagesOf(reader)) {
    const records = reader.in(scope)
    const api = await records.get<ApiRecord>({ kind: 'api', parent: '', id: apiId })
    if (api?.body.source?.parked === true) continue
    const made: StageDocument =
      api === undefined
        ? { kind: 'refused', reasons: [`API ${apiId} does not exist`] }
        : await documentOf(
            { scope, api: api.body, stage: body, limits, records },
            new FrozenDefinitions(records, apiId),
          )
    if (made.kind === 'document') live.push(made.document)
    else refused.push({ scope, apiId, stageName, reasons: made.reasons })
  }
  return { live, refused }
}

/** Of every account and region, those that have something to serve. */
async function stagesOf(reader: Reader): Promise<readonly StoredStage[]> {
  const stages = await reader.everywhere<StageRecord>('stage')
  return stages.filter(({ body }) => body.DeploymentId !== undefined)
}

interface StoredStage {
  readonly scope: Scope
  readonly parent: string
  readonly id: string
  readonly body: StageRecord
}

function refusal(apiId: string, stage: StageRecord, reasons: readonly string[]): ServiceError {
  const told = reasons.slice(0, REASONS_MAX)
  const more = reasons.length - told.length
  const rest = more === 0 ? '' : `; and ${more} more reasons`
  return new ServiceError(
    'BadRequestException',
    `Stage ${stage.StageName} of API ${apiId} cannot be served: ${told.join('; ')}${rest}`,
  )
}
