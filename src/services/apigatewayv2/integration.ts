/**
 * The Integration resource: where the requests of routes go.
 *
 * Checked as a whole after every change, so no order of updates leads to one that CreateIntegration would refuse.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html
 */

import type {
  CreateIntegrationRequest,
  CreateIntegrationResult,
  DeleteIntegrationRequest,
  GetIntegrationRequest,
  GetIntegrationResult,
  GetIntegrationsRequest,
  GetIntegrationsResponse,
  Integration,
  TlsConfig,
  UpdateIntegrationRequest,
  UpdateIntegrationResult,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { checkWebSocketMembers, findIntegrationProblem, withDefaults } from './integration-rules.ts'
import { mergeEntries, mergePatch, withoutUndefined } from './merge-patch.ts'
import { newChildId } from './new-id.ts'
import { requireApi, requireChild } from './not-found.ts'
import { listAll, listPage } from './paging.ts'
import { requireRoom } from './quota.ts'
import type { IntegrationRecord, RouteRecord, VpcLinkRecord } from './records.ts'

export const integrationOperations = {
  CreateIntegration: write<CreateIntegrationRequest, CreateIntegrationResult>(createIntegration),
  GetIntegration: read<GetIntegrationRequest, GetIntegrationResult>(getIntegration),
  GetIntegrations: read<GetIntegrationsRequest, GetIntegrationsResponse>(getIntegrations),
  UpdateIntegration: write<UpdateIntegrationRequest, UpdateIntegrationResult>(updateIntegration),
  DeleteIntegration: write<DeleteIntegrationRequest, object>(deleteIntegration),
}

/** Checks a new integration and stores it with the defaults of CreateIntegration. The API must be there. */
export async function putNewIntegration(
  context: WriteContext,
  apiId: string,
  integration: Integration,
): Promise<IntegrationRecord> {
  const place = { kind: 'integration', parent: apiId } as const
  const noun = 'Integrations for this API'
  await requireRoom(context, { ...place, limit: 'integrationsPerApi', noun })
  const IntegrationId = await newChildId(context, 'integration', apiId)
  return putIntegration(context, apiId, { ...said(integration), IntegrationId })
}

/** Checks a changed integration and stores it. */
export async function putIntegration(
  context: WriteContext,
  apiId: string,
  integration: IntegrationRecord,
): Promise<IntegrationRecord> {
  const { limits } = context.settings
  const wrong = checkWebSocketMembers(integration)
  if (wrong !== undefined) throw invalid(wrong)
  const record = withDefaults(integration, limits)
  const problem = findIntegrationProblem(record, limits) ?? (await findLinkProblem(context, record))
  if (problem !== undefined) throw invalid(problem)
  const id = record.IntegrationId!
  await context.records.put({ kind: 'integration', parent: apiId, id }, record)
  return record
}

async function createIntegration(
  { ApiId, ...integration }: CreateIntegrationRequest,
  context: WriteContext,
): Promise<CreateIntegrationResult> {
  await requireApi(context, ApiId)
  return show(await putNewIntegration(context, ApiId!, integration))
}

async function getIntegration(
  { ApiId, IntegrationId }: GetIntegrationRequest,
  context: ReadContext,
): Promise<GetIntegrationResult> {
  return show(await requireIntegration(context, ApiId, IntegrationId))
}

async function getIntegrations(
  request: GetIntegrationsRequest,
  context: ReadContext,
): Promise<GetIntegrationsResponse> {
  await requireApi(context, request.ApiId)
  const place = { kind: 'integration', parent: request.ApiId!, request } as const
  return listPage<IntegrationRecord, Integration>(context, place, show)
}

async function updateIntegration(
  { ApiId, IntegrationId, ...patch }: UpdateIntegrationRequest,
  context: WriteContext,
): Promise<UpdateIntegrationResult> {
  // Where a definition has it is not true any more of an integration that has been changed by a call.
  const { source: _source, ...before } = await requireIntegration(context, ApiId, IntegrationId)
  return show(await putIntegration(context, ApiId!, patched(before, patch)))
}

async function deleteIntegration(
  { ApiId, IntegrationId }: DeleteIntegrationRequest,
  context: WriteContext,
): Promise<object> {
  const { ApiGatewayManaged } = await requireIntegration(context, ApiId, IntegrationId)
  if (ApiGatewayManaged === true) {
    throw invalid('A managed integration cannot be deleted: UpdateApi with Target changes it')
  }
  const routes = await listAll<RouteRecord>(context, { kind: 'route', parent: ApiId! })
  const using = routes.filter(({ body }) => body.Target === `integrations/${IntegrationId}`)
  if (using.length > 0) {
    throw new ServiceError(
      'ConflictException',
      `Cannot delete Integration because it is referenced by the following Routes with Ids: [${using.map(({ id }) => id).join(', ')}]`,
    )
  }
  await context.records.delete({ kind: 'integration', parent: ApiId!, id: IntegrationId! })
  return {}
}

/** A new integration as it is said: '' and empty maps say nothing, but '' is the value of a `remove:` rule. */
function said({ TlsConfig, RequestParameters, ResponseParameters, ...others }: Integration) {
  return withoutUndefined({
    ...mergePatch<Integration>({}, others),
    RequestParameters: presentMap(RequestParameters),
    ResponseParameters: presentMap(ResponseParameters),
    TlsConfig: presentTls(TlsConfig),
  })
}

/** Maps are merged entry by entry, `TlsConfig: {}` takes the configuration away, and a link goes with its type. */
function patched(before: IntegrationRecord, patch: Integration): IntegrationRecord {
  const { TlsConfig, RequestParameters, ResponseParameters, ...others } = patch
  const { ConnectionId, ...unlinked } = before
  const kept = patch.ConnectionType === 'INTERNET' ? unlinked : before
  return withoutUndefined({
    ...mergePatch<IntegrationRecord>(kept, others),
    RequestParameters: mergeEntries(before.RequestParameters, RequestParameters),
    ResponseParameters: mergeEntries(before.ResponseParameters, ResponseParameters),
    TlsConfig: TlsConfig === undefined ? before.TlsConfig : presentTls(TlsConfig),
  })
}

function presentMap<T extends object>(map: T | undefined): T | undefined {
  return Object.keys(map ?? {}).length === 0 ? undefined : map
}

function presentTls(tls: TlsConfig | undefined): TlsConfig | undefined {
  return tls?.ServerNameToVerify ? tls : undefined
}

/** The VPC link that it names must be there. */
export async function findLinkProblem(
  { records }: ReadContext,
  { ConnectionId: id }: Integration,
): Promise<string | undefined> {
  if (id === undefined) return undefined
  const link = await records.get<VpcLinkRecord>({ kind: 'vpc-link', parent: '', id })
  return link === undefined ? `Invalid VpcLink identifier specified ${id}` : undefined
}

function requireIntegration(
  context: ReadContext,
  apiId: string | undefined,
  id: string | undefined,
): Promise<IntegrationRecord> {
  return requireChild<IntegrationRecord>(context, { kind: 'integration', apiId, id })
}

function show({ source: _source, ...integration }: IntegrationRecord): Integration {
  return integration
}

function invalid(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
