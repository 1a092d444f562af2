/**
 * From the records of Elastic Load Balancing to the document that the workers balance by.
 *
 * Made anew, as a whole, after every batch of writes that touches one of them. Groups that no listener uses are left out:
 * nobody checks their targets.
 */

import type { BalancingDocument, BalancingListener, BalancingRule } from '../../domain/balancing.ts'
import type { TargetGroup } from '../../domain/target-group.ts'
import type { Reader, Records } from '../../storage/store.ts'
import { pathOf } from './arn.ts'
import { ruleActionOf, ruleConditionOf } from './document-rule.ts'
import { type BalancingFacts, targetGroupDocument } from './document-target-group.ts'
import { LISTENER, LOAD_BALANCER, RULE, TARGET_GROUP } from './kinds.ts'
import { listAll } from './pages.ts'
import type {
  ListenerRecord,
  LoadBalancerRecord,
  RuleRecord,
  TargetGroupRecord,
} from './records.ts'
import { byPriority, defaultRule } from './rule.ts'

export async function balancingOf(
  reader: Reader,
  facts: BalancingFacts,
): Promise<BalancingDocument> {
  const listeners: Record<string, BalancingListener> = {}
  for (const { scope, body } of await reader.everywhere<LoadBalancerRecord>(LOAD_BALANCER)) {
    for (const listener of await listenersOf(reader.in(scope), body)) {
      listeners[listener.arn] = listener
    }
  }
  const targetGroups = await groupsOf(reader, facts, listeners)
  return { revision: 0, listeners, targetGroups }
}

async function listenersOf(
  records: Records,
  { view }: LoadBalancerRecord,
): Promise<BalancingListener[]> {
  const found = await listAll<ListenerRecord>({ records }, LISTENER, pathOf(view.LoadBalancerArn))
  return Promise.all(found.map((listener) => listenerDocument(records, listener)))
}

async function listenerDocument(
  records: Records,
  listener: ListenerRecord,
): Promise<BalancingListener> {
  const { ListenerArn, Port, Protocol } = listener.view
  const rules = await listAll<RuleRecord>({ records }, RULE, pathOf(ListenerArn))
  const views = [...byPriority(rules.map(({ view }) => view)), defaultRule(listener)]
  return {
    arn: ListenerArn,
    port: Port,
    protocol: Protocol,
    rules: views.map(ruleDocument),
  }
}

function ruleDocument({ RuleArn, Conditions, Actions }: RuleRecord['view']): BalancingRule {
  return {
    arn: RuleArn,
    conditions: Conditions.map(ruleConditionOf),
    action: ruleActionOf(Actions[0]!),
  }
}

async function groupsOf(
  reader: Reader,
  facts: BalancingFacts,
  listeners: Readonly<Record<string, BalancingListener>>,
): Promise<Record<string, TargetGroup>> {
  const used = usedGroups(Object.values(listeners))
  const groups: Record<string, TargetGroup> = {}
  for (const { body } of await reader.everywhere<TargetGroupRecord>(TARGET_GROUP)) {
    const { TargetGroupArn } = body.view
    if (used.has(TargetGroupArn)) groups[TargetGroupArn] = targetGroupDocument(body, facts)
  }
  return groups
}

function usedGroups(listeners: readonly BalancingListener[]): ReadonlySet<string> {
  const actions = listeners.flatMap(({ rules }) => rules.map(({ action }) => action))
  const arns = actions.flatMap((action) =>
    action.type === 'forward' ? action.targetGroups.map(({ arn }) => arn) : [],
  )
  return new Set(arns)
}
