/** Conditions and actions of rules, from how AWS shows them to how workers read them. */

import type {
  Action,
  RuleCondition as ShownCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { RuleAction, RuleCondition } from '../../domain/balancing.ts'
import { valuesOf } from './conditions.ts'

export function ruleConditionOf(condition: ShownCondition): RuleCondition {
  const values = valuesOf(condition)
  switch (condition.Field) {
    case 'http-header':
      return { field: 'http-header', name: condition.HttpHeaderConfig!.HttpHeaderName!, values }
    case 'query-string':
      return { field: 'query-string', values: queryValues(condition) }
    default:
      return { field: condition.Field as 'host-header', values }
  }
}

function queryValues({ QueryStringConfig }: ShownCondition) {
  return (QueryStringConfig?.Values ?? []).map(({ Key, Value = '' }) =>
    Key === undefined ? { value: Value } : { key: Key, value: Value },
  )
}

export function ruleActionOf(action: Action): RuleAction {
  switch (action.Type) {
    case 'redirect':
      return redirect(action)
    case 'fixed-response':
      return fixed(action)
    default:
      return forward(action)
  }
}

function forward({ ForwardConfig }: Action): RuleAction {
  const { Enabled, DurationSeconds } = ForwardConfig?.TargetGroupStickinessConfig ?? {}
  const targetGroups = (ForwardConfig?.TargetGroups ?? []).map((tuple) => ({
    arn: tuple.TargetGroupArn!,
    weight: tuple.Weight ?? 1,
  }))
  const isSticky = Enabled === true && targetGroups.length > 1
  return {
    type: 'forward',
    targetGroups,
    ...(isSticky ? { stickySeconds: DurationSeconds! } : {}),
  }
}

function redirect({ RedirectConfig }: Action): RuleAction {
  const { Protocol, Host, Port, Path, Query, StatusCode } = RedirectConfig!
  const query = Query === '' ? '' : `?${Query}`
  return {
    type: 'redirect',
    status: StatusCode === 'HTTP_302' ? 302 : 301,
    location: `${Protocol === '#{protocol}' ? Protocol : Protocol!.toLowerCase()}://${Host}:${Port}${Path}${query}`,
  }
}

function fixed({ FixedResponseConfig }: Action): RuleAction {
  const { StatusCode, MessageBody = '', ContentType = 'text/plain' } = FixedResponseConfig!
  const status = Number(StatusCode)
  return { type: 'fixed-response', status, contentType: ContentType, body: MessageBody }
}
