/**
 * Discovery in the program: which groups of what is served are discovered, with the means of this machine, and what is
 * found goes to the workers without a deployment.
 *
 * Loaded with the first group that asks for it.
 */

import { Resolver } from 'node:dns/promises'
import { systemRandom } from '../../base/random.ts'
import { Discovery } from '../../discovery/discovery.ts'
import { DnsSource } from '../../discovery/dns-source.ts'
import { KubernetesApi, placeOfPod } from '../../discovery/kubernetes-api.ts'
import { KubernetesSource } from '../../discovery/kubernetes-source.ts'
import type { TargetSource } from '../../discovery/target-source.ts'
import type { DiscoverySource } from '../../domain/discovery-source.ts'
import type { Limits } from '../../domain/limits.ts'
import type { Target } from '../../domain/target-group.ts'
import type { ProgramLog } from '../program-log.ts'
import type { Settings } from '../settings/settings.ts'

export type UseTargets = (groupArn: string, targets: readonly Target[]) => void

export interface TargetDiscoveryParts {
  readonly settings: Pick<Settings, 'discoveryDns' | 'kubernetesApi' | 'kubernetesCredentials'>
  readonly limits: Limits
  readonly environment: NodeJS.ProcessEnv
  /** Throws a RangeError when there is no room for so many. */
  readonly use: UseTargets
  readonly log: ProgramLog
}

const DNS_TIMEOUT_MS = 2_000
const DNS_TRIES = 2

export function openTargetDiscovery(parts: TargetDiscoveryParts): Discovery {
  const { log, limits } = parts
  return new Discovery({
    sourceFor: (source) => sourceFor(source, parts),
    use: (arn, targets) => {
      try {
        parts.use(arn, targets)
      } catch (thrown) {
        if (!(thrown instanceof RangeError)) throw thrown
        log.error(`discovered targets of ${arn} are not used: ${thrown.message}`)
      }
    },
    log,
    after,
    targetsMax: limits.targetsPerTargetGroup,
  })
}

/** A text: why there is none. */
function sourceFor(source: DiscoverySource, parts: TargetDiscoveryParts): TargetSource | string {
  const common = { after, random: systemRandom }
  if (source.kind === 'dns') {
    const { targetsPerTargetGroup: targetsMax } = parts.limits
    return new DnsSource({ ...common, source, resolver: resolverOf(parts), targetsMax })
  }
  const place = kubernetesPlace(parts)
  if (typeof place === 'string') return place
  return new KubernetesSource({ ...common, source, api: new KubernetesApi(place) })
}

function resolverOf({ settings }: TargetDiscoveryParts): Resolver {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES })
  if (settings.discoveryDns !== undefined) resolver.setServers([settings.discoveryDns])
  return resolver
}

function kubernetesPlace({ settings, environment }: TargetDiscoveryParts) {
  const pod = placeOfPod(environment)
  const url = settings.kubernetesApi ?? pod?.url
  const credentials = settings.kubernetesCredentials ?? pod?.credentials
  if (url === undefined)
    return 'this is no pod of Kubernetes; name the API server with --kubernetes-api'
  if (credentials === undefined) return '--kubernetes-api needs --kubernetes-credentials'
  if (!url.startsWith('https:'))
    return '--kubernetes-api has to be https, for the token is a secret'
  return { url: url.replace(/\/$/, ''), credentials }
}

/** Nobody waits for the program's end because of it. */
function after(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, delayMs)
  timer.unref()
  return () => clearTimeout(timer)
}
