/**
 * Stages: names under which an API is served, each with a deployment and settings of its own.
 *
 * These operations write the record only. What follows for the requests (the deployment of a stage that deploys by
 * itself, the document that the workers get, the refusal of what cannot be served) is done after the call, for the
 * whole batch, by `live-stages.ts`.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html
 */

import type {
  CreateStageRequest,
  CreateStageResponse,
  DeleteAccessLogSettingsRequest,
  DeleteRouteSettingsRequest,
  DeleteStageRequest,
  GetStageRequest,
  GetStageResponse,
  GetStagesRequest,
  GetStagesResponse,
  ResetAuthorizersCacheRequest,
  Stage,
  UpdateStageRequest,
  UpdateStageResponse,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { requireStageUnmapped } from './mapped-domains.ts'
import { mergeEntries, mergePatch, withoutUndefined } from './merge-patch.ts'
import { requireApi, requireChild } from './not-found.ts'
import { listPage } from './paging.ts'
import { requireRoom } from './quota.ts'
import type { StageRecord } from './records.ts'
import {
  checkOneRoute,
  checkRouteSettings,
  mergeAccessLog,
  noSuchRoute,
  PLAIN_ROUTE_SETTINGS,
} from './stage-settings.ts'
import { checkStageVariables } from './stage-variables.ts'
import { checkedTags } from './tag-rules.ts'

export const stageOperations = {
  CreateStage: write<CreateStageRequest, CreateStageResponse>(createStage),
  GetStage: read<GetStageRequest, GetStageResponse>(getStage),
  GetStages: read<GetStagesRequest, GetStagesResponse>(getStages),
  UpdateStage: write<UpdateStageRequest, UpdateStageResponse>(updateStage),
  DeleteStage: write<DeleteStageRequest, object>(deleteStage),
  DeleteAccessLogSettings: write<DeleteAccessLogSettingsRequest, object>(deleteAccessLogSettings),
  DeleteRouteSettings: write<DeleteRouteSettingsRequest, object>(deleteRouteSettings),
  ResetAuthorizersCache: write<ResetAuthorizersCacheRequest, object>(resetAuthorizersCache),
}

/** A new stage, with the defaults of CreateStage. What it is made of must have been checked. */
export function newStageRecord(
  stageName: string,
  now: Date,
  settings: Partial<StageRecord>,
): StageRecord {
  const time = now.toISOString()
  return {
    CreatedDate: time,
    DefaultRouteSettings: PLAIN_ROUTE_SETTINGS,
    LastUpdatedDate: time,
    RouteSettings: {},
    StageName: stageName,
    StageVariables: {},
    Tags: {},
    servedRevision: 0,
    ...settings,
  }
}

async function createStage(
  request: CreateStageRequest,
  context: WriteContext,
): Promise<CreateStageResponse> {
  const { ApiId: apiId = '', StageName: name = '', DeploymentId } = request
  await requireApi(context, apiId)
  await requireFreeName(context, apiId, name)
  refuseClientCertificate(request.ClientCertificateId)
  if (request.AutoDeploy === true && DeploymentId) throw deploysByItself(name)
  if (DeploymentId) {
    await requireChild(context, { kind: 'deployment', apiId, id: DeploymentId })
  }
  const { StageVariables = {}, DefaultRouteSettings = {}, RouteSettings = {} } = request
  const { limits } = context.settings
  checkStageVariables(StageVariables, limits)
  checkOneRoute(DefaultRouteSettings)
  await checkRouteSettings(context.records, apiId, RouteSettings)
  const record = newStageRecord(name, context.now, {
    ...withoutUndefined({
      AccessLogSettings: mergeAccessLog(undefined, request.AccessLogSettings, limits),
      AutoDeploy: request.AutoDeploy,
      DeploymentId: DeploymentId || undefined,
      Description: request.Description || undefined,
    }),
    DefaultRouteSettings: { ...PLAIN_ROUTE_SETTINGS, ...DefaultRouteSettings },
    RouteSettings,
    StageVariables,
    Tags: { ...checkedTags(context, request.Tags) },
  })
  await putStage(context, apiId, record)
  return shownStage(record)
}

async function getStage(request: GetStageRequest, context: ReadContext): Promise<GetStageResponse> {
  return shownStage(await requireStage(context, request))
}

async function getStages(
  request: GetStagesRequest,
  context: ReadContext,
): Promise<GetStagesResponse> {
  await requireApi(context, request.ApiId)
  const place = { kind: 'stage', parent: request.ApiId!, request } as const
  return listPage<StageRecord, Stage>(context, place, shownStage)
}

async function updateStage(
  request: UpdateStageRequest,
  context: WriteContext,
): Promise<UpdateStageResponse> {
  const before = await requireStage(context, request)
  const { ApiId: apiId = '', DefaultRouteSettings, RouteSettings } = request
  const { limits } = context.settings
  refuseClientCertificate(request.ClientCertificateId)
  await checkRepointing(context, before, request)
  // Entries sent as '' are taken away; the others stay.
  const StageVariables = mergeEntries(before.StageVariables, request.StageVariables) ?? {}
  checkStageVariables(StageVariables, limits)
  if (DefaultRouteSettings !== undefined) checkOneRoute(DefaultRouteSettings)
  await checkRouteSettings(context.records, apiId, RouteSettings ?? {})
  const { AccessLogSettings: log, ...others } = withoutStatus(before, request)
  const AccessLogSettings = mergeAccessLog(log, request.AccessLogSettings, limits)
  const record = mergePatch<StageRecord>(others, {
    AccessLogSettings,
    AutoDeploy: request.AutoDeploy,
    DefaultRouteSettings: DefaultRouteSettings && {
      ...PLAIN_ROUTE_SETTINGS,
      ...DefaultRouteSettings,
    },
    DeploymentId: request.DeploymentId || undefined,
    Description: request.Description,
    LastUpdatedDate: context.now.toISOString(),
    RouteSettings: { ...before.RouteSettings, ...RouteSettings },
    StageVariables,
  })
  await putStage(context, apiId, record)
  return shownStage(record)
}

/** How the last automatic deployment went says nothing about a stage that has been let go of. */
function withoutStatus(
  before: StageRecord,
  { AutoDeploy = before.AutoDeploy }: UpdateStageRequest,
) {
  if (AutoDeploy === true) return before
  const { LastDeploymentStatusMessage: _, ...stage } = before
  return stage
}

async function deleteStage(request: DeleteStageRequest, context: WriteContext): Promise<object> {
  await requireStage(context, request)
  const { ApiId: parent = '', StageName: id = '' } = request
  await requireStageUnmapped(context, { apiId: parent, stageName: id })
  await context.records.delete({ kind: 'stage', parent, id })
  return {}
}

async function deleteAccessLogSettings(
  request: DeleteAccessLogSettingsRequest,
  context: WriteContext,
): Promise<object> {
  const { AccessLogSettings: _, ...rest } = await requireStage(context, request)
  await putStage(context, request.ApiId!, { ...rest, LastUpdatedDate: context.now.toISOString() })
  return {}
}

async function deleteRouteSettings(
  request: DeleteRouteSettingsRequest,
  context: WriteContext,
): Promise<object> {
  const stage = await requireStage(context, request)
  const { [request.RouteKey!]: removed, ...RouteSettings } = stage.RouteSettings ?? {}
  if (removed === undefined) throw noSuchRoute(request.RouteKey!)
  const LastUpdatedDate = context.now.toISOString()
  await putStage(context, request.ApiId!, { ...stage, RouteSettings, LastUpdatedDate })
  return {}
}

/** Nothing is cached as long as no authorizer is asked, so there is nothing to forget. */
async function resetAuthorizersCache(
  request: ResetAuthorizersCacheRequest,
  context: WriteContext,
): Promise<object> {
  await requireStage(context, request)
  return {}
}

async function requireFreeName(context: WriteContext, apiId: string, name: string): Promise<void> {
  const key = { kind: 'stage', parent: apiId, id: name }
  if ((await context.records.get(key)) !== undefined) {
    throw new ServiceError('ConflictException', 'Stage already exists')
  }
  const noun = 'stages for this API'
  await requireRoom(context, { kind: 'stage', parent: apiId, limit: 'stagesPerApi', noun })
}

/** A stage that deploys by itself says itself where it points. */
async function checkRepointing(
  context: WriteContext,
  before: StageRecord,
  { ApiId: apiId, DeploymentId: id, AutoDeploy = before.AutoDeploy }: UpdateStageRequest,
): Promise<void> {
  if (!id) return
  if (AutoDeploy === true && id !== before.DeploymentId) throw deploysByItself(before.StageName!)
  await requireChild(context, { kind: 'deployment', apiId, id })
}

function refuseClientCertificate(id: string | undefined): void {
  if (id) throw invalid('ClientCertificateId is supported for WebSocket APIs only')
}

function deploysByItself(stageName: string): ServiceError {
  return invalid(
    `DeploymentId cannot be set on stage ${stageName} while AutoDeploy is on. Send AutoDeploy false with it`,
  )
}

function requireStage(
  context: ReadContext,
  { ApiId: apiId, StageName: id }: GetStageRequest,
): Promise<StageRecord> {
  return requireChild<StageRecord>(context, { kind: 'stage', apiId, id })
}

export async function putStage(
  context: Pick<WriteContext, 'records'>,
  apiId: string,
  record: StageRecord,
): Promise<void> {
  await context.records.put({ kind: 'stage', parent: apiId, id: record.StageName! }, record)
}

function shownStage({ servedRevision: _, ...stage }: StageRecord): Stage {
  const { CreatedDate, LastUpdatedDate } = stage
  return {
    ...stage,
    CreatedDate: new Date(CreatedDate!),
    LastUpdatedDate: new Date(LastUpdatedDate!),
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
