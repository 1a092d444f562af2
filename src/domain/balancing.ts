/**
 * Load balancers inside the gateway: listeners, rules, target groups, as they cross from the control plane to the data
 * plane. Plain data, names of Elastic Load Balancing
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/).
 */

import type { TargetGroup } from './target-group.ts'

export interface BalancingDocument {
  /** Grows with every change. */
  readonly revision: number
  /** By ARN: of a listener, or of a service of Cloud Map. */
  readonly listeners: Readonly<Record<string, BalancingListener>>
  /** By ARN. */
  readonly targetGroups: Readonly<Record<string, TargetGroup>>
}

export interface BalancingListener {
  readonly arn: string
  readonly port: number
  /** HTTPS: its targets are reached as their group says; nobody shakes hands with the listener itself. */
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS'
  /** By priority, the smallest first; the last has no conditions. */
  readonly rules: readonly BalancingRule[]
}

export interface BalancingRule {
  readonly arn: string
  /** All have to hold. */
  readonly conditions: readonly RuleCondition[]
  readonly action: RuleAction
}

/** One of the values has to match; `*` and `?` are wildcards where Elastic Load Balancing has them. */
export type RuleCondition =
  | {
      readonly field: 'host-header' | 'path-pattern' | 'source-ip'
      readonly values: readonly string[]
    }
  | { readonly field: 'http-request-method'; readonly values: readonly string[] }
  | { readonly field: 'http-header'; readonly name: string; readonly values: readonly string[] }
  | {
      readonly field: 'query-string'
      readonly values: readonly { readonly key?: string; readonly value: string }[]
    }

export type RuleAction =
  | {
      readonly type: 'forward'
      readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[]
      /** The same client stays with the same group for so long. */
      readonly stickySeconds?: number
    }
  | {
      readonly type: 'fixed-response'
      readonly status: number
      readonly contentType: string
      readonly body: string
    }
  | { readonly type: 'redirect'; readonly status: 301 | 302; readonly location: string }
