/**
 * The service `elasticloadbalancing` (version 2): load balancers, listeners, rules, target groups. What it has not refuses,
 * with the feature that is missing.
 *
 * Operations write records; `balancing-document.ts` makes the document of them that the workers balance by.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/Welcome.html
 */

import { withConstraints } from '../../aws/constraints.ts'
import type { ServiceModel } from '../../aws/service-model.ts'
import type { Service, UnsupportedOperation } from '../service.ts'
import { accountOperations } from './account.ts'
import { CONSTRAINTS } from './constraints.ts'
import { MODEL } from './generated/model.ts'
import { listenerOperations } from './listener.ts'
import { listenerSettingOperations } from './listener-settings.ts'
import { loadBalancerOperations } from './load-balancer.ts'
import { loadBalancerSettingOperations } from './load-balancer-settings.ts'
import { ruleOperations } from './rule.ts'
import { tagOperations } from './tags.ts'
import { targetGroupOperations } from './target-group.ts'
import { targetHealthOperations } from './target-health.ts'
import { targetOperations } from './targets.ts'

const BUILT = {
  ...loadBalancerOperations,
  ...loadBalancerSettingOperations,
  ...listenerOperations,
  ...listenerSettingOperations,
  ...ruleOperations,
  ...targetGroupOperations,
  ...targetOperations,
  ...targetHealthOperations,
  ...tagOperations,
  ...accountOperations,
}

/** By the words in the name of an operation; the first that fits. */
const FEATURES: readonly (readonly [words: RegExp, feature: string])[] = [
  [/TrustStore/, 'trust stores of listeners (a domain name asks clients for certificates)'],
  [/Capacity/, 'reserved capacity'],
  [/IpPools/, 'address pools'],
  [/Policy|Association/, 'sharing between accounts'],
]

export function elbv2Service(): Service {
  const model = withConstraints(JSON.parse(MODEL) as ServiceModel, CONSTRAINTS)
  const unsupported: Record<string, UnsupportedOperation> = {}
  for (const name of Object.keys(model.operations)) {
    if (Object.hasOwn(BUILT, name)) continue
    const feature =
      FEATURES.find(([words]) => words.test(name))?.[1] ?? 'the rest of load balancing'
    unsupported[name] = { kind: 'unsupported', feature }
  }
  return { model, operations: { ...BUILT, ...unsupported } }
}
