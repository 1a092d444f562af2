/**
 * Lengths, ranges and whole numbers of Elastic Load Balancing's members, which the SDK package does not tell.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Operations.html
 */

import type { Constraints } from '../../aws/constraints.ts'
import type { Constraint } from '../../aws/service-model.ts'

const Name: Constraint = { length: [1, 32] }
const Port: Constraint = { range: [1, 65_535], integer: true }
const Priority: Constraint = { range: [1, 50_000], integer: true }
const PageSize: Constraint = { range: [1, 400], integer: true }
const arns: Constraint = { length: [0, 20] }

const HEALTH_CHECK: Readonly<Record<string, Constraint>> = {
  HealthCheckIntervalSeconds: { range: [5, 300], integer: true },
  HealthCheckTimeoutSeconds: { range: [2, 120], integer: true },
  HealthyThresholdCount: { range: [2, 10], integer: true },
  UnhealthyThresholdCount: { range: [2, 10], integer: true },
  HealthCheckPath: { length: [1, 1_024] },
}

export const CONSTRAINTS: Constraints = {
  CreateLoadBalancerInput: { Name, Tags: { length: [1, 50] } },
  DescribeLoadBalancersInput: { PageSize, LoadBalancerArns: arns, Names: arns },
  CreateTargetGroupInput: {
    Name,
    Port,
    ...HEALTH_CHECK,
    TargetControlPort: Port,
  },
  ModifyTargetGroupInput: HEALTH_CHECK,
  DescribeTargetGroupsInput: { PageSize, TargetGroupArns: arns, Names: arns },
  TargetDescription: { Port, Id: { length: [1, 253] } },
  CreateListenerInput: { Port },
  ModifyListenerInput: { Port },
  DescribeListenersInput: { PageSize, ListenerArns: arns },
  DescribeListenerCertificatesInput: { PageSize },
  CreateRuleInput: { Priority },
  RulePriorityPair: { Priority },
  DescribeRulesInput: { PageSize, RuleArns: arns },
  DescribeAccountLimitsInput: { PageSize },
  DescribeSSLPoliciesInput: { PageSize },
  DescribeTagsInput: { ResourceArns: { length: [1, 20] } },
  Action: { Order: { range: [1, 50_000], integer: true } },
  TargetGroupTuple: { Weight: { range: [0, 999], integer: true } },
  TargetGroupStickinessConfig: { DurationSeconds: { range: [1, 604_800], integer: true } },
  Tag: { Key: { length: [1, 128] }, Value: { length: [0, 256] } },
}
