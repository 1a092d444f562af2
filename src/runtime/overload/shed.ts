// hot path — see STYLE §8
/**
 * Refuses a call because the worker has too much to do: before its token is looked at and before its body is read, with
 * the CORS fields that let a browser read the answer.
 */

import type { Because } from '../../invocation/because.ts'
import { refuse } from '../../invocation/gateway-response.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import { NEXT, type Outcome } from '../../invocation/outcome.ts'

export function shed(x: Invocation): Outcome {
  const { overload, calls } = x.stageContext.services
  if (!overload.refuses(calls.inFlight)) return NEXT
  x.replyHeaders += `retry-after: ${overload.retryAfterSeconds}\r\n`
  return refuse(x, 'OVERLOADED', overload.detail, overloadBecause)
}

const overloadBecause: Because = (x) => {
  const { overload } = x.stageContext.services
  return {
    rule: `overload, stage ${overload.stage} of 3: docs/guide/overload.md`,
    seen: x.detail,
    passes: 'the same call when the worker has caught up; other limits, more workers, more memory',
  }
}
