/**
 * Deployments: the draft of an API, frozen under an id that stages point to.
 *
 * The list entry and the frozen definition are two records, because lists do not need what may be large. A deployment
 * never changes but for its description; what may go live is decided when a stage points to it (`live-stages.ts`).
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-deployments.html
 */

import type {
  CreateDeploymentRequest,
  CreateDeploymentResponse,
  DeleteDeploymentRequest,
  Deployment,
  GetDeploymentRequest,
  GetDeploymentResponse,
  GetDeploymentsRequest,
  GetDeploymentsResponse,
  UpdateDeploymentRequest,
  UpdateDeploymentResponse,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import type { HttpApiDefinition } from '../../domain/http-api-definition.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { readDraft } from './draft/draft.ts'
import { integrationIdOf } from './going-live/stage-document.ts'
import { mergePatch } from './merge-patch.ts'
import { type IdSource, newChildId } from './new-id.ts'
import { requireApi, requireChild } from './not-found.ts'
import { listAll, listPage } from './paging.ts'
import type { DeploymentRecord, StageRecord } from './records.ts'

export const deploymentOperations = {
  CreateDeployment: write<CreateDeploymentRequest, CreateDeploymentResponse>(createDeployment),
  GetDeployment: read<GetDeploymentRequest, GetDeploymentResponse>(getDeployment),
  GetDeployments: read<GetDeploymentsRequest, GetDeploymentsResponse>(getDeployments),
  UpdateDeployment: write<UpdateDeploymentRequest, UpdateDeploymentResponse>(updateDeployment),
  DeleteDeployment: write<DeleteDeploymentRequest, object>(deleteDeployment),
}

export interface DeploymentWriter extends IdSource {
  readonly now: Date
}

export interface Freezing {
  readonly apiId: string
  /** Complete: `findGap` has nothing to say. */
  readonly definition: HttpApiDefinition
  readonly description?: string | undefined
  readonly autoDeployed?: boolean
}

/** Writes a new deployment of this definition. */
export async function freeze(
  writer: DeploymentWriter,
  { apiId, definition, description, autoDeployed = false }: Freezing,
): Promise<DeploymentRecord> {
  const id = await newChildId(writer, 'deployment', apiId)
  const record: DeploymentRecord = {
    AutoDeployed: autoDeployed,
    CreatedDate: writer.now.toISOString(),
    DeploymentId: id,
    DeploymentStatus: 'DEPLOYED',
    ...(description ? { Description: description } : {}),
  }
  await writer.records.put({ kind: 'deployment', parent: apiId, id }, record)
  await writer.records.put({ kind: 'deployment-definition', parent: apiId, id }, definition)
  return record
}

/** What a draft lacks to be deployed at all; undefined when nothing. */
export function findGap({ routes, integrations }: HttpApiDefinition): string | undefined {
  if (routes.length === 0) return 'Unable to deploy API because no routes exist in this API'
  const known = new Set(integrations.map(({ IntegrationId }) => IntegrationId))
  const loose = routes.filter(({ Target }) => !known.has(integrationIdOf(Target)))
  if (loose.length === 0) return undefined
  const keys = loose.slice(0, 10).map(({ RouteKey }) => RouteKey)
  const more = loose.length > keys.length ? ` and ${loose.length - keys.length} more` : ''
  return `Unable to deploy API because these routes have no target: ${keys.join(', ')}${more}`
}

async function createDeployment(
  request: CreateDeploymentRequest,
  context: WriteContext,
): Promise<CreateDeploymentResponse> {
  const apiId = request.ApiId!
  await requireApi(context, apiId)
  const stage = await stageToPoint(context, request)
  const definition = await readDraft(context.records, apiId)
  const gap = findGap(definition)
  if (gap !== undefined) throw new ServiceError('BadRequestException', gap)
  const record = await freeze(context, { apiId, definition, description: request.Description })
  if (stage !== undefined) {
    await context.records.put(
      { kind: 'stage', parent: apiId, id: stage.StageName! },
      { ...stage, DeploymentId: record.DeploymentId, LastUpdatedDate: context.now.toISOString() },
    )
  }
  return shownDeployment(record)
}

/** The stage that a new deployment goes to at once; undefined: none was named. */
async function stageToPoint(
  context: WriteContext,
  { ApiId: apiId, StageName: id }: CreateDeploymentRequest,
): Promise<StageRecord | undefined> {
  if (id === undefined || id === '') return undefined
  const stage = await requireChild<StageRecord>(context, { kind: 'stage', apiId, id })
  if (stage.AutoDeploy !== true) return stage
  throw new ServiceError(
    'BadRequestException',
    `Stage ${id} has AutoDeploy on and deploys by itself. Leave StageName out, or turn AutoDeploy off first`,
  )
}

async function getDeployment(
  request: GetDeploymentRequest,
  context: ReadContext,
): Promise<GetDeploymentResponse> {
  return shownDeployment(await requireDeployment(context, request))
}

async function getDeployments(
  request: GetDeploymentsRequest,
  context: ReadContext,
): Promise<GetDeploymentsResponse> {
  await requireApi(context, request.ApiId)
  const place = { kind: 'deployment', parent: request.ApiId!, request } as const
  return listPage<DeploymentRecord, Deployment>(context, place, shownDeployment)
}

async function updateDeployment(
  request: UpdateDeploymentRequest,
  context: WriteContext,
): Promise<UpdateDeploymentResponse> {
  const before = await requireDeployment(context, request)
  const record = mergePatch(before, { Description: request.Description })
  const key = { kind: 'deployment', parent: request.ApiId!, id: request.DeploymentId! }
  await context.records.put(key, record)
  return shownDeployment(record)
}

async function deleteDeployment(
  request: DeleteDeploymentRequest,
  context: WriteContext,
): Promise<object> {
  await requireDeployment(context, request)
  const { ApiId: parent = '', DeploymentId: id = '' } = request
  const stages = await listAll<StageRecord>(context, { kind: 'stage', parent })
  if (stages.some(({ body }) => body.DeploymentId === id)) {
    throw new ServiceError(
      'BadRequestException',
      'Active stages pointing to this deployment must be moved or deleted',
    )
  }
  await removeDeployment(context, parent, id)
  return {}
}

/** Both of its records. */
export async function removeDeployment(
  { records }: Pick<WriteContext, 'records'>,
  apiId: string,
  id: string,
): Promise<void> {
  await records.delete({ kind: 'deployment', parent: apiId, id })
  await records.delete({ kind: 'deployment-definition', parent: apiId, id })
}

function requireDeployment(
  context: ReadContext,
  { ApiId: apiId, DeploymentId: id }: GetDeploymentRequest,
): Promise<DeploymentRecord> {
  return requireChild<DeploymentRecord>(context, { kind: 'deployment', apiId, id })
}

function shownDeployment(record: DeploymentRecord): Deployment {
  return { ...record, CreatedDate: new Date(record.CreatedDate!) }
}
