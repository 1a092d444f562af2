/** Which load balancers use a target group, by their listeners and rules. */

import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ReadContext } from '../service.ts'
import { pathOf } from './arn.ts'
import { LISTENER, LOAD_BALANCER, RULE } from './kinds.ts'
import { listAll } from './pages.ts'
import type { ListenerRecord, LoadBalancerRecord, RuleRecord } from './records.ts'

/** ARN of a target group → ARNs of load balancers. */
export type Uses = ReadonlyMap<string, ReadonlySet<string>>

export async function usesOfTargetGroups(context: Pick<ReadContext, 'records'>): Promise<Uses> {
  const uses = new Map<string, Set<string>>()
  for (const { view } of await listAll<LoadBalancerRecord>(context, LOAD_BALANCER)) {
    const arn = view.LoadBalancerArn
    for (const action of await actionsOf(context, arn)) {
      for (const group of groupsOf(action)) {
        const users = uses.get(group) ?? new Set()
        uses.set(group, users.add(arn))
      }
    }
  }
  return uses
}

export function loadBalancersOf(uses: Uses, targetGroupArn: string): string[] {
  return [...(uses.get(targetGroupArn) ?? [])]
}

/** ARNs of the target groups that an action forwards to. */
export function groupsOf({ TargetGroupArn, ForwardConfig }: Action): string[] {
  const tuples = ForwardConfig?.TargetGroups ?? []
  const arns = tuples.map(({ TargetGroupArn: arn = '' }) => arn)
  return TargetGroupArn === undefined ? arns : [...new Set([TargetGroupArn, ...arns])]
}

async function actionsOf(context: Pick<ReadContext, 'records'>, arn: string): Promise<Action[]> {
  const actions: Action[] = []
  for (const { view } of await listAll<ListenerRecord>(context, LISTENER, pathOf(arn))) {
    actions.push(...view.DefaultActions)
    const rules = await listAll<RuleRecord>(context, RULE, pathOf(view.ListenerArn))
    actions.push(...rules.flatMap((rule) => rule.view.Actions))
  }
  return actions
}
