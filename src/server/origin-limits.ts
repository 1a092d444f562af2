/** The limits of connections to origins, issuers and collectors, from the table of limits. */

import type { Limits } from '../domain/limits.ts'
import type { OriginLimits } from '../http/client/origin-request.ts'

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
