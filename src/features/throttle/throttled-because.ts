/** What `postern explain` says of a call that found a token bucket empty. */

import type { Throttle } from '../../domain/http-api.ts'
import type { Because } from '../../invocation/because.ts'
import type { ReasonCode } from '../../observability/explain/reasons.ts'
import type { TokenBucket } from './token-bucket.ts'

export interface ThrottledGate {
  readonly reason: ReasonCode
  readonly throttle: Throttle
  readonly bucket: TokenBucket
}

export function throttledBecause({ reason, throttle, bucket }: ThrottledGate): Because {
  const { ratePerSecond, burst } = throttle
  const [whose = ''] = reason.split('_', 1)
  const rule = `token bucket, the limit of the ${whose.toLowerCase()}: ${ratePerSecond} a second, burst ${burst}`
  return (x) => {
    const tokens = bucket.tokens(x.stageContext.services.clock.now())
    return {
      rule,
      seen: `${tokens.toFixed(2)} tokens in the bucket`,
      passes: nextToken(throttle, tokens),
    }
  }
}

function nextToken({ ratePerSecond, burst }: Throttle, tokens: number): string {
  if (ratePerSecond === 0 || burst < 1) return 'nothing: a limit of 0 lets no call pass'
  const ms = Math.max(0, Math.ceil(((1 - tokens) / ratePerSecond) * 1_000))
  return `the same call ${ms} ms later, if nobody else calls before; then ${ratePerSecond} a second`
}
