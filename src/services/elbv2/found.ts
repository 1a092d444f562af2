/** Finding, by ARN, what a call names. Errors are those of Elastic Load Balancing. */

import { ServiceError, type ServiceErrorCode } from '../../aws/service-error.ts'
import type { Body } from '../../storage/store.ts'
import type { ReadContext } from '../service.ts'
import { type ElbType, elbTypeOf, keyOf } from './arn.ts'
import { invalid } from './errors.ts'
import type {
  ListenerRecord,
  LoadBalancerRecord,
  RuleRecord,
  TargetGroupRecord,
} from './records.ts'

interface Noun {
  readonly plural: string
  readonly singular: string
  readonly code: ServiceErrorCode
}

const NOUNS: Readonly<Record<ElbType, Noun>> = {
  loadbalancer: {
    plural: 'load balancers',
    singular: 'load balancer',
    code: 'LoadBalancerNotFoundException',
  },
  listener: { plural: 'listeners', singular: 'listener', code: 'ListenerNotFoundException' },
  'listener-rule': { plural: 'rules', singular: 'rule', code: 'RuleNotFoundException' },
  targetgroup: {
    plural: 'target groups',
    singular: 'target group',
    code: 'TargetGroupNotFoundException',
  },
}

export function loadBalancerOf(context: ReadContext, arn: string): Promise<LoadBalancerRecord> {
  return found(context, 'loadbalancer', arn)
}

export function listenerOf(context: ReadContext, arn: string): Promise<ListenerRecord> {
  return found(context, 'listener', arn)
}

export function ruleOf(context: ReadContext, arn: string): Promise<RuleRecord> {
  return found(context, 'listener-rule', arn)
}

export function targetGroupOf(context: ReadContext, arn: string): Promise<TargetGroupRecord> {
  return found(context, 'targetgroup', arn)
}

/** Throws LoadBalancerNotFound and the like. */
export function notFound(type: ElbType): ServiceError {
  const { code, plural } = NOUNS[type]
  return new ServiceError(code, `One or more ${plural} not found`)
}

async function found<T extends Body>(
  { records }: ReadContext,
  type: ElbType,
  arn: string,
): Promise<T> {
  if (!/^arn:aws[\w-]*:elasticloadbalancing:[^:]*:[^:]*:[\w-]+\/[\w/-]+$/.test(arn)) {
    throw invalid(`'${arn.slice(0, 200)}' is not a valid ${NOUNS[type].singular} ARN`)
  }
  if (elbTypeOf(records.scope, arn) !== type) throw notFound(type)
  const record = await records.get<T>(keyOf(type, arn))
  if (record === undefined) throw notFound(type)
  return record.body
}
