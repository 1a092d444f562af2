/** Target groups, from records and attributes to how workers read them. */

import type {
  HealthCheck,
  OutlierDetection,
  Target,
  TargetGroup,
} from '../../domain/target-group.ts'
import type { ServiceSettings } from '../service.ts'
import { attributeOf } from './attributes.ts'
import type { Attributes, TargetGroupRecord } from './records.ts'
import { DISCOVERY, TARGET_GROUP_ATTRIBUTES } from './target-group-attributes.ts'
import { hostOf } from './target-host.ts'
import { present } from './targets.ts'

/** A share so small that it means: not one healthy target is left. */
const NOT_ONE = 1e-9

export interface BalancingFacts {
  readonly settings: Pick<ServiceSettings, 'instances'>
  readonly now: Date
}

export function targetGroupDocument(record: TargetGroupRecord, facts: BalancingFacts): TargetGroup {
  const { view, attributes } = record
  const text = reader(attributes)
  const number = (key: string) => Number(text(key))
  const concurrency = number('postern.target_concurrency_max')
  const serverName = text('postern.server_name_to_verify')
  return {
    arn: view.TargetGroupArn,
    name: view.TargetGroupName,
    protocol: isSecure(view.Protocol) ? 'HTTPS' : 'HTTP',
    algorithm: text('load_balancing.algorithm.type') as TargetGroup['algorithm'],
    targets: targetsOf(record, facts),
    ...discoveryOf(text),
    healthCheck: healthCheckOf(record),
    outlierDetection: outlierDetectionOf(number),
    slowStartMs: number('slow_start.duration_seconds') * 1_000,
    deregistrationDelayMs: number('deregistration_delay.timeout_seconds') * 1_000,
    ...stickinessOf(text),
    panicThreshold: panicThresholdOf(text),
    ...(concurrency === 0 ? {} : { targetConcurrencyMax: concurrency }),
    retryBudget: number('postern.retry_budget.percentage') / 100,
    ...(serverName === '' ? {} : { serverNameToVerify: serverName }),
  }
}

type Text = (key: string) => string

function reader(attributes: Attributes): Text {
  return (key) => attributeOf(TARGET_GROUP_ATTRIBUTES, attributes, key)
}

function discoveryOf(text: Text): Pick<TargetGroup, 'discovery'> {
  const source = text(DISCOVERY)
  if (source === '') return {}
  return { discovery: { source, holdMs: Number(text('postern.discovery.hold_seconds')) * 1_000 } }
}

function isSecure(protocol: string): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS'
}

function targetsOf(record: TargetGroupRecord, { settings, now }: BalancingFacts): Target[] {
  return present(record, now).flatMap((target) => {
    const host = hostOf(record, target, settings)
    if (host === undefined) return []
    const { Port: port, AvailabilityZone, drainsUntil } = target
    const zone = AvailabilityZone === undefined ? {} : { availabilityZone: AvailabilityZone }
    return [{ host, port, weight: 1, ...zone, draining: drainsUntil !== undefined }]
  })
}

function healthCheckOf({ view }: TargetGroupRecord): HealthCheck {
  const { HealthCheckPort } = view
  const port = HealthCheckPort === 'traffic-port' ? {} : { port: Number(HealthCheckPort) }
  return {
    enabled: view.HealthCheckEnabled ?? true,
    protocol: view.HealthCheckProtocol as HealthCheck['protocol'],
    ...port,
    path: view.HealthCheckPath ?? '/',
    intervalMs: view.HealthCheckIntervalSeconds! * 1_000,
    timeoutMs: view.HealthCheckTimeoutSeconds! * 1_000,
    healthyThreshold: view.HealthyThresholdCount!,
    unhealthyThreshold: view.UnhealthyThresholdCount!,
    matcher: view.Matcher?.HttpCode ?? '200',
  }
}

function outlierDetectionOf(number: (key: string) => number): OutlierDetection {
  const of = (name: string) => number(`postern.outlier_detection.${name}`)
  return {
    consecutive5xx: of('consecutive_5xx'),
    intervalMs: of('interval_seconds') * 1_000,
    baseEjectionMs: of('base_ejection_seconds') * 1_000,
    ejectedShareMax: of('max_ejection_percentage') / 100,
    successRateDeviations: of('success_rate_deviations'),
  }
}

function stickinessOf(text: Text): Pick<TargetGroup, 'stickiness'> {
  if (text('stickiness.enabled') !== 'true') return {}
  const generated = text('stickiness.type') === 'lb_cookie'
  const kind = generated ? 'lb_cookie' : 'app_cookie'
  return {
    stickiness: {
      cookieName: generated ? 'AWSALB' : text('stickiness.app_cookie.cookie_name'),
      durationMs: Number(text(`stickiness.${kind}.duration_seconds`)) * 1_000,
      generated,
    },
  }
}

/** As AWS, all are used when not one is healthy; `never` refuses then. */
function panicThresholdOf(text: Text): number {
  const own = text('postern.panic_threshold.percentage')
  if (own === 'never') return 0
  const ofAws = text(
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage',
  )
  const percentage = own === 'off' ? ofAws : own
  return percentage === 'off' ? NOT_ONE : Number(percentage) / 100
}
