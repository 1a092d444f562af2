/**
 * VPC links: records of the private networks that integrations shall reach. None is connected yet, and their status
 * says so.
 *
 * Subnets and security groups cannot be changed once a link is made.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vpc-links.html
 */

import type {
  CreateVpcLinkRequest,
  CreateVpcLinkResponse,
  DeleteVpcLinkRequest,
  DeleteVpcLinkResponse,
  GetVpcLinkRequest,
  GetVpcLinkResponse,
  GetVpcLinksRequest,
  GetVpcLinksResponse,
  Integration,
  UpdateVpcLinkRequest,
  UpdateVpcLinkResponse,
  VpcLink,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { withoutUndefined } from './merge-patch.ts'
import { newChildId } from './new-id.ts'
import { requireRecord } from './not-found.ts'
import { listAll, listPage } from './paging.ts'
import { requireRoom } from './quota.ts'
import type { DeploymentDefinitionRecord, StageRecord, VpcLinkRecord } from './records.ts'
import { checkedTags } from './tag-rules.ts'

const NOT_CONNECTED =
  'Recorded, but not connected yet: a stage whose integrations use VPC links is not served by this version of Postern.'

export const vpcLinkOperations = {
  CreateVpcLink: write<CreateVpcLinkRequest, CreateVpcLinkResponse>(createVpcLink),
  DeleteVpcLink: write<DeleteVpcLinkRequest, DeleteVpcLinkResponse>(deleteVpcLink),
  GetVpcLink: read<GetVpcLinkRequest, GetVpcLinkResponse>(getVpcLink),
  GetVpcLinks: read<GetVpcLinksRequest, GetVpcLinksResponse>(getVpcLinks),
  UpdateVpcLink: write<UpdateVpcLinkRequest, UpdateVpcLinkResponse>(updateVpcLink),
}

async function createVpcLink(
  request: CreateVpcLinkRequest,
  context: WriteContext,
): Promise<CreateVpcLinkResponse> {
  const subnetIds = request.SubnetIds!
  if (subnetIds.length === 0) {
    throw new ServiceError('BadRequestException', 'At least one subnet is required (subnetIds)')
  }
  const record: VpcLinkRecord = {
    CreatedDate: context.now.toISOString(),
    Name: request.Name,
    SecurityGroupIds: checkedIds('securityGroupIds', request.SecurityGroupIds ?? []),
    SubnetIds: checkedIds('subnetIds', subnetIds),
    Tags: checkedTags(context, request.Tags),
    VpcLinkId: await newChildId(context, 'vpc-link', ''),
  }
  const noun = 'VPC links in this region'
  await requireRoom(context, { kind: 'vpc-link', parent: '', limit: 'vpcLinksPerRegion', noun })
  return put(context, record)
}

async function getVpcLink(
  request: GetVpcLinkRequest,
  context: ReadContext,
): Promise<GetVpcLinkResponse> {
  return show(await requireVpcLink(context, request.VpcLinkId))
}

async function getVpcLinks(
  request: GetVpcLinksRequest,
  context: ReadContext,
): Promise<GetVpcLinksResponse> {
  return listPage<VpcLinkRecord, VpcLink>(context, { kind: 'vpc-link', parent: '', request }, show)
}

async function updateVpcLink(
  request: UpdateVpcLinkRequest,
  context: WriteContext,
): Promise<UpdateVpcLinkResponse> {
  const record = await requireVpcLink(context, request.VpcLinkId)
  return put(context, { ...record, Name: request.Name ?? record.Name })
}

async function deleteVpcLink(
  request: DeleteVpcLinkRequest,
  context: WriteContext,
): Promise<DeleteVpcLinkResponse> {
  const { VpcLinkId: id } = await requireVpcLink(context, request.VpcLinkId)
  const users = await usersOf(context, id!)
  if (users.length > 0) {
    throw new ServiceError(
      'BadRequestException',
      `Cannot delete vpc link. Vpc link '${id}' is referenced by ${users.join(', ')}`,
    )
  }
  await context.records.delete({ kind: 'vpc-link', parent: '', id: id! })
  return {}
}

/** Integrations of drafts, and those that a stage serves though the draft has moved on. */
async function usersOf(context: ReadContext, vpcLinkId: string): Promise<string[]> {
  const users = new Set<string>()
  for (const { id: apiId } of await listAll(context, { kind: 'api', parent: '' })) {
    const drafts = await listAll<Integration>(context, { kind: 'integration', parent: apiId })
    const served = await servedIntegrations(context, apiId)
    for (const integration of [...drafts.map(({ body }) => body), ...served]) {
      if (integration.ConnectionId !== vpcLinkId) continue
      users.add(`integration ${integration.IntegrationId} of API ${apiId}`)
    }
  }
  return [...users]
}

async function servedIntegrations(context: ReadContext, apiId: string): Promise<Integration[]> {
  const integrations: Integration[] = []
  for (const { body } of await listAll<StageRecord>(context, { kind: 'stage', parent: apiId })) {
    if (body.DeploymentId === undefined) continue
    const key = { kind: 'deployment-definition', parent: apiId, id: body.DeploymentId }
    const frozen = await context.records.get<DeploymentDefinitionRecord>(key)
    integrations.push(...(frozen?.body.integrations ?? []))
  }
  return integrations
}

function checkedIds(member: string, ids: readonly string[]): string[] {
  const wrong = ids.find((id) => !/^[\w-]{1,255}$/.test(id))
  if (wrong === undefined) return [...new Set(ids)]
  throw new ServiceError('BadRequestException', `Invalid id specified (${member}): "${wrong}"`)
}

function requireVpcLink(context: ReadContext, id: string | undefined): Promise<VpcLinkRecord> {
  return requireRecord<VpcLinkRecord>(context, 'vpc-link', id)
}

async function put(context: WriteContext, record: VpcLinkRecord): Promise<VpcLink> {
  await context.records.put({ kind: 'vpc-link', parent: '', id: record.VpcLinkId! }, record)
  return show(record)
}

function show({ CreatedDate, ...record }: VpcLinkRecord): VpcLink {
  return withoutUndefined({
    ...record,
    CreatedDate: CreatedDate === undefined ? undefined : new Date(CreatedDate),
    VpcLinkStatus: 'PENDING' as const,
    VpcLinkStatusMessage: NOT_CONNECTED,
    VpcLinkVersion: 'V2' as const,
  }) as VpcLink
}
