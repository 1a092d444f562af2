/**
 * Attributes of load balancers. Nobody connects to a load balancer of Postern: what these say about the connections of
 * clients is the gateway's to decide, so such an attribute takes its default only, or is kept where it changes nothing.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
 */

import { isBoolean, isWhole } from './attribute-checks.ts'
import type { AttributeTable } from './attributes.ts'

export const DELETION_PROTECTION = 'deletion_protection.enabled'

const app = { of: 'application' } as const
const onlyDefault = { onlyDefault: true } as const

export const LOAD_BALANCER_ATTRIBUTES: AttributeTable = {
  [DELETION_PROTECTION]: { default: 'false', check: isBoolean },
  'load_balancing.cross_zone.enabled': { default: 'true', ...onlyDefault },
  'access_logs.s3.enabled': { default: 'false', ...onlyDefault },
  'access_logs.s3.bucket': { default: '', ...onlyDefault },
  'access_logs.s3.prefix': { default: '', ...onlyDefault },
  'ipv6.deny_all_igw_traffic': { default: 'false', ...onlyDefault },
  'zonal_shift.config.enabled': { default: 'false', ...onlyDefault },
  'idle_timeout.timeout_seconds': { ...app, default: '60', check: isWhole(1, 4_000) },
  'client_keep_alive.seconds': { ...app, default: '3600', check: isWhole(60, 604_800) },
  'connection_logs.s3.enabled': { ...app, default: 'false', ...onlyDefault },
  'connection_logs.s3.bucket': { ...app, default: '', ...onlyDefault },
  'connection_logs.s3.prefix': { ...app, default: '', ...onlyDefault },
  'health_check_logs.s3.enabled': { ...app, default: 'false', ...onlyDefault },
  'health_check_logs.s3.bucket': { ...app, default: '', ...onlyDefault },
  'health_check_logs.s3.prefix': { ...app, default: '', ...onlyDefault },
  'routing.http.desync_mitigation_mode': { ...app, default: 'defensive', ...onlyDefault },
  'routing.http.drop_invalid_header_fields.enabled': {
    ...app,
    default: 'false',
    ...onlyDefault,
  },
  'routing.http.preserve_host_header.enabled': { ...app, default: 'false', ...onlyDefault },
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': {
    ...app,
    default: 'false',
    ...onlyDefault,
  },
  'routing.http.xff_client_port.enabled': { ...app, default: 'false', ...onlyDefault },
  'routing.http.xff_header_processing.mode': { ...app, default: 'append', ...onlyDefault },
  'routing.http2.enabled': { ...app, default: 'true', check: isBoolean },
  'waf.fail_open.enabled': { ...app, default: 'false', ...onlyDefault },
  'dns_record.client_routing_policy': {
    of: 'network',
    default: 'any_availability_zone',
    ...onlyDefault,
  },
  'secondary_ips.auto_assigned.per_subnet': { of: 'network', default: '0', ...onlyDefault },
}

/** Of a network load balancer `false` is the default on AWS, and tools send it. */
export function withoutCrossZone<
  T extends { Key?: string | undefined; Value?: string | undefined },
>(changes: readonly T[], type: string): T[] {
  const isHarmless = ({ Key, Value }: T) =>
    type === 'network' && Key === 'load_balancing.cross_zone.enabled' && Value === 'false'
  return changes.filter((change) => !isHarmless(change))
}
