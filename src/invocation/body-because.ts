/** What `postern explain` says of a request body that was refused before it went anywhere. */

import type { Evidence } from '../observability/explain/evidence.ts'
import type { Invocation } from './invocation.ts'

export function bodyBecause(x: Invocation): Evidence {
  const { limits } = x.stageContext.services
  const seen = x.detail
  switch (x.reasonCode) {
    case 'REQUEST_TOO_LARGE': {
      const { requestBodyBytes, bufferedBodyBytes } = limits
      const whole = x.exchange.requestBodyBytes > requestBodyBytes
      const name = whole ? 'requestBodyBytes' : 'bufferedBodyBytes'
      const number = whole ? requestBodyBytes : bufferedBodyBytes
      return {
        rule: `limit ${name}: ${number}`,
        seen,
        passes: `at most ${number} bytes, or --limit ${name}=…`,
      }
    }
    case 'REQUEST_TIMEOUT':
      return {
        rule: `limits bodyTimeoutMs: ${limits.bodyTimeoutMs}, bodyBytesPerSecondMin: ${limits.bodyBytesPerSecondMin}`,
        seen,
        passes: 'a body that comes faster',
      }
    default:
      return {
        rule: 'the framing of the body (RFC 9112 §6, §7)',
        seen,
        passes: 'a body as its Content-Length or its chunks say',
      }
  }
}
