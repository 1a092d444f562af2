/** Limits of load balancers, target groups and the services of Cloud Map. Rows of the table in `domain/limits.ts`. */

import type { LimitRows } from './limit.ts'

export const BALANCING_LIMITS = {
  loadBalancersPerRegion: {
    unit: 'count',
    aws: 50,
    extended: 1_000,
    beyond: 'TooManyLoadBalancers',
    description: 'Load balancers of one account in one region (AWS: 50 of each type).',
  },
  listenersPerLoadBalancer: {
    unit: 'count',
    aws: 50,
    extended: 1_000,
    beyond: 'TooManyListeners',
    description: 'Listeners of one load balancer (AWS: 50).',
  },
  rulesPerListener: {
    unit: 'count',
    aws: 100,
    extended: 10_000,
    beyond: 'TooManyRules',
    description: 'Rules of one listener besides the default one (AWS: 100 of a load balancer).',
  },
  conditionValuesPerRule: {
    unit: 'count',
    aws: 5,
    extended: 100,
    beyond: 'ValidationError',
    description: 'Values of all conditions of one rule (AWS: 5).',
  },
  certificatesPerListener: {
    unit: 'count',
    aws: 25,
    extended: 1_000,
    beyond: 'TooManyCertificates',
    description: 'Certificates of one listener besides the default one (AWS: 25).',
  },
  targetGroupsPerRegion: {
    unit: 'count',
    aws: 3_000,
    extended: 10_000,
    beyond: 'TooManyTargetGroups',
    description: 'Target groups of one account in one region (AWS: 3 000).',
  },
  targetGroupsPerAction: {
    unit: 'count',
    aws: 5,
    extended: 100,
    beyond: 'ValidationError',
    description: 'Target groups that one action forwards to (AWS: 5).',
  },
  targetsPerTargetGroup: {
    unit: 'count',
    aws: 1_000,
    extended: 1_000,
    beyond: 'TooManyTargets; further targets that discovery finds are left out',
    description: 'Targets of one target group (AWS: 1 000).',
  },
  servicesPerNamespace: {
    unit: 'count',
    aws: 1_000,
    extended: 10_000,
    beyond: 'ResourceLimitExceeded',
    description: 'Cloud Map services of one namespace.',
  },
  namespacesPerRegion: {
    unit: 'count',
    aws: 50,
    extended: 1_000,
    beyond: 'ResourceLimitExceeded',
    description: 'Cloud Map namespaces of one account in one region (AWS: 50).',
  },
  instancesPerService: {
    unit: 'count',
    aws: 1_000,
    extended: 1_000,
    beyond: 'ResourceLimitExceeded',
    description: 'Instances of one Cloud Map service (AWS: 1 000).',
  },
  balancingTargets: {
    unit: 'count',
    aws: 4_096,
    extended: 4_096,
    beyond: 'the change is refused; targets that were discovered stay as they were',
    description:
      'Targets and target groups of load balancers that all workers know of, 48 bytes each and 72 for each worker; by the ways to them: directly, or by each VPC link.',
  },
} as const satisfies LimitRows
