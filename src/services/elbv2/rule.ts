/**
 * Rules of listeners. The default rule has the listener's default actions and no record of its own.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
 */

import type {
  CreateRuleInput,
  DeleteRuleInput,
  DescribeRulesInput,
  ModifyRuleInput,
  RulePriorityPair,
  SetRulePrioritiesInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { checkedActions } from './actions.ts'
import { elbArn, elbTypeOf, keyOf, newElbId, pathOf } from './arn.ts'
import { checkedConditions } from './conditions.ts'
import { invalid, notPermitted, notSupported } from './errors.ts'
import { listenerOf, notFound, ruleOf } from './found.ts'
import { RULE } from './kinds.ts'
import { balancerOf } from './listener.ts'
import { listAll, pageOf } from './pages.ts'
import type { ListenerRecord, RuleRecord } from './records.ts'
import { mergedTags } from './tag-rules.ts'

type RuleView = RuleRecord['view']

export const ruleOperations = {
  CreateRule: write<CreateRuleInput, object>(async (request, context) => {
    const listener = await listenerOf(context, request.ListenerArn!)
    if (request.Transforms?.length) throw notSupported('A transform of a rule')
    const balancer = await balancerOf(listener, context)
    if (balancer.view.Type === 'network') {
      throw notPermitted('Rules are not for listeners of network load balancers')
    }
    const { ListenerArn } = listener.view
    await refuseTooMany(ListenerArn, context)
    await refuseTaken(ListenerArn, request.Priority!, context)
    const path = `${pathOf(ListenerArn)}/${newElbId(context)}`
    const view: RuleView = {
      RuleArn: elbArn(context.scope, 'listener-rule', path),
      Priority: String(request.Priority),
      Conditions: checkedConditions(request.Conditions ?? [], context),
      Actions: await checkedActions(request.Actions ?? [], balancer, context),
      IsDefault: false,
      Transforms: [],
    }
    const Tags = mergedTags([], request.Tags, context.settings.limits.tagsPerResource)
    await context.records.put(keyOf('listener-rule', view.RuleArn), { view, Tags })
    return { Rules: [view] }
  }),

  DescribeRules: read<DescribeRulesInput, object>(async (request, context) => {
    const { ListenerArn, RuleArns } = request
    if (RuleArns?.length) {
      return { Rules: await Promise.all(RuleArns.map((arn) => viewOf(arn, context))) }
    }
    if (ListenerArn === undefined) {
      throw invalid('You must specify either listener rule ARNs or a listener ARN')
    }
    const listener = await listenerOf(context, ListenerArn)
    const place = { kind: RULE, parent: pathOf(ListenerArn) }
    const { items, rest } = await pageOf<RuleRecord>(context, place, request)
    const views = byPriority(items.map(({ view }) => view))
    // The last page ends with the rule that is tried last.
    const last = rest.NextMarker === undefined ? [defaultRule(listener)] : []
    return { Rules: [...views, ...last], ...rest }
  }),

  ModifyRule: write<ModifyRuleInput, object>(async (request, context) => {
    if (request.Transforms?.length) throw notSupported('A transform of a rule')
    const { RuleArn, Conditions, Actions } = request
    const { rule, listener } = await changeable(RuleArn!, context)
    const balancer = await balancerOf(listener, context)
    const view: RuleView = {
      ...rule.view,
      ...(Conditions && { Conditions: checkedConditions(Conditions, context) }),
      ...(Actions && { Actions: await checkedActions(Actions, balancer, context) }),
    }
    await context.records.put(keyOf('listener-rule', RuleArn!), { ...rule, view })
    return { Rules: [view] }
  }),

  DeleteRule: write<DeleteRuleInput, object>(async ({ RuleArn }, context) => {
    await changeable(RuleArn!, context)
    await context.records.delete(keyOf('listener-rule', RuleArn!))
    return {}
  }),

  SetRulePriorities: write<SetRulePrioritiesInput, object>(
    async ({ RulePriorities = [] }, context) => {
      const changed: RuleRecord[] = []
      for (const pair of RulePriorities) changed.push(await withPriority(pair, context))
      const listeners = new Set(
        changed.map(({ view }) => keyOf('listener-rule', view.RuleArn).parent),
      )
      if (listeners.size > 1) throw invalid('All rules must belong to the same listener')
      for (const rule of changed) {
        await context.records.put(keyOf('listener-rule', rule.view.RuleArn), rule)
      }
      for (const parent of listeners) await refuseTwice(parent, context)
      return { Rules: changed.map(({ view }) => view) }
    },
  ),
}

/** In the order in which they are tried. */
export function byPriority(rules: readonly RuleView[]): RuleView[] {
  return [...rules].sort((a, b) => Number(a.Priority) - Number(b.Priority))
}

export function defaultRule({ view, defaultRuleArn }: ListenerRecord): RuleView {
  return {
    RuleArn: defaultRuleArn,
    Priority: 'default',
    Conditions: [],
    Actions: view.DefaultActions,
    IsDefault: true,
    Transforms: [],
  }
}

async function viewOf(arn: string, context: ReadContext): Promise<RuleView> {
  const listener = await listenerOfRule(arn, context)
  if (listener?.defaultRuleArn === arn) return defaultRule(listener)
  return (await ruleOf(context, arn)).view
}

/** Throws OperationNotPermitted for the default rule. */
async function changeable(
  arn: string,
  context: ReadContext,
): Promise<{ rule: RuleRecord; listener: ListenerRecord }> {
  const listener = await listenerOfRule(arn, context)
  if (listener?.defaultRuleArn === arn) {
    throw notPermitted(`Default rule '${arn}' cannot be modified or deleted; modify its listener`)
  }
  const rule = await ruleOf(context, arn)
  if (listener === undefined) throw notFound('listener-rule')
  return { rule, listener }
}

/** Undefined: there is none, and so no such rule. */
export async function listenerOfRule(
  arn: string,
  { records, scope }: ReadContext,
): Promise<ListenerRecord | undefined> {
  if (elbTypeOf(scope, arn) !== 'listener-rule') return undefined
  const path = pathOf(arn).split('/').slice(0, -1).join('/')
  return (await records.get<ListenerRecord>(keyOf('listener', elbArn(scope, 'listener', path))))
    ?.body
}

async function refuseTaken(
  listenerArn: string,
  priority: number,
  context: WriteContext,
): Promise<void> {
  const rules = await listAll<RuleRecord>(context, RULE, pathOf(listenerArn))
  if (rules.some(({ view }) => view.Priority === String(priority))) throw inUse(String(priority))
}

async function refuseTwice(parent: string, context: WriteContext): Promise<void> {
  const seen = new Set<string>()
  for (const { view } of await listAll<RuleRecord>(context, RULE, parent)) {
    if (seen.has(view.Priority)) throw inUse(view.Priority)
    seen.add(view.Priority)
  }
}

function inUse(priority: string): ServiceError {
  return new ServiceError('PriorityInUseException', `Priority '${priority}' is currently in use`)
}

async function refuseTooMany(listenerArn: string, context: WriteContext): Promise<void> {
  const { rulesPerListener: most } = context.settings.limits
  const rules = await listAll<RuleRecord>(context, RULE, pathOf(listenerArn))
  if (rules.length < most) return
  throw new ServiceError(
    'TooManyRulesException',
    `The maximum number of rules (${most}) has been reached on the listener '${listenerArn}'`,
  )
}

async function withPriority(
  { RuleArn, Priority }: RulePriorityPair,
  context: WriteContext,
): Promise<RuleRecord> {
  if (RuleArn === undefined || Priority === undefined) {
    throw invalid('A rule ARN and a priority must be specified')
  }
  const { rule } = await changeable(RuleArn, context)
  return { ...rule, view: { ...rule.view, Priority: String(Priority) } }
}
