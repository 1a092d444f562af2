/**
 * Listeners: what an integration names to be balanced. They have a port and a protocol, as AWS shows them; nobody listens
 * there.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
 */

import type {
  CreateListenerInput,
  DeleteListenerInput,
  DescribeListenersInput,
  ModifyListenerInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { checkedActions } from './actions.ts'
import { elbArn, keyOf, newElbId, pathOf } from './arn.ts'
import { invalid } from './errors.ts'
import { listenerOf, loadBalancerOf } from './found.ts'
import { LISTENER } from './kinds.ts'
import { tlsPartOf } from './listener-tls.ts'
import { listAll, pageOf } from './pages.ts'
import type { ListenerRecord, LoadBalancerRecord } from './records.ts'
import { mergedTags } from './tag-rules.ts'

type Protocol = ListenerRecord['view']['Protocol']

const PROTOCOLS: Readonly<Record<string, readonly string[]>> = {
  application: ['HTTP', 'HTTPS'],
  network: ['TCP', 'TLS'],
}

export const listenerOperations = {
  CreateListener: write<CreateListenerInput, object>(async (request, context) => {
    const balancer = await loadBalancerOf(context, request.LoadBalancerArn!)
    const { Port, Protocol } = request
    if (Port === undefined) throw invalid('A listener port must be specified')
    await refuseTaken(balancer, Port, context)
    const path = `${pathOf(balancer.view.LoadBalancerArn)}/${newElbId(context)}`
    const view: ListenerRecord['view'] = {
      ListenerArn: elbArn(context.scope, 'listener', path),
      LoadBalancerArn: balancer.view.LoadBalancerArn,
      Port,
      Protocol: protocolOf(Protocol, balancer),
      ...(await tlsPartOf(request, protocolOf(Protocol, balancer), context)),
      DefaultActions: await checkedActions(request.DefaultActions ?? [], balancer, context),
    }
    const record: ListenerRecord = {
      view,
      Tags: mergedTags([], request.Tags, context.settings.limits.tagsPerResource),
      attributes: {},
      certificates: [],
      defaultRuleArn: elbArn(context.scope, 'listener-rule', `${path}/${newElbId(context)}`),
    }
    await context.records.put(keyOf('listener', view.ListenerArn), record)
    return { Listeners: [view] }
  }),

  DescribeListeners: read<DescribeListenersInput, object>(async (request, context) => {
    const { LoadBalancerArn, ListenerArns } = request
    if (ListenerArns?.length) {
      const records = await Promise.all(ListenerArns.map((arn) => listenerOf(context, arn)))
      return { Listeners: records.map(({ view }) => view) }
    }
    if (LoadBalancerArn === undefined) {
      throw invalid('You must specify either listener ARNs or a load balancer ARN')
    }
    await loadBalancerOf(context, LoadBalancerArn)
    const place = { kind: LISTENER, parent: pathOf(LoadBalancerArn) }
    const { items, rest } = await pageOf<ListenerRecord>(context, place, request)
    return { Listeners: items.map(({ view }) => view), ...rest }
  }),

  ModifyListener: write<ModifyListenerInput, object>(async (request, context) => {
    const record = await listenerOf(context, request.ListenerArn!)
    const changed = { ...record, view: await changedView(record, request, context) }
    await context.records.put(keyOf('listener', record.view.ListenerArn), changed)
    return { Listeners: [changed.view] }
  }),

  DeleteListener: write<DeleteListenerInput, object>(async ({ ListenerArn }, context) => {
    await listenerOf(context, ListenerArn!)
    await context.records.deleteChildren(pathOf(ListenerArn!))
    await context.records.delete(keyOf('listener', ListenerArn!))
    return {}
  }),
}

/** The load balancer that a listener belongs to. */
export function balancerOf(
  { view }: Pick<ListenerRecord, 'view'>,
  context: ReadContext,
): Promise<LoadBalancerRecord> {
  return loadBalancerOf(context, view.LoadBalancerArn)
}

async function changedView(
  record: ListenerRecord,
  request: ModifyListenerInput,
  context: WriteContext,
): Promise<ListenerRecord['view']> {
  const balancer = await balancerOf(record, context)
  const { view } = record
  const { Port = view.Port, DefaultActions } = request
  if (Port !== view.Port) await refuseTaken(balancer, Port, context)
  const Protocol = protocolOf(request.Protocol ?? view.Protocol, balancer)
  const {
    Certificates: _,
    SslPolicy: __,
    AlpnPolicy: ___,
    MutualAuthentication: ____,
    ...rest
  } = view
  const isSecure = Protocol === 'HTTPS' || Protocol === 'TLS'
  const before = isSecure ? view : {}
  return {
    ...rest,
    Port,
    Protocol,
    ...(await tlsPartOf({ ...before, ...defined(request) }, Protocol, context)),
    DefaultActions:
      DefaultActions === undefined
        ? view.DefaultActions
        : await checkedActions(DefaultActions, balancer, context),
  }
}

function defined<T extends object>(members: T): Partial<T> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Partial<T>
}

function protocolOf(protocol: string | undefined, { view }: LoadBalancerRecord): Protocol {
  const known = PROTOCOLS[view.Type]!
  if (protocol === undefined) throw invalid('A listener protocol must be specified')
  if (known.includes(protocol)) return protocol as Protocol
  throw new ServiceError(
    'UnsupportedProtocolException',
    `Listeners of a load balancer of the type '${view.Type}' have the protocols ${known.join(', ')} here, not ${protocol}`,
  )
}

async function refuseTaken(
  { view }: LoadBalancerRecord,
  port: number,
  context: WriteContext,
): Promise<void> {
  const arn = view.LoadBalancerArn
  const listeners = await listAll<ListenerRecord>(context, LISTENER, pathOf(arn))
  if (listeners.some((each) => each.view.Port === port)) {
    throw new ServiceError(
      'DuplicateListenerException',
      `A listener already exists on this port for this load balancer '${arn}'`,
    )
  }
  const { listenersPerLoadBalancer: most } = context.settings.limits
  if (listeners.length < most) return
  throw new ServiceError(
    'TooManyListenersException',
    `The maximum number of listeners (${most}) has been reached on load balancer '${arn}'`,
  )
}
