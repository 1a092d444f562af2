/** What no route can take: a declared body that is too large is refused before a byte of it is read. */

import { bodyBecause } from '../../invocation/body-because.ts'
import { refuse } from '../../invocation/gateway-response.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import { NEXT, type Outcome } from '../../invocation/outcome.ts'

export function admit(x: Invocation): Outcome {
  const { requestBodyBytes } = x.exchange
  if (requestBodyBytes > x.stageContext.services.limits.requestBodyBytes) {
    return refuse(x, 'REQUEST_TOO_LARGE', `declared body of ${requestBodyBytes} bytes`, bodyBecause)
  }
  return NEXT
}
