/**
 * Attributes of target groups: those of Elastic Load Balancing, and Postern's own, which begin with `postern.`.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
 */

import { isServerName } from '../../definitions/open-api/integration-parts.ts'
import { parseDiscoverySource } from '../../domain/discovery-source.ts'
import { isBoolean, isOneOf, isWhole } from './attribute-checks.ts'
import { type AttributeTable, attributeOf } from './attributes.ts'
import type { Attributes } from './records.ts'

const onlyDefault = { onlyDefault: true } as const
const app = { of: 'application' } as const
const network = { of: 'network' } as const

export const DISCOVERY = 'postern.discovery'

export const TARGET_GROUP_ATTRIBUTES: AttributeTable = {
  'deregistration_delay.timeout_seconds': { default: '300', check: isWhole(0, 3_600) },
  'stickiness.enabled': { default: 'false', check: isBoolean },
  'stickiness.type': {
    default: 'lb_cookie',
    check: (value) =>
      value === 'source_ip' ? undefined : isOneOf('lb_cookie', 'app_cookie', 'source_ip')(value),
  },
  'stickiness.lb_cookie.duration_seconds': { default: '86400', check: isWhole(1, 604_800) },
  'stickiness.app_cookie.duration_seconds': { default: '86400', check: isWhole(1, 604_800) },
  'stickiness.app_cookie.cookie_name': { default: '', check: isCookieName },
  'load_balancing.algorithm.type': {
    default: 'round_robin',
    check: isOneOf(
      'round_robin',
      'least_outstanding_requests',
      'weighted_random',
      'power_of_two_choices',
    ),
  },
  'load_balancing.algorithm.anomaly_mitigation': { ...app, default: 'off', ...onlyDefault },
  'load_balancing.cross_zone.enabled': {
    default: 'use_load_balancer_configuration',
    check: isOneOf('true'),
  },
  'slow_start.duration_seconds': {
    default: '0',
    check: (value) => (value === '0' ? undefined : isWhole(30, 900)(value)),
  },
  'target_group_health.dns_failover.minimum_healthy_targets.count': {
    default: '1',
    ...onlyDefault,
  },
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': {
    default: 'off',
    ...onlyDefault,
  },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': {
    default: '1',
    ...onlyDefault,
  },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': {
    default: 'off',
    check: isWhole(1, 100),
  },
  'deregistration_delay.connection_termination.enabled': {
    ...network,
    default: 'false',
    ...onlyDefault,
  },
  'preserve_client_ip.enabled': { ...network, default: 'false', ...onlyDefault },
  'proxy_protocol_v2.enabled': { ...network, default: 'false', ...onlyDefault },
  'target_health_state.unhealthy.connection_termination.enabled': {
    ...network,
    default: 'true',
    ...onlyDefault,
  },
  'target_health_state.unhealthy.draining_interval_seconds': {
    ...network,
    default: '0',
    ...onlyDefault,
  },
  [DISCOVERY]: { default: '', check: isDiscovery },
  'postern.discovery.hold_seconds': { default: '600', check: isWhole(1, 86_400) },
  'postern.outlier_detection.consecutive_5xx': { default: '0', check: isWhole(0, 1_000) },
  'postern.outlier_detection.interval_seconds': { default: '10', check: isWhole(1, 3_600) },
  'postern.outlier_detection.base_ejection_seconds': { default: '30', check: isWhole(1, 3_600) },
  'postern.outlier_detection.max_ejection_percentage': { default: '10', check: isWhole(1, 100) },
  'postern.outlier_detection.success_rate_deviations': {
    default: '0',
    check: (value) =>
      /^\d{1,2}(\.\d{1,3})?$/.test(value) ? undefined : 'it is a number from 0 to 99.999',
  },
  'postern.panic_threshold.percentage': {
    default: 'off',
    check: (value) => (value === 'never' ? undefined : isWhole(1, 100)(value)),
  },
  'postern.retry_budget.percentage': { default: '20', check: isWhole(0, 20) },
  'postern.target_concurrency_max': { default: '0', check: isWhole(0, 1_000_000) },
  'postern.server_name_to_verify': {
    default: '',
    check: (value) => (isServerName(value) ? undefined : 'it is a host name'),
  },
}

/** What several attributes say together that may not be; undefined: nothing. */
export function findAttributeProblem(own: Attributes): string | undefined {
  const value = (key: string) => attributeOf(TARGET_GROUP_ATTRIBUTES, own, key)
  if (value('stickiness.enabled') === 'true') {
    if (value('stickiness.type') === 'source_ip') {
      return 'Stickiness by source_ip is not supported by this version of Postern: every call comes from the gateway'
    }
    const isNamed = value('stickiness.app_cookie.cookie_name') !== ''
    if (value('stickiness.type') === 'app_cookie' && !isNamed) {
      return "Stickiness of the type app_cookie needs 'stickiness.app_cookie.cookie_name'"
    }
  }
  const algorithm = value('load_balancing.algorithm.type')
  const slowStart = value('slow_start.duration_seconds') !== '0'
  if (slowStart && algorithm !== 'round_robin' && algorithm !== 'power_of_two_choices') {
    return `Slow start mode cannot be used with the algorithm ${algorithm}`
  }
  return undefined
}

function isCookieName(value: string): string | undefined {
  const isToken = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/.test(value)
  if (!isToken || /^AWSALB(?:APP|TG)?$/i.test(value))
    return 'it is a cookie name, and not one of AWS'
  return undefined
}

function isDiscovery(value: string): string | undefined {
  const parsed = parseDiscoverySource(value)
  return typeof parsed === 'string' ? parsed : undefined
}
