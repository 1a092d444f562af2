// hot path — see STYLE §8
/**
 * A listener of a load balancer, as integrations hold it: an origin that finds the rule, the group and the target for each
 * request. It stays the same object while its rules change: they are one pointer, swapped when a document goes live.
 */

import type { BalancingListener, BalancingRule } from '../domain/balancing.ts'
import type { Origin, OriginExchange } from '../http/client/origin.ts'
import type { OriginLimits, OriginListener, OriginRequest } from '../http/client/origin-request.ts'
import { wireError } from '../http/wire-error.ts'
import { BalancedCall } from './balanced-call.ts'
import { type Condition, compileConditions, RuleError } from './listener-rules.ts'
import { type Answerer, compileAnswer } from './own-answers.ts'
import { OwnCall } from './own-call.ts'
import { RequestView } from './request-view.ts'
import { GROUP_COOKIE, stickyId } from './stickiness.ts'
import type { BalancedGroup } from './target-group.ts'
import type { TargetTable } from './target-memory.ts'

/** One group that a rule may choose. */
export interface Forward {
  readonly ruleArn: string
  readonly group: BalancedGroup
  readonly weight: number
  /** What a cookie calls the group. */
  readonly groupId: string
  /** How long the client stays with it; 0: not at all. */
  readonly stickyMs: number
  /** For the turn of the groups. */
  current: number
}

interface CompiledRule {
  readonly arn: string
  /** Undefined: it takes everything. */
  readonly holds: Condition | undefined
  readonly answer: Answerer | undefined
  /** Those with a weight over 0. */
  readonly forwards: readonly Forward[]
  readonly isSticky: boolean
}

export type CompiledListener = readonly CompiledRule[]

/** Throws RuleError. */
export function compileListener(
  listener: BalancingListener,
  groupOf: (arn: string) => BalancedGroup | undefined,
  limits: OriginLimits,
): CompiledListener {
  return listener.rules.map((rule) => compileRule(rule, listener, { groupOf, limits }))
}

interface RuleParts {
  readonly groupOf: (arn: string) => BalancedGroup | undefined
  readonly limits: OriginLimits
}

function compileRule(
  { arn, conditions, action }: BalancingRule,
  listener: BalancingListener,
  { groupOf, limits }: RuleParts,
): CompiledRule {
  const holds = compileConditions(conditions)
  if (action.type !== 'forward') {
    const answer = compileAnswer(action, listener, limits)
    return { arn, holds, answer, forwards: [], isSticky: false }
  }
  const stickyMs = (action.stickySeconds ?? 0) * 1_000
  const forwards: Forward[] = []
  for (const { arn: groupArn, weight } of action.targetGroups) {
    const group = groupOf(groupArn)
    if (group === undefined)
      throw new RuleError(`${arn} leads to ${groupArn}, which is no target group`)
    const groupId = stickyId(groupArn)
    if (weight > 0) forwards.push({ ruleArn: arn, group, weight, groupId, stickyMs, current: 0 })
  }
  return { arn, holds, answer: undefined, forwards, isSticky: stickyMs > 0 }
}

export interface ListenerParts {
  readonly listenerArn: string
  readonly limits: OriginLimits
  readonly table: TargetTable
  /** Monotonic ms. */
  readonly now: () => number
}

export class ListenerOrigin implements Origin {
  readonly listenerArn: string
  readonly limits: OriginLimits
  readonly table: TargetTable
  readonly now: () => number
  /** Undefined: the listener does not exist, or not any more. */
  rules: CompiledListener | undefined

  constructor({ listenerArn, limits, table, now }: ListenerParts) {
    this.listenerArn = listenerArn
    this.limits = limits
    this.table = table
    this.now = now
  }

  send(request: OriginRequest, listener: OriginListener): OriginExchange {
    const { rules } = this
    if (rules === undefined)
      return this.#fail(request, listener, `there is no listener ${this.listenerArn}`)
    let view: RequestView | undefined
    for (const rule of rules) {
      if (rule.holds !== undefined) {
        view ??= new RequestView(request)
        if (!rule.holds(view)) continue
      }
      if (rule.answer !== undefined) return new OwnCall(request, listener).answer(rule.answer)
      return this.#forward(rule, request, listener, view)
    }
    return this.#fail(request, listener, `no rule of ${this.listenerArn} takes the request`)
  }

  #forward(
    rule: CompiledRule,
    request: OriginRequest,
    listener: OriginListener,
    seen: RequestView | undefined,
  ): OriginExchange {
    let view = seen
    if (rule.isSticky) view ??= new RequestView(request)
    const forward = chooseGroup(rule, view)
    if (forward === undefined)
      return this.#fail(request, listener, `${rule.arn} has no target group with a weight`)
    if (forward.group.group.stickiness !== undefined) view ??= new RequestView(request)
    const call = new BalancedCall(this, forward, request, { listener, view })
    call.start()
    return call
  }

  #fail(request: OriginRequest, listener: OriginListener, detail: string): OriginExchange {
    return new OwnCall(request, listener).fail(wireError('no-target', 'gateway', 'never', detail))
  }
}

/** By weight, in turn; a client that is to stay stays. */
function chooseGroup(rule: CompiledRule, view: RequestView | undefined): Forward | undefined {
  const { forwards } = rule
  if (forwards.length === 1) return forwards[0]
  if (rule.isSticky && view !== undefined) {
    const wanted = view.cookie(GROUP_COOKIE)
    for (const forward of forwards) if (forward.groupId === wanted) return forward
  }
  let best: Forward | undefined
  let sum = 0
  for (const forward of forwards) {
    sum += forward.weight
    forward.current += forward.weight
    if (best === undefined || forward.current > best.current) best = forward
  }
  if (best !== undefined) best.current -= sum
  return best
}
