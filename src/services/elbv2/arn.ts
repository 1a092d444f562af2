/**
 * ARNs of Elastic Load Balancing, and the ids of records that they hold.
 *
 * `…:loadbalancer/app/web/0123456789abcdef`, `…:listener/app/web/{id}/{id}`, `…:listener-rule/app/web/{id}/{id}/{id}`,
 * `…:targetgroup/web/{id}`. What stands behind the type is the path; the parent of a record is the path without its last id.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 */

import { createHash } from 'node:crypto'
import type { RecordKey, Scope } from '../../storage/store.ts'
import type { WriteContext } from '../service.ts'
import { LISTENER, LOAD_BALANCER, RULE, TARGET_GROUP } from './kinds.ts'

export type ElbType = 'loadbalancer' | 'listener' | 'listener-rule' | 'targetgroup'

const KINDS: Readonly<Record<ElbType, string>> = {
  loadbalancer: LOAD_BALANCER,
  listener: LISTENER,
  'listener-rule': RULE,
  targetgroup: TARGET_GROUP,
}

/** Sixteen hexadecimal digits. */
export function newElbId({ newId }: WriteContext): string {
  return createHash('sha256').update(newId(24)).digest('hex').slice(0, 16)
}

export function elbArn({ accountId, region }: Scope, type: ElbType, path: string): string {
  return `arn:aws:elasticloadbalancing:${region}:${accountId}:${type}/${path}`
}

/** Undefined: it is none, or of another account or region. */
export function elbTypeOf(scope: Scope, arn: string): ElbType | undefined {
  for (const type of Object.keys(KINDS) as ElbType[]) {
    if (arn.startsWith(elbArn(scope, type, ''))) return type
  }
  return undefined
}

/** Behind the type: `app/web/0123456789abcdef`. */
export function pathOf(arn: string): string {
  return arn.slice(arn.indexOf('/') + 1)
}

export function keyOf(type: ElbType, arn: string): RecordKey {
  const path = pathOf(arn)
  const kind = KINDS[type]
  if (type === 'loadbalancer' || type === 'targetgroup') return { kind, parent: '', id: path }
  const slash = path.lastIndexOf('/')
  return { kind, parent: path.slice(0, slash), id: path.slice(slash + 1) }
}
