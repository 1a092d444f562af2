/**
 * What EndpointSlices of Kubernetes say about targets. Pure.
 *
 * A service has several slices, and an endpoint may stand in two of them for a while; one that is ready in one of them is
 * ready. An endpoint that is going and still answers gets no new requests.
 * https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/
 */

import type { Target } from '../domain/target-group.ts'
import { sortedTargets } from './target-source.ts'

export interface EndpointSlice {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string }
  readonly addressType?: string
  readonly endpoints?: readonly Endpoint[] | null
  readonly ports?: readonly EndpointPort[] | null
}

interface Endpoint {
  readonly addresses?: readonly string[]
  /** What is not said: ready and serving are true, terminating is false. */
  readonly conditions?: {
    readonly ready?: boolean | null
    readonly serving?: boolean | null
    readonly terminating?: boolean | null
  } | null
  readonly zone?: string | null
}

interface EndpointPort {
  readonly name?: string | null
  readonly port?: number | null
  readonly protocol?: string | null
}

/** `port`: its number, or its name. */
export function targetsOf(slices: Iterable<EndpointSlice>, port: number | string): Target[] {
  const found: Target[] = []
  for (const { endpoints, ports } of slices) {
    const number = portOf(ports ?? [], port)
    if (number === undefined) continue
    for (const endpoint of endpoints ?? []) found.push(...targetsOfEndpoint(endpoint, number))
  }
  // Of two with the same address the last one counts.
  return sortedTargets(found.sort((a, b) => Number(b.draining) - Number(a.draining)))
}

function portOf(ports: readonly EndpointPort[], wanted: number | string): number | undefined {
  for (const { name, port, protocol } of ports) {
    if ((protocol ?? 'TCP') !== 'TCP' || port == null) continue
    if (wanted === port || wanted === name) return port
  }
  return undefined
}

function targetsOfEndpoint({ addresses = [], conditions, zone }: Endpoint, port: number): Target[] {
  const isReady = conditions?.ready ?? true
  const isServing = conditions?.serving ?? isReady
  const draining = !isReady && isServing && (conditions?.terminating ?? false)
  // All addresses of an endpoint are the same; clients take the first.
  const [host] = addresses
  if (host === undefined || !(isReady || draining)) return []
  const where = zone == null ? {} : { availabilityZone: zone }
  return [{ host, port, weight: 1, ...where, draining }]
}
