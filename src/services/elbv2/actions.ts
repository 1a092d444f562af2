/**
 * Actions of listeners and rules: forward, redirect, fixed-response. What authenticates refuses: an action that is not
 * carried out must not look as if it were.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
 */

import type {
  Action,
  FixedResponseActionConfig,
  ForwardActionConfig,
  RedirectActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ServiceError } from '../../aws/service-error.ts'
import type { WriteContext } from '../service.ts'
import { invalid, notSupported } from './errors.ts'
import { targetGroupOf } from './found.ts'
import type { LoadBalancerRecord } from './records.ts'
import { typeOf } from './target-group.ts'
import { groupsOf, loadBalancersOf, usesOfTargetGroups } from './uses.ts'

const CONTENT_TYPES = [
  'text/plain',
  'text/css',
  'text/html',
  'application/javascript',
  'application/json',
]

/** As they are kept. Throws for what may not be, or is not there. */
export async function checkedActions(
  actions: readonly Action[],
  { view }: LoadBalancerRecord,
  context: WriteContext,
): Promise<Action[]> {
  const [action, ...more] = actions
  if (action === undefined) throw invalid('You must specify an action')
  for (const { Type } of actions) {
    if (!['forward', 'redirect', 'fixed-response'].includes(Type!)) {
      throw notSupported(`The action '${Type}'`)
    }
  }
  if (more.length > 0) {
    throw new ServiceError(
      'InvalidLoadBalancerActionException',
      'You must specify exactly one forward, redirect or fixed-response action',
    )
  }
  if (view.Type === 'network' && action.Type !== 'forward') {
    throw new ServiceError(
      'InvalidLoadBalancerActionException',
      `The action '${action.Type}' is not for network load balancers`,
    )
  }
  const checked = checkedAction(action, context)
  await checkGroups(checked, view, context)
  return [checked]
}

function checkedAction(action: Action, context: WriteContext): Action {
  refuseForeign(action)
  switch (action.Type) {
    case 'forward':
      return forward(action, context)
    case 'redirect':
      return { ...action, RedirectConfig: redirect(action.RedirectConfig) }
    default:
      return { ...action, FixedResponseConfig: fixed(action.FixedResponseConfig) }
  }
}

/** The configuration of another type of action. */
function refuseForeign({ Type, ...rest }: Action): void {
  const own = {
    forward: ['ForwardConfig', 'TargetGroupArn'],
    redirect: ['RedirectConfig'],
    'fixed-response': ['FixedResponseConfig'],
  }[Type as 'forward']
  for (const [member, value] of Object.entries(rest)) {
    if (value === undefined || member === 'Order' || own.includes(member)) continue
    throw invalid(`${member} cannot be specified for an action of the type '${Type}'`)
  }
}

function forward(action: Action, { settings }: WriteContext): Action {
  const { TargetGroupArn, ForwardConfig } = action
  const tuples = ForwardConfig?.TargetGroups ?? [{ TargetGroupArn, Weight: 1 }]
  const arns = groupsOf(action)
  const [first] = arns
  if (first === undefined || tuples.some((tuple) => !tuple.TargetGroupArn)) {
    throw invalid('A forward action needs a target group ARN')
  }
  const isSame =
    TargetGroupArn === undefined || tuples.every((t) => t.TargetGroupArn === TargetGroupArn)
  if (!isSame || arns.length < tuples.length) {
    throw invalid(
      'A target group ARN must be specified once, in TargetGroupArn or in ForwardConfig',
    )
  }
  const { targetGroupsPerAction: most } = settings.limits
  if (tuples.length > most) throw invalid(`An action forwards to at most ${most} target groups`)
  const config: ForwardActionConfig = {
    TargetGroups: tuples.map(({ TargetGroupArn: arn, Weight = 1 }) => ({
      TargetGroupArn: arn,
      Weight,
    })),
    TargetGroupStickinessConfig: stickiness(ForwardConfig),
  }
  const order = action.Order === undefined ? {} : { Order: action.Order }
  const shorthand = tuples.length === 1 ? { TargetGroupArn: first } : {}
  return { Type: 'forward', ...order, ...shorthand, ForwardConfig: config }
}

function stickiness(config: ForwardActionConfig | undefined) {
  const { Enabled = false, DurationSeconds } = config?.TargetGroupStickinessConfig ?? {}
  if (Enabled && DurationSeconds === undefined) {
    throw invalid('Target group stickiness needs a duration')
  }
  return { Enabled, ...(DurationSeconds === undefined ? {} : { DurationSeconds }) }
}

function redirect(config: RedirectActionConfig | undefined): RedirectActionConfig {
  if (config === undefined) throw invalid('A redirect action needs a redirect configuration')
  const { StatusCode, Protocol = '#{protocol}', Port = '#{port}' } = config
  const { Host = '#{host}', Path = '/#{path}', Query = '#{query}' } = config
  if (!/^(?:HTTPS?|#\{protocol\})$/.test(Protocol))
    throw invalid(`Redirect protocol '${Protocol.slice(0, 50)}' is not valid`)
  const isPort = Port === '#{port}' || (/^\d{1,5}$/.test(Port) && +Port >= 1 && +Port <= 65_535)
  if (!isPort) throw invalid(`Redirect port '${Port.slice(0, 50)}' is not valid`)
  if (!/^[\w.#{}-]{1,128}$/.test(Host)) throw invalid('The redirect host is not valid')
  if (!/^\/[!-~]{0,127}$/.test(Path))
    throw invalid("The redirect path must begin with '/' and have at most 128 characters")
  if (!/^[!-~]{0,128}$/.test(Query)) throw invalid('The redirect query is not valid')
  const parts = { Protocol, Port, Host, Path, Query }
  refusePlaceholders(Object.values(parts).join(' '))
  const isLoop =
    Protocol === '#{protocol}' && Port === '#{port}' && Host === '#{host}' && Path === '/#{path}'
  if (isLoop && Query === '#{query}') {
    throw new ServiceError(
      'InvalidLoadBalancerActionException',
      'The redirect configuration is not valid because it creates a loop',
    )
  }
  return { ...parts, StatusCode: StatusCode! }
}

function refusePlaceholders(text: string): void {
  for (const [, name = ''] of text.matchAll(/#\{([^}]*)\}/g)) {
    if (!['protocol', 'host', 'port', 'path', 'query'].includes(name)) {
      throw invalid(`#{${name.slice(0, 50)}} is no part of a request`)
    }
  }
}

function fixed(config: FixedResponseActionConfig | undefined): FixedResponseActionConfig {
  const { StatusCode = '', MessageBody = '', ContentType } = config ?? {}
  if (!/^[245]\d\d$/.test(StatusCode))
    throw invalid(`Status code '${StatusCode.slice(0, 20)}' must be 2XX, 4XX or 5XX`)
  if (MessageBody.length > 1_024) throw invalid('The message body has at most 1024 characters')
  if (ContentType !== undefined && !CONTENT_TYPES.includes(ContentType)) {
    throw invalid(
      `Content type '${ContentType.slice(0, 100)}' must be one of ${CONTENT_TYPES.join(', ')}`,
    )
  }
  return {
    StatusCode,
    ...(MessageBody === '' ? {} : { MessageBody }),
    ...(ContentType === undefined ? {} : { ContentType }),
  }
}

/** They are there, of the right protocol, and of no other load balancer. */
async function checkGroups(
  action: Action,
  { LoadBalancerArn, Type }: LoadBalancerRecord['view'],
  context: WriteContext,
): Promise<void> {
  const arns = groupsOf(action)
  if (arns.length === 0) return
  const uses = await usesOfTargetGroups(context)
  for (const arn of arns) {
    const group = await targetGroupOf(context, arn)
    if (typeOf(group) !== Type) {
      throw new ServiceError(
        'IncompatibleProtocolsException',
        `The protocol ${group.view.Protocol} of the target group '${arn}' is not for load balancers of the type ${Type}`,
      )
    }
    if (loadBalancersOf(uses, arn).some((user) => user !== LoadBalancerArn)) {
      throw new ServiceError(
        'TargetGroupAssociationLimitException',
        `The following target groups cannot be associated with more than one load balancer: ${arn}`,
      )
    }
  }
}
