/**
 * Which groups of targets are in use, and the ways to them: directly, or by a VPC link. Main thread and workers ask the
 * same question of the same configuration, and so name the rows of shared memory alike.
 */

import type { BalancingDocument, BalancingListener } from '../domain/balancing.ts'
import type { Configuration } from '../domain/http-api.ts'
import type { Target, TargetGroup } from '../domain/target-group.ts'

/** What decides who leads where. */
export type Reaching = Pick<Configuration, 'stages' | 'balancing' | 'links'>

/** The way without an agent. */
export const DIRECT = ''

export function groupKey(groupArn: string, via: string): string {
  return `${groupArn} ${via}`
}

export function targetKey(
  groupArn: string,
  via: string,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  return `${groupKey(groupArn, via)} ${host} ${port}`
}

/** Those that the document names, and those that were discovered besides. */
export function targetsOf(
  { arn, targets }: TargetGroup,
  discovered: ReadonlyMap<string, readonly Target[]>,
): readonly Target[] {
  const found = discovered.get(arn)
  if (found === undefined) return targets
  const isNamed = ({ host, port }: Target) =>
    targets.some((target) => target.host === host && target.port === port)
  return [...targets, ...found.filter((target) => !isNamed(target))]
}

/** By ARN of the group: ids of VPC links, or `DIRECT` where no integration comes by one. Groups without a listener have none. */
export function waysToGroups(configuration: Reaching): ReadonlyMap<string, ReadonlySet<string>> {
  const ways = new Map<string, Set<string>>()
  const { balancing } = configuration
  if (balancing === undefined) return ways
  const byAgents = linksOfAgents(configuration)
  for (const { listenerArn, vpcLinkId } of integrationsOf(configuration)) {
    for (const arn of groupsOf(balancing.listeners[listenerArn ?? ''])) {
      wayTo(ways, arn).add(byAgents.has(vpcLinkId ?? '') ? vpcLinkId! : DIRECT)
    }
  }
  for (const arn of groupsOfAll(balancing)) {
    const known = wayTo(ways, arn)
    if (known.size === 0) known.add(DIRECT)
  }
  return ways
}

function wayTo(ways: Map<string, Set<string>>, arn: string): Set<string> {
  const known = ways.get(arn) ?? new Set<string>()
  ways.set(arn, known)
  return known
}

/** The others say that the gateway reaches the network itself. */
function linksOfAgents({ links }: Reaching): ReadonlySet<string> {
  const served = links?.links.filter(({ reach }) => reach === 'AGENT') ?? []
  return new Set(served.map(({ vpcLinkId }) => vpcLinkId))
}

function integrationsOf({ stages }: Reaching) {
  return stages.flatMap(({ integrations }) => Object.values(integrations))
}

function groupsOfAll({ listeners }: BalancingDocument): string[] {
  return Object.values(listeners).flatMap((listener) => groupsOf(listener))
}

function groupsOf(listener: BalancingListener | undefined): string[] {
  return (listener?.rules ?? []).flatMap(({ action }) =>
    action.type === 'forward' ? action.targetGroups.map(({ arn }) => arn) : [],
  )
}
