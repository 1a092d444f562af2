/**
 * A definition to a stage, within one transaction: what `postern up`, `postern deploy` and the native service do.
 *
 * Finds or makes the API, puts the definition in the place of its draft, makes the stage what the definition says, and
 * points it to a deployment of it. When nothing has changed nothing is written: the stage goes on with the deployment
 * that it has. Whether it can be served is decided after the call, as for every change (`live-stages.ts`).
 */

import { ServiceError } from '../../../aws/service-error.ts'
import type { HttpApiDefinition, StageSettings } from '../../../domain/http-api-definition.ts'
import type { WriteContext } from '../../service.ts'
import { putNewApi } from '../api.ts'
import { findGap, freeze } from '../deployment.ts'
import { withoutUndefined } from '../merge-patch.ts'
import { listAll } from '../paging.ts'
import { requireRoom } from '../quota.ts'
import type { ApiRecord, StageRecord } from '../records.ts'
import { newStageRecord, putStage } from '../stage.ts'
import { PLAIN_ROUTE_SETTINGS } from '../stage-settings.ts'
import { readDraft, servesSame } from './draft.ts'
import { replaceDraft } from './draft-replacement.ts'
import { isSameContent } from './same-content.ts'

export interface DefinitionDeployment {
  /** Judged by its reader: the importer that enforces everything, or `definition-rules.ts`. */
  readonly definition: HttpApiDefinition
  /**
   * The variables and the detailed metrics become what is said here, also when that is nothing; other members that are
   * undefined stay as they are on a stage that exists.
   */
  readonly stageSettings: StageSettings
  /** The API to replace, or the id of the one to make. */
  readonly apiId?: string
  /** Without `apiId`: the only API of this name, or a new one. Default: the name in the definition. */
  readonly apiName?: string
  readonly stageName: string
}

export interface DeployedDefinition {
  readonly apiId: string
  readonly stageName: string
  readonly deploymentId: string
  /** The API was made by this call. */
  readonly created: boolean
}

export async function deployDefinition(
  context: WriteContext,
  deployment: DefinitionDeployment,
): Promise<DeployedDefinition> {
  const { stageName } = deployment
  const name = deployment.apiName ?? deployment.definition.api.Name ?? ''
  const { api, ...rest } = deployment.definition
  const definition = { ...rest, api: { ...api, Name: name } }
  const gap = findGap(definition)
  if (gap !== undefined) throw new ServiceError('BadRequestException', gap)
  const known = await findApi(context, deployment.apiId, name)
  const apiId = known ?? (await makeApi(context, deployment.apiId, definition))
  await replaceDraft(context, apiId, definition)
  const deploymentId = await deployTo(context, apiId, deployment)
  return { apiId, stageName, deploymentId, created: known === undefined }
}

async function findApi(
  context: WriteContext,
  apiId: string | undefined,
  name: string,
): Promise<string | undefined> {
  if (apiId !== undefined) {
    return (await context.records.get({ kind: 'api', parent: '', id: apiId }))?.id
  }
  const apis = await listAll<ApiRecord>(context, { kind: 'api', parent: '' })
  const named = apis.filter(({ body }) => body.Name === name)
  if (named.length <= 1) return named[0]?.id
  throw new ServiceError(
    'ConflictException',
    `${named.length} APIs have the name ${name}: ${named.map(({ id }) => id).join(', ')}. Say which by its id`,
  )
}

async function makeApi(
  context: WriteContext,
  wanted: string | undefined,
  { api }: HttpApiDefinition,
): Promise<string> {
  if (wanted !== undefined && !(await context.isApiIdFree(wanted))) {
    throw new ServiceError(
      'ConflictException',
      `The API id ${wanted} belongs to an API of another account or region`,
    )
  }
  return (await putNewApi(context, api, wanted)).ApiId!
}

/** Id of the deployment that the stage serves from now on. */
async function deployTo(
  context: WriteContext,
  apiId: string,
  { stageName, stageSettings }: DefinitionDeployment,
): Promise<string> {
  const key = { kind: 'stage', parent: apiId, id: stageName }
  const before = (await context.records.get<StageRecord>(key))?.body
  const draft = await readDraft(context.records, apiId)
  const deploymentId =
    (await currentDeployment(context, apiId, { stage: before, draft })) ??
    (await freeze(context, { apiId, definition: draft })).DeploymentId!
  const stage: StageRecord = {
    ...(before ?? (await newStage(context, apiId, stageName))),
    ...settingsAfter(before, stageSettings),
    DeploymentId: deploymentId,
  }
  if (before === undefined || !isSameContent(before, stage)) {
    await putStage(context, apiId, { ...stage, LastUpdatedDate: context.now.toISOString() })
  }
  return deploymentId
}

/** What a definition makes of the settings of a stage, which may exist or not. */
export function settingsAfter(
  before: StageRecord | undefined,
  stageSettings: StageSettings,
): Omit<StageSettings, 'StageName'> {
  const { StageName: _, DefaultRouteSettings, ...settings } = withoutUndefined(stageSettings)
  return {
    ...settings,
    DefaultRouteSettings: {
      ...before?.DefaultRouteSettings,
      ...PLAIN_ROUTE_SETTINGS,
      ...DefaultRouteSettings,
    },
  }
}

/** As the console of AWS has it: `$default` follows every change of the API, other stages are deployed to. */
async function newStage(
  context: WriteContext,
  apiId: string,
  stageName: string,
): Promise<StageRecord> {
  const noun = 'stages for this API'
  await requireRoom(context, { kind: 'stage', parent: apiId, limit: 'stagesPerApi', noun })
  return newStageRecord(
    stageName,
    context.now,
    stageName === '$default' ? { AutoDeploy: true } : {},
  )
}

async function currentDeployment(
  { records }: WriteContext,
  apiId: string,
  { stage, draft }: { stage: StageRecord | undefined; draft: HttpApiDefinition },
): Promise<string | undefined> {
  const id = stage?.DeploymentId
  if (id === undefined) return undefined
  const key = { kind: 'deployment-definition', parent: apiId, id }
  const frozen = await records.get<HttpApiDefinition>(key)
  return frozen !== undefined && servesSame(frozen.body, draft) ? id : undefined
}
