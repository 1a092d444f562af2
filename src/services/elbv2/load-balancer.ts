/**
 * Load balancers: a name for listeners to hang on. Subnets, security groups and address types are kept as they are said;
 * nobody connects to a load balancer of Postern, integrations name its listeners.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
 */

import { createHash } from 'node:crypto'
import type {
  CreateLoadBalancerInput,
  DeleteLoadBalancerInput,
  DescribeLoadBalancersInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { elbArn, keyOf, newElbId, pathOf } from './arn.ts'
import { attributeOf } from './attributes.ts'
import { invalid, notPermitted, notSupported } from './errors.ts'
import { loadBalancerOf, notFound } from './found.ts'
import { LISTENER, LOAD_BALANCER } from './kinds.ts'
import { DELETION_PROTECTION, LOAD_BALANCER_ATTRIBUTES } from './load-balancer-attributes.ts'
import { listAll, pageOf } from './pages.ts'
import type { ListenerRecord, LoadBalancerRecord } from './records.ts'
import { mergedTags } from './tag-rules.ts'
import { zonesOf } from './zones.ts'

/** What stands for a network of AWS where a resource has to have one. */
export const LOCAL_VPC = 'vpc-00000000000000000'

export const loadBalancerOperations = {
  CreateLoadBalancer: write<CreateLoadBalancerInput, object>(async (request, context) => {
    refuseUnsupported(request)
    const view = viewOf(request, context)
    const Tags = mergedTags([], request.Tags, context.settings.limits.tagsPerResource)
    const all = await listAll<LoadBalancerRecord>(context, LOAD_BALANCER)
    const same = all.find((each) => each.view.LoadBalancerName === view.LoadBalancerName)
    if (same !== undefined) return { LoadBalancers: [ifTheSame(same, view)] }
    refuseTooMany(all.length, context)
    const record: LoadBalancerRecord = { view, Tags, attributes: {} }
    await context.records.put(keyOf('loadbalancer', view.LoadBalancerArn), record)
    return { LoadBalancers: [view] }
  }),

  DescribeLoadBalancers: read<DescribeLoadBalancersInput, object>(async (request, context) => {
    const { LoadBalancerArns, Names } = request
    if (LoadBalancerArns?.length) {
      const records = await Promise.all(LoadBalancerArns.map((arn) => loadBalancerOf(context, arn)))
      return { LoadBalancers: records.map(({ view }) => view) }
    }
    if (Names?.length) return { LoadBalancers: await named(Names, context) }
    const place = { kind: LOAD_BALANCER, parent: '' }
    const { items, rest } = await pageOf<LoadBalancerRecord>(context, place, request)
    return { LoadBalancers: items.map(({ view }) => view), ...rest }
  }),

  DeleteLoadBalancer: write<DeleteLoadBalancerInput, object>(async (request, context) => {
    const arn = request.LoadBalancerArn!
    // One that is not there is deleted, as AWS has it.
    const record = await loadBalancerOf(context, arn).catch(unlessGone)
    if (record === undefined) return {}
    refuseProtected(record)
    const listeners = await listAll<ListenerRecord>(context, LISTENER, pathOf(arn))
    for (const { view } of listeners) {
      await context.records.deleteChildren(pathOf(view.ListenerArn))
    }
    await context.records.deleteChildren(pathOf(arn))
    await context.records.delete(keyOf('loadbalancer', arn))
    return {}
  }),
}

function refuseUnsupported(request: CreateLoadBalancerInput): void {
  const {
    Name = '',
    Type,
    CustomerOwnedIpv4Pool,
    IpamPools,
    EnablePrefixForIpv6SourceNat,
  } = request
  if (Type === 'gateway') throw notSupported("A load balancer of the type 'gateway'")
  if (CustomerOwnedIpv4Pool) throw notSupported('CustomerOwnedIpv4Pool')
  if (IpamPools) throw notSupported('IpamPools')
  if (EnablePrefixForIpv6SourceNat === 'on') throw notSupported('EnablePrefixForIpv6SourceNat')
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(Name)) {
    throw invalid(
      `Load balancer name '${Name}' cannot be longer than '32' characters, can only contain characters that are alphanumeric characters or hyphens, and must not begin or end with a hyphen`,
    )
  }
  if (Name.startsWith('internal-')) {
    throw invalid(`Load balancer name '${Name}' cannot begin with 'internal-'`)
  }
}

function viewOf(request: CreateLoadBalancerInput, context: WriteContext) {
  const { Name = '', Type = 'application', Scheme = 'internet-facing', SecurityGroups } = request
  const id = newElbId(context)
  const path = `${Type === 'network' ? 'net' : 'app'}/${Name}/${id}`
  return {
    LoadBalancerArn: elbArn(context.scope, 'loadbalancer', path),
    DNSName: dnsName(Name, Scheme, context),
    CanonicalHostedZoneId: 'ZLOCAL000000',
    CreatedTime: context.now.toISOString(),
    LoadBalancerName: Name,
    Scheme,
    VpcId: LOCAL_VPC,
    State: { Code: 'active' as const },
    Type: Type as 'application' | 'network',
    AvailabilityZones: zonesOf(request, context.scope),
    SecurityGroups: SecurityGroups ?? [],
    IpAddressType: request.IpAddressType ?? 'ipv4',
  }
}

/** A name of nobody: below `.localhost`, so that it leads to no one else's load balancer. */
function dnsName(name: string, scheme: string, { scope }: WriteContext): string {
  const text = `${scope.accountId}/${scope.region}/${name}`
  const number = createHash('sha256').update(text).digest().readUInt32BE(0)
  return `${scheme === 'internal' ? 'internal-' : ''}${name}-${number}.${scope.region}.elb.localhost`
}

/** Making one again as it is gives the one that is there. */
function ifTheSame(
  { view }: LoadBalancerRecord,
  wanted: LoadBalancerRecord['view'],
): LoadBalancerRecord['view'] {
  const settings = ({
    Type,
    Scheme,
    AvailabilityZones,
    SecurityGroups,
    IpAddressType,
  }: LoadBalancerRecord['view']) =>
    JSON.stringify([Type, Scheme, AvailabilityZones, SecurityGroups, IpAddressType])
  if (settings(view) === settings(wanted)) return view
  throw new ServiceError(
    'DuplicateLoadBalancerNameException',
    `A load balancer with the same name '${view.LoadBalancerName}' exists, but with different settings`,
  )
}

function refuseTooMany(count: number, { settings }: WriteContext): void {
  const { loadBalancersPerRegion: most } = settings.limits
  if (count < most) return
  throw new ServiceError(
    'TooManyLoadBalancersException',
    `The maximum number of load balancers (${most}) has been reached`,
  )
}

function refuseProtected({ view, attributes }: LoadBalancerRecord): void {
  const isProtected = attributeOf(LOAD_BALANCER_ATTRIBUTES, attributes, DELETION_PROTECTION)
  if (isProtected !== 'true') return
  throw notPermitted(
    `Load balancer '${view.LoadBalancerArn}' cannot be deleted because deletion protection is enabled`,
  )
}

function unlessGone(thrown: unknown): undefined {
  if (thrown instanceof ServiceError && thrown.code === 'LoadBalancerNotFoundException') return
  throw thrown
}

async function named(names: readonly string[], context: ReadContext): Promise<object[]> {
  const all = await listAll<LoadBalancerRecord>(context, LOAD_BALANCER)
  return names.map((name) => {
    const found = all.find(({ view }) => view.LoadBalancerName === name)
    if (found === undefined) throw notFound('loadbalancer')
    return found.view
  })
}
