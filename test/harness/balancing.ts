/** Load balancers of a scenario: documents from a few lines, and waiting until targets are as wanted. */

import type { BalancingDocument, BalancingRule } from '../../src/domain/balancing.ts'
import type { Target, TargetGroup } from '../../src/domain/target-group.ts'
import type { TestGateway } from './gateway.ts'

export const LISTENER =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/inner/50dc6c495c0c9188/f2f7dc8efc522ab2'

export function groupArn(name: string): string {
  return `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${name}/73e2d6bc24d8a067`
}

/** On loopback; a port alone. */
export function targetAt(port: number, given: Partial<Target> = {}): Target {
  return { host: '127.0.0.1', port, weight: 1, draining: false, ...given }
}

/** Round robin, checked ten times a second, without outlier detection; what is given replaces that. */
export function groupOf(
  name: string,
  targets: readonly (Target | number)[],
  given: Partial<TargetGroup> = {},
): TargetGroup {
  return {
    arn: groupArn(name),
    name,
    protocol: 'HTTP',
    algorithm: 'round_robin',
    targets: targets.map((target) => (typeof target === 'number' ? targetAt(target) : target)),
    healthCheck: CHECK,
    outlierDetection: NO_DETECTION,
    slowStartMs: 0,
    deregistrationDelayMs: 1_000,
    panicThreshold: 0,
    retryBudget: 0.2,
    ...given,
  }
}

export const CHECK: TargetGroup['healthCheck'] = {
  enabled: true,
  protocol: 'TCP',
  path: '/',
  intervalMs: 100,
  timeoutMs: 1_000,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  matcher: '200',
}

export const UNCHECKED = { ...CHECK, enabled: false }

export const NO_DETECTION: TargetGroup['outlierDetection'] = {
  consecutive5xx: 0,
  intervalMs: 1_000,
  baseEjectionMs: 30_000,
  ejectedShareMax: 0.5,
  successRateDeviations: 0,
}

export function forwardTo(...groups: readonly TargetGroup[]): BalancingRule {
  return {
    arn: `${LISTENER}/default`,
    conditions: [],
    action: { type: 'forward', targetGroups: groups.map(({ arn }) => ({ arn, weight: 1 })) },
  }
}

/** One listener with these rules; the last takes everything. */
export function documentOf(
  groups: readonly TargetGroup[],
  rules: readonly BalancingRule[] = [forwardTo(...groups)],
  revision = 1,
): BalancingDocument {
  return {
    revision,
    listeners: { [LISTENER]: { arn: LISTENER, port: 80, protocol: 'HTTP', rules } },
    targetGroups: Object.fromEntries(groups.map((group) => [group.arn, group])),
  }
}

/** A route's integration that goes through the listener. */
export const THROUGH_LISTENER = { uri: 'http://inner.internal', listenerArn: LISTENER } as const

/** Waits until the checks have found these states, in the order of the targets. */
export async function untilStates(
  gateway: TestGateway,
  group: TargetGroup,
  states: readonly string[],
): Promise<void> {
  const wanted = states.join(' ')
  for (let i = 0; i < 500; i++) {
    const seen = (gateway.targets.healthOf(group.arn) ?? []).map(({ state }) => state)
    if (seen.join(' ') === wanted) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const seen = (gateway.targets.healthOf(group.arn) ?? []).map(
    ({ state, reason }) => `${state} ${reason}`,
  )
  throw new Error(`targets are ${seen.join(', ')}, not ${wanted}`)
}
