/** What is changed of a load balancer: its attributes, subnets, security groups, address type. */

import type {
  DescribeLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesInput,
  SetIpAddressTypeInput,
  SetSecurityGroupsInput,
  SetSubnetsInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { read, type WriteContext, write } from '../service.ts'
import { keyOf } from './arn.ts'
import { changedAttributes, shownAttributes } from './attributes.ts'
import { invalid, notSupported } from './errors.ts'
import { loadBalancerOf } from './found.ts'
import { LOAD_BALANCER_ATTRIBUTES, withoutCrossZone } from './load-balancer-attributes.ts'
import type { LoadBalancerRecord } from './records.ts'
import { zonesOf } from './zones.ts'

export const loadBalancerSettingOperations = {
  DescribeLoadBalancerAttributes: read<DescribeLoadBalancerAttributesInput, object>(
    async ({ LoadBalancerArn }, context) => shown(await loadBalancerOf(context, LoadBalancerArn!)),
  ),

  ModifyLoadBalancerAttributes: write<ModifyLoadBalancerAttributesInput, object>(
    async ({ LoadBalancerArn, Attributes = [] }, context) => {
      const record = await loadBalancerOf(context, LoadBalancerArn!)
      const { Type: type } = record.view
      const attributes = changedAttributes(LOAD_BALANCER_ATTRIBUTES, record.attributes, {
        changes: withoutCrossZone(Attributes, type),
        type,
      })
      return shown(await put({ ...record, attributes }, context))
    },
  ),

  SetSubnets: write<SetSubnetsInput, object>(async (request, context) => {
    const record = await loadBalancerOf(context, request.LoadBalancerArn!)
    if (request.EnablePrefixForIpv6SourceNat === 'on') {
      throw notSupported('EnablePrefixForIpv6SourceNat')
    }
    const AvailabilityZones = zonesOf(request, context.scope)
    const { IpAddressType = record.view.IpAddressType } = request
    const view = { ...record.view, AvailabilityZones, IpAddressType: IpAddressType ?? 'ipv4' }
    await put({ ...record, view }, context)
    return { AvailabilityZones, IpAddressType }
  }),

  SetSecurityGroups: write<SetSecurityGroupsInput, object>(async (request, context) => {
    const record = await loadBalancerOf(context, request.LoadBalancerArn!)
    const { SecurityGroups = [] } = request
    for (const id of SecurityGroups) {
      if (!/^sg-[a-z0-9]{1,32}$/.test(id)) throw invalid(`The security group '${id}' is not valid`)
    }
    await put({ ...record, view: { ...record.view, SecurityGroups } }, context)
    return { SecurityGroupIds: SecurityGroups }
  }),

  SetIpAddressType: write<SetIpAddressTypeInput, object>(async (request, context) => {
    const record = await loadBalancerOf(context, request.LoadBalancerArn!)
    const { IpAddressType = 'ipv4' } = request
    await put({ ...record, view: { ...record.view, IpAddressType } }, context)
    return { IpAddressType }
  }),
}

async function put(
  record: LoadBalancerRecord,
  { records }: WriteContext,
): Promise<LoadBalancerRecord> {
  await records.put(keyOf('loadbalancer', record.view.LoadBalancerArn), record)
  return record
}

function shown({ view, attributes }: LoadBalancerRecord): object {
  return { Attributes: shownAttributes(LOAD_BALANCER_ATTRIBUTES, attributes, view.Type) }
}
