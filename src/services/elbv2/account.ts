/** What an account may have, and which security policies there are. */

import type {
  DescribeAccountLimitsInput,
  DescribeSSLPoliciesInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ServiceError } from '../../aws/service-error.ts'
import type { Limits } from '../../domain/limits.ts'
import { read } from '../service.ts'
import { SSL_POLICIES } from './ssl-policies.ts'

export const accountOperations = {
  DescribeAccountLimits: read<DescribeAccountLimitsInput, object>(
    async (_request, { settings }) => {
      const Limits = Object.entries(limitsOf(settings.limits))
      return { Limits: Limits.map(([Name, max]) => ({ Name, Max: String(max) })) }
    },
  ),

  DescribeSSLPolicies: read<DescribeSSLPoliciesInput, object>(
    async ({ Names, LoadBalancerType }) => {
      const all = LoadBalancerType === 'gateway' ? [] : SSL_POLICIES
      if (!Names?.length) return { SslPolicies: all }
      const SslPolicies = Names.map((name) => {
        const found = all.find(({ Name }) => Name === name)
        if (found !== undefined) return found
        throw new ServiceError(
          'SSLPolicyNotFoundException',
          `SSL policy '${name.slice(0, 100)}' not found`,
        )
      })
      return { SslPolicies }
    },
  ),
}

/** By AWS's names. */
function limitsOf(limits: Limits): Record<string, number> {
  return {
    'application-load-balancers': limits.loadBalancersPerRegion,
    'network-load-balancers': limits.loadBalancersPerRegion,
    'listeners-per-application-load-balancer': limits.listenersPerLoadBalancer,
    'listeners-per-network-load-balancer': limits.listenersPerLoadBalancer,
    'rules-per-application-load-balancer': limits.rulesPerListener,
    'condition-values-per-alb-rule': limits.conditionValuesPerRule,
    'certificates-per-application-load-balancer': limits.certificatesPerListener,
    'certificates-per-network-load-balancer': limits.certificatesPerListener,
    'target-groups': limits.targetGroupsPerRegion,
    'target-groups-per-action-on-application-load-balancer': limits.targetGroupsPerAction,
    'targets-per-application-load-balancer': limits.targetsPerTargetGroup,
    'targets-per-network-load-balancer': limits.targetsPerTargetGroup,
  }
}
