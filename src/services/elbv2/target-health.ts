/**
 * DescribeTargetHealth: what the workers have seen of each target.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */

import type {
  DescribeTargetHealthInput,
  TargetDescription,
  TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { SeenTarget } from '../../domain/target-health.ts'
import { type ReadContext, read } from '../service.ts'
import { targetGroupOf } from './found.ts'
import type { RegisteredTarget, TargetGroupRecord } from './records.ts'
import { DISCOVERY } from './target-group-attributes.ts'
import { hostOf } from './target-host.ts'
import { present } from './targets.ts'

type Reason = NonNullable<TargetHealth['Reason']>

const STANDARD_REASONS: Readonly<Record<string, Reason>> = {
  unused: 'Target.NotInUse',
  initial: 'Elb.InitialHealthChecking',
  unhealthy: 'Target.FailedHealthChecks',
}
const DESCRIPTIONS: Partial<Record<Reason, string>> = {
  'Elb.InitialHealthChecking': 'Initial health checks in progress',
  'Elb.RegistrationInProgress': 'Target registration is in progress',
  'Target.Timeout': 'Request timed out',
  'Target.FailedHealthChecks': 'Health checks failed',
  'Target.NotInUse': 'Target is not in use',
}
const REGISTERING: TargetHealth = {
  State: 'initial',
  Reason: 'Elb.RegistrationInProgress',
  Description: 'Target registration is in progress',
}
const DRAINING: TargetHealth = {
  State: 'draining',
  Reason: 'Target.DeregistrationInProgress',
  Description: 'Target deregistration is in progress',
}
const EJECTED: TargetHealth = {
  State: 'unhealthy',
  Reason: 'Target.FailedHealthChecks',
  Description: 'Left out for a while because requests of clients failed (outlier detection)',
}
const UNKNOWN_INSTANCE: TargetHealth = {
  State: 'unused',
  Reason: 'Target.InvalidState',
  Description: 'No setting --instance says where this instance is',
}
const NOT_REGISTERED: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
}
const UNCHECKED: TargetHealth = {
  State: 'unavailable',
  Reason: 'Target.HealthCheckDisabled',
  Description: 'Health checks are not enabled for this target group',
}
const UNUSED: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotInUse',
  Description: 'Target group is not configured to receive traffic from the load balancer',
}

export const targetHealthOperations = {
  DescribeTargetHealth: read<DescribeTargetHealthInput, object>(async (request, context) => {
    const record = await targetGroupOf(context, request.TargetGroupArn!)
    const { targetHealth } = context
    const seen = targetHealth?.(record.view.TargetGroupArn)
    const describe = (target: RegisteredTarget) => {
      const state = seen === undefined ? UNUSED : stateOf({ target, record }, seen, context)
      return describedTarget(record, target, state)
    }
    const registered = [...present(record, context.now), ...discovered(record, seen ?? [])]
    const wanted = request.Targets
    if (wanted === undefined) return { TargetHealthDescriptions: registered.map(describe) }
    const TargetHealthDescriptions = wanted.map((target) => {
      const found = registered.find((each) => isMeant(each, target))
      return found === undefined ? unknownTarget(record, target) : describe(found)
    })
    return { TargetHealthDescriptions }
  }),
}

/** Nobody has registered those that discovery has found. */
function discovered(
  { attributes, view }: TargetGroupRecord,
  seen: readonly SeenTarget[],
): RegisteredTarget[] {
  if (!attributes[DISCOVERY] || view.TargetType !== 'ip') return []
  return seen.map(({ host, port }) => ({ Id: host, Port: port }))
}

function stateOf(
  { target, record }: { readonly target: RegisteredTarget; readonly record: TargetGroupRecord },
  seen: readonly SeenTarget[],
  { settings }: ReadContext,
): TargetHealth {
  if (target.drainsUntil !== undefined) return DRAINING
  const host = hostOf(record, target, settings)
  if (host === undefined) return UNKNOWN_INSTANCE
  const found = seen.find((each) => each.host === host && each.port === target.Port)
  return found === undefined ? REGISTERING : healthOf(found)
}

function healthOf({ state, reason, seenStatus, ejected }: SeenTarget): TargetHealth {
  if (ejected) return EJECTED
  if (state === 'healthy') return { State: 'healthy' }
  if (state === 'unchecked') return UNCHECKED
  const Reason = (reason === '' ? STANDARD_REASONS[state] : reason) as Reason
  return { State: state, Reason, Description: descriptionOf(Reason, seenStatus) }
}

function descriptionOf(reason: Reason, seenStatus: number): string {
  if (reason === 'Target.ResponseCodeMismatch') {
    return `Health checks failed with these codes: [${seenStatus}]`
  }
  return DESCRIPTIONS[reason] ?? 'Health checks failed'
}

function describedTarget(
  { view }: TargetGroupRecord,
  { Id, Port, AvailabilityZone }: TargetDescription,
  TargetHealth: TargetHealth,
): object {
  const zone = AvailabilityZone === undefined ? {} : { AvailabilityZone }
  const checked = view.HealthCheckPort === 'traffic-port' ? String(Port) : view.HealthCheckPort
  return { Target: { Id, Port, ...zone }, HealthCheckPort: checked, TargetHealth }
}

function unknownTarget(record: TargetGroupRecord, target: TargetDescription): object {
  return describedTarget(
    record,
    { ...target, Port: target.Port ?? record.view.Port },
    NOT_REGISTERED,
  )
}

function isMeant(target: RegisteredTarget, { Id, Port }: TargetDescription): boolean {
  return target.Id === Id && (Port === undefined || target.Port === Port)
}
