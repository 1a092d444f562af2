/** Subnets of a load balancer: ids that are kept, each in a zone of its own. */

import type { AvailabilityZone, SubnetMapping } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '../../storage/store.ts'
import { invalid, notSupported } from './errors.ts'

const ZONES = 'abcdefghijklmnopqrstuvwxyz'

interface SubnetsRequest {
  readonly Subnets?: readonly string[] | undefined
  readonly SubnetMappings?: readonly SubnetMapping[] | undefined
}

export function zonesOf(
  { Subnets, SubnetMappings }: SubnetsRequest,
  { region }: Scope,
): AvailabilityZone[] {
  if (Subnets?.length && SubnetMappings?.length) {
    throw invalid('You must specify either subnets or subnet mappings, but not both')
  }
  for (const { SubnetId: _, ...rest } of SubnetMappings ?? []) {
    const [member] = Object.keys(rest)
    if (member !== undefined) throw notSupported(`SubnetMappings with ${member}`)
  }
  const ids = Subnets ?? SubnetMappings?.map(({ SubnetId = '' }) => SubnetId) ?? []
  if (new Set(ids).size < ids.length) throw invalid('A subnet cannot be specified twice')
  if (ids.length > ZONES.length) throw invalid(`At most ${ZONES.length} subnets can be specified`)
  return ids.map((SubnetId, i) => ({
    ZoneName: `${region}${ZONES[i]}`,
    SubnetId: checked(SubnetId),
    LoadBalancerAddresses: [],
  }))
}

function checked(id: string): string {
  if (/^subnet-[a-z0-9]{1,32}$/.test(id)) return id
  throw invalid(`The subnet ID '${id.slice(0, 100)}' is not valid`)
}
