/**
 * What the store keeps of Elastic Load Balancing: load balancers, listeners, rules, target groups.
 *
 * Bodies are what the operations show, with what those do not show beside it. Rules are kept under their listener and
 * listeners under their load balancer, so that they go with it.
 */

import type {
  Action,
  Certificate,
  Listener,
  LoadBalancer,
  Rule,
  RuleCondition,
  Tag,
  TargetDescription,
  TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2'

/** By key; what is not there has its default. */
export type Attributes = Readonly<Record<string, string>>

interface Common {
  readonly Tags: readonly Tag[]
  readonly attributes: Attributes
}

export interface LoadBalancerRecord extends Common {
  readonly view: Omit<LoadBalancer, 'CreatedTime'> & {
    readonly LoadBalancerArn: string
    readonly LoadBalancerName: string
    readonly Type: 'application' | 'network'
    readonly CreatedTime: string
  }
}

export interface ListenerRecord extends Common {
  readonly view: Omit<Listener, 'ListenerArn' | 'LoadBalancerArn' | 'Port' | 'Protocol'> & {
    readonly ListenerArn: string
    readonly LoadBalancerArn: string
    readonly Port: number
    readonly Protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS'
    readonly DefaultActions: Action[]
  }
  /** Besides the default one. */
  readonly certificates: readonly Certificate[]
  readonly defaultRuleArn: string
}

export interface RuleRecord {
  readonly Tags: readonly Tag[]
  readonly view: Rule & {
    readonly RuleArn: string
    readonly Priority: string
    readonly Conditions: RuleCondition[]
    readonly Actions: Action[]
  }
}

export interface TargetGroupRecord extends Common {
  readonly view: Omit<TargetGroup, 'LoadBalancerArns'> & {
    readonly TargetGroupArn: string
    readonly TargetGroupName: string
    readonly Protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS'
    readonly Port: number
    readonly TargetType: 'instance' | 'ip'
  }
  readonly targets: readonly RegisteredTarget[]
}

export interface RegisteredTarget extends TargetDescription {
  readonly Id: string
  readonly Port: number
  /** Epoch milliseconds, of one that was deregistered: from then on it is gone. */
  readonly drainsUntil?: number
}
