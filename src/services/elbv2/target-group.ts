/**
 * Target groups: what answers, and how it is chosen and watched.
 *
 * Targets are addresses, or, as an extension, host names (type `ip`), or instances that the setting `--instance` names.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
 */

import type {
  CreateTargetGroupInput,
  DeleteTargetGroupInput,
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupsInput,
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { elbArn, keyOf, newElbId } from './arn.ts'
import { changedAttributes, shownAttributes } from './attributes.ts'
import { invalid, notSupported } from './errors.ts'
import { loadBalancerOf, notFound, targetGroupOf } from './found.ts'
import { healthCheckOf } from './health-check.ts'
import { TARGET_GROUP } from './kinds.ts'
import { LOCAL_VPC } from './load-balancer.ts'
import { listAll, pageOf } from './pages.ts'
import type { TargetGroupRecord } from './records.ts'
import { mergedTags } from './tag-rules.ts'
import {
  DISCOVERY,
  findAttributeProblem,
  TARGET_GROUP_ATTRIBUTES,
} from './target-group-attributes.ts'
import { loadBalancersOf, usesOfTargetGroups } from './uses.ts'

export const targetGroupOperations = {
  CreateTargetGroup: write<CreateTargetGroupInput, object>(async (request, context) => {
    const view = viewOf(request, context)
    const Tags = mergedTags([], request.Tags, context.settings.limits.tagsPerResource)
    const all = await listAll<TargetGroupRecord>(context, TARGET_GROUP)
    const same = all.find((each) => each.view.TargetGroupName === view.TargetGroupName)
    if (same !== undefined) return { TargetGroups: await shown([ifTheSame(same, view)], context) }
    refuseTooMany(all.length, context)
    const record: TargetGroupRecord = { view, Tags, attributes: {}, targets: [] }
    await context.records.put(keyOf('targetgroup', view.TargetGroupArn), record)
    return { TargetGroups: [{ ...view, LoadBalancerArns: [] }] }
  }),

  DescribeTargetGroups: read<DescribeTargetGroupsInput, object>(async (request, context) => {
    const { records, rest } = await described(request, context)
    return { TargetGroups: await shown(records, context), ...rest }
  }),

  ModifyTargetGroup: write<ModifyTargetGroupInput, object>(async (request, context) => {
    const record = await targetGroupOf(context, request.TargetGroupArn!)
    const { TargetGroupArn: _, ...changes } = request
    const check = healthCheckOf({ ...record.view, ...defined(changes) }, record.view.Protocol)
    const changed = { ...record, view: { ...record.view, ...check } }
    await context.records.put(keyOf('targetgroup', record.view.TargetGroupArn), changed)
    return { TargetGroups: await shown([changed], context) }
  }),

  DeleteTargetGroup: write<DeleteTargetGroupInput, object>(async (request, context) => {
    const arn = request.TargetGroupArn!
    const record = await targetGroupOf(context, arn).catch(unlessGone)
    if (record === undefined) return {}
    const uses = await usesOfTargetGroups(context)
    if ((uses.get(arn)?.size ?? 0) > 0) {
      throw new ServiceError(
        'ResourceInUseException',
        `Target group '${arn}' is currently in use by a listener or a rule`,
      )
    }
    await context.records.delete(keyOf('targetgroup', arn))
    return {}
  }),

  DescribeTargetGroupAttributes: read<DescribeTargetGroupAttributesInput, object>(
    async ({ TargetGroupArn }, context) =>
      shownAttributesOf(await targetGroupOf(context, TargetGroupArn!)),
  ),

  ModifyTargetGroupAttributes: write<ModifyTargetGroupAttributesInput, object>(
    async ({ TargetGroupArn, Attributes = [] }, context) => {
      const record = await targetGroupOf(context, TargetGroupArn!)
      const type = typeOf(record)
      const changes = { changes: Attributes, type }
      const attributes = changedAttributes(TARGET_GROUP_ATTRIBUTES, record.attributes, changes)
      const problem = findAttributeProblem(attributes)
      if (problem !== undefined) throw invalid(problem)
      if (attributes[DISCOVERY] && record.targets.length > 0) {
        throw invalid(`The attribute ${DISCOVERY} is for target groups without registered targets`)
      }
      const changed = { ...record, attributes }
      await context.records.put(keyOf('targetgroup', record.view.TargetGroupArn), changed)
      return shownAttributesOf(changed)
    },
  ),
}

/** The type of load balancer that it is for. */
export function typeOf({ view }: TargetGroupRecord): 'application' | 'network' {
  return view.Protocol === 'HTTP' || view.Protocol === 'HTTPS' ? 'application' : 'network'
}

function viewOf(request: CreateTargetGroupInput, context: WriteContext): TargetGroupRecord['view'] {
  const { Name = '', TargetType = 'instance', Port, VpcId = LOCAL_VPC, IpAddressType } = request
  refuseUnsupported(request)
  const Protocol = request.Protocol as TargetGroupRecord['view']['Protocol']
  if (Protocol === undefined) throw invalid('A protocol must be specified')
  if (Port === undefined) throw invalid('A port must be specified')
  const isHttp = Protocol === 'HTTP' || Protocol === 'HTTPS'
  const path = `${Name}/${newElbId(context)}`
  return {
    TargetGroupArn: elbArn(context.scope, 'targetgroup', path),
    TargetGroupName: Name,
    Protocol,
    Port,
    VpcId,
    ...healthCheckOf(request, Protocol),
    TargetType: TargetType as 'instance' | 'ip',
    ...(isHttp ? { ProtocolVersion: 'HTTP1' } : {}),
    IpAddressType: IpAddressType ?? 'ipv4',
  }
}

function refuseUnsupported(request: CreateTargetGroupInput): void {
  const { Name = '', Protocol, TargetType, ProtocolVersion, TargetControlPort } = request
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(Name)) {
    throw invalid(
      `Target group name '${Name}' must be alphanumeric characters or hyphens, and must not begin or end with a hyphen`,
    )
  }
  if (TargetType === 'lambda' || TargetType === 'alb') {
    throw notSupported(`The target type '${TargetType}'`)
  }
  if (Protocol !== undefined && !['HTTP', 'HTTPS', 'TCP', 'TLS'].includes(Protocol)) {
    throw notSupported(`The protocol ${Protocol} of target groups`)
  }
  if (ProtocolVersion !== undefined && ProtocolVersion !== 'HTTP1') {
    throw notSupported(`The protocol version ${ProtocolVersion.slice(0, 20)} towards targets`)
  }
  if (TargetControlPort !== undefined) throw notSupported('TargetControlPort')
}

function ifTheSame(record: TargetGroupRecord, wanted: TargetGroupRecord['view']) {
  const settings = ({ TargetGroupArn: _, ...rest }: TargetGroupRecord['view']) =>
    JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)))
  if (settings(record.view) === settings(wanted)) return record
  throw new ServiceError(
    'DuplicateTargetGroupNameException',
    `A target group with the same name '${wanted.TargetGroupName}' exists, but with different settings`,
  )
}

function refuseTooMany(count: number, { settings }: WriteContext): void {
  const { targetGroupsPerRegion: most } = settings.limits
  if (count < most) return
  throw new ServiceError(
    'TooManyTargetGroupsException',
    `The maximum number of target groups (${most}) has been reached`,
  )
}

async function described(
  request: DescribeTargetGroupsInput,
  context: ReadContext,
): Promise<{ records: readonly TargetGroupRecord[]; rest: object }> {
  const { TargetGroupArns, Names, LoadBalancerArn } = request
  if (TargetGroupArns?.length) {
    const records = await Promise.all(TargetGroupArns.map((arn) => targetGroupOf(context, arn)))
    return { records, rest: {} }
  }
  if (Names === undefined && LoadBalancerArn === undefined) {
    const place = { kind: TARGET_GROUP, parent: '' }
    const { items, rest } = await pageOf<TargetGroupRecord>(context, place, request)
    return { records: items, rest }
  }
  const all = await listAll<TargetGroupRecord>(context, TARGET_GROUP)
  if (LoadBalancerArn === undefined) return { records: named(Names ?? [], all), rest: {} }
  await loadBalancerOf(context, LoadBalancerArn)
  const uses = await usesOfTargetGroups(context)
  const isUsed = ({ view }: TargetGroupRecord) =>
    loadBalancersOf(uses, view.TargetGroupArn).includes(LoadBalancerArn)
  return { records: all.filter(isUsed), rest: {} }
}

function named(names: readonly string[], all: readonly TargetGroupRecord[]): TargetGroupRecord[] {
  return names.map((name) => {
    const found = all.find(({ view }) => view.TargetGroupName === name)
    if (found === undefined) throw notFound('targetgroup')
    return found
  })
}

async function shown(
  records: readonly TargetGroupRecord[],
  context: ReadContext,
): Promise<object[]> {
  const uses = await usesOfTargetGroups(context)
  return records.map(({ view }) => ({
    ...view,
    LoadBalancerArns: loadBalancersOf(uses, view.TargetGroupArn),
  }))
}

function shownAttributesOf(record: TargetGroupRecord): object {
  const { attributes } = record
  return { Attributes: shownAttributes(TARGET_GROUP_ATTRIBUTES, attributes, typeOf(record)) }
}

function defined<T extends object>(members: T): Partial<T> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Partial<T>
}

function unlessGone(thrown: unknown): undefined {
  if (thrown instanceof ServiceError && thrown.code === 'TargetGroupNotFoundException') return
  throw thrown
}
