/**
 * Who is in a target group: addresses, host names, instances; and who leaves it, for as long as requests may end.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html
 */

import { isIP } from 'node:net'
import type {
  DeregisterTargetsInput,
  RegisterTargetsInput,
  TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ServiceError } from '../../aws/service-error.ts'
import { isServerName } from '../../definitions/open-api/integration-parts.ts'
import { type ReadContext, type WriteContext, write } from '../service.ts'
import { keyOf } from './arn.ts'
import { attributeOf } from './attributes.ts'
import { invalid, notPermitted, notSupported } from './errors.ts'
import { targetGroupOf } from './found.ts'
import type { RegisteredTarget, TargetGroupRecord } from './records.ts'
import { DISCOVERY, TARGET_GROUP_ATTRIBUTES } from './target-group-attributes.ts'

export const targetOperations = {
  RegisterTargets: write<RegisterTargetsInput, object>(
    async ({ TargetGroupArn, Targets = [] }, context) => {
      const record = await changeable(TargetGroupArn!, context)
      const targets = new Map(present(record, context.now).map((each) => [nameOf(each), each]))
      for (const given of Targets) {
        const target = checkedTarget(given, record, context)
        targets.set(nameOf(target), target)
      }
      refuseTooMany(targets.size, context)
      await put(record, [...targets.values()], context)
      return {}
    },
  ),

  DeregisterTargets: write<DeregisterTargetsInput, object>(
    async ({ TargetGroupArn, Targets = [] }, context) => {
      const record = await changeable(TargetGroupArn!, context)
      const delay = attributeOf(
        TARGET_GROUP_ATTRIBUTES,
        record.attributes,
        'deregistration_delay.timeout_seconds',
      )
      const drainsUntil = context.now.getTime() + Number(delay) * 1_000
      let targets = present(record, context.now)
      for (const given of Targets) targets = without(targets, given, drainsUntil)
      await put(record, targets, context)
      return {}
    },
  ),
}

/** Those that are not gone. */
export function present({ targets }: TargetGroupRecord, now: Date): RegisteredTarget[] {
  return targets.filter(
    ({ drainsUntil }) => drainsUntil === undefined || drainsUntil > now.getTime(),
  )
}

/** One target may be there with several ports. */
export function nameOf({ Id, Port }: RegisteredTarget): string {
  return `${Id} ${Port}`
}

async function changeable(arn: string, context: ReadContext): Promise<TargetGroupRecord> {
  const record = await targetGroupOf(context, arn)
  const source = record.attributes[DISCOVERY]
  if (!source) return record
  throw notPermitted(`The targets of '${arn}' are those of ${source}: nobody registers them`)
}

/** Without a port: every one of it, as AWS has it. */
function without(
  targets: readonly RegisteredTarget[],
  { Id, Port }: TargetDescription,
  drainsUntil: number,
): RegisteredTarget[] {
  const isMeant = (target: RegisteredTarget) =>
    target.Id === Id && (Port === undefined || target.Port === Port)
  if (!targets.some(isMeant)) {
    throw new ServiceError(
      'InvalidTargetException',
      `The following targets are not registered: ${String(Id).slice(0, 200)}`,
    )
  }
  return targets.map((target) =>
    isMeant(target) && target.drainsUntil === undefined ? { ...target, drainsUntil } : target,
  )
}

function checkedTarget(
  { Id = '', Port, AvailabilityZone, QuicServerId }: TargetDescription,
  { view }: TargetGroupRecord,
  context: WriteContext,
): RegisteredTarget {
  if (QuicServerId !== undefined) throw notSupported('QuicServerId')
  const problem = view.TargetType === 'instance' ? instanceProblem(Id, context) : addressProblem(Id)
  if (problem !== undefined) throw new ServiceError('InvalidTargetException', problem)
  if (AvailabilityZone !== undefined && view.TargetType === 'instance') {
    throw invalid('An Availability Zone is not for targets of the type instance')
  }
  const zone = AvailabilityZone === undefined ? {} : { AvailabilityZone }
  return { Id, Port: Port ?? view.Port, ...zone }
}

function instanceProblem(id: string, { settings }: WriteContext): string | undefined {
  if (Object.hasOwn(settings.instances ?? {}, id)) return undefined
  return `The following targets are no known instances: ${id.slice(0, 200)}. --instance ID=HOST says where one is; groups of the type ip take addresses and host names`
}

function addressProblem(id: string): string | undefined {
  if (isIP(id) !== 0) return undefined
  // What looks like an address and is none would be asked of the name server.
  if (isServerName(id) && !/^[\d.]+$/.test(id)) return undefined
  return `The IP address '${id.slice(0, 200)}' is not valid, and it is no host name`
}

function refuseTooMany(count: number, { settings }: WriteContext): void {
  const { targetsPerTargetGroup: most } = settings.limits
  if (count <= most) return
  throw new ServiceError(
    'TooManyTargetsException',
    `The maximum number of targets (${most}) has been reached for the target group`,
  )
}

function put(
  record: TargetGroupRecord,
  targets: readonly RegisteredTarget[],
  { records }: WriteContext,
): Promise<void> {
  return records.put(keyOf('targetgroup', record.view.TargetGroupArn), { ...record, targets })
}
