/**
 * VPC links: the private networks that integrations reach. One that agents serve (`services/links`) has the status of its
 * agents; any other stands for networks that the gateway reaches by itself.
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
import { type LinkCondition, linkConditions, READY } from '../links/link-condition.ts'
import { deleteReach, newLinkId } from '../links/link-reach.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { withoutUndefined } from './merge-patch.ts'
import { requireRecord } from './not-found.ts'
import { listAll, listPage } from './paging.ts'
import { requireRoom } from './quota.ts'
import type { DeploymentDefinitionRecord, StageRecord, VpcLinkRecord } from './records.ts'
import { checkedTags } from './tag-rules.ts'

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
    VpcLinkId: await newLinkId(context),
  }
  const noun = 'VPC links in this region'
  await requireRoom(context, { kind: 'vpc-link', parent: '', limit: 'vpcLinksPerRegion', noun })
  await putVpcLink(context, record)
  // As AWS: it can be used when this call has returned.
  return show(record, { status: 'PENDING', message: 'VPC link is provisioning resources' })
}

async function getVpcLink(
  request: GetVpcLinkRequest,
  context: ReadContext,
): Promise<GetVpcLinkResponse> {
  return showNow(context, await requireVpcLink(context, request.VpcLinkId))
}

async function getVpcLinks(
  request: GetVpcLinksRequest,
  context: ReadContext,
): Promise<GetVpcLinksResponse> {
  const conditions = await linkConditions(context)
  const place = { kind: 'vpc-link', parent: '', request } as const
  return listPage<VpcLinkRecord, VpcLink>(context, place, (record) =>
    show(record, conditions.get(record.VpcLinkId!) ?? READY),
  )
}

async function updateVpcLink(
  request: UpdateVpcLinkRequest,
  context: WriteContext,
): Promise<UpdateVpcLinkResponse> {
  const record = await requireVpcLink(context, request.VpcLinkId)
  const renamed = { ...record, Name: request.Name ?? record.Name }
  await putVpcLink(context, renamed)
  return showNow(context, renamed)
}

async function deleteVpcLink(
  request: DeleteVpcLinkRequest,
  context: WriteContext,
): Promise<DeleteVpcLinkResponse> {
  const { VpcLinkId: id } = await requireVpcLink(context, request.VpcLinkId)
  const users = await linkUsers(context, id!)
  if (users.length > 0) {
    throw new ServiceError(
      'BadRequestException',
      `Cannot delete vpc link. Vpc link '${id}' is referenced by ${users.join(', ')}`,
    )
  }
  await context.records.delete({ kind: 'vpc-link', parent: '', id: id! })
  await deleteReach(context, id!)
  return {}
}

/** Integrations of drafts, and those that a stage serves though the draft has moved on. */
export async function linkUsers(context: ReadContext, vpcLinkId: string): Promise<string[]> {
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

export function requireVpcLink(
  context: ReadContext,
  id: string | undefined,
): Promise<VpcLinkRecord> {
  return requireRecord<VpcLinkRecord>(context, 'vpc-link', id)
}

export async function putVpcLink(context: WriteContext, record: VpcLinkRecord): Promise<void> {
  await context.records.put({ kind: 'vpc-link', parent: '', id: record.VpcLinkId! }, record)
}

async function showNow(context: ReadContext, record: VpcLinkRecord): Promise<VpcLink> {
  const conditions = await linkConditions(context)
  return show(record, conditions.get(record.VpcLinkId!) ?? READY)
}

function show({ CreatedDate, ...record }: VpcLinkRecord, condition: LinkCondition): VpcLink {
  return withoutUndefined({
    ...record,
    CreatedDate: CreatedDate === undefined ? undefined : new Date(CreatedDate),
    VpcLinkStatus: condition.status,
    VpcLinkStatusMessage: condition.message,
    VpcLinkVersion: 'V2' as const,
  }) as VpcLink
}
