/** The limits of connections to origins, issuers and collectors, from the table of limits. */

import type { Limits } from '../../domain/limits.ts'
import type { OriginLimits } from '../../http/client/origin-request.ts'

export function originLimits(limits: Limits): OriginLimits {
  return {
    headBytes: limits.responseHeadBytes,
    headerCount: 256,
    chunkHeadBytes: limits.chunkHeadBytes,
    chunkExtensionBytes: limits.chunkExtensionBytes,
    trailerBytes: limits.trailerBytes,
    connections: limits.originConnections,
    waiting: limits.originWaiting,
    connectTimeoutMs: limits.connectTimeoutMs,
    idleTimeoutMs: limits.originIdleTimeoutMs,
  }
}

/** Calls under way to one origin, over all workers: `127.0.0.1:3000` → 50. */
export type OriginCaps = Readonly<Record<string, number>>

/**
 * The same for one worker and one origin, where the operator has set a cap: the worker has its share of it, at least one,
 * and as many calls again may wait.
 */
export function cappedLimits(
  limits: OriginLimits,
  cap: number | undefined,
  workers: number,
): OriginLimits {
  if (cap === undefined) return limits
  const connections = Math.max(1, Math.floor(cap / workers))
  return { ...limits, connections, waiting: Math.min(limits.waiting, connections) }
}
