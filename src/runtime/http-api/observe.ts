// hot path — see STYLE §8
/** Last step: figures and the access-log line. */

import type { Invocation } from '../../invocation/invocation.ts'

export function observe(x: Invocation): void {
  const { stageContext } = x
  x.responseLatencyMs = stageContext.services.clock.now() - x.startedMs
  stageContext.metrics?.record(
    x.plan.routeIndex,
    x.status,
    x.responseLatencyMs,
    x.integrationLatencyMs,
    x.dataProcessed,
  )
  if (x.reason !== undefined) stageContext.metrics?.countRefused(x.plan.routeIndex, x.reason.step)
  stageContext.tracer?.end(x)
  stageContext.services.explain?.keep(x)
  stageContext.services.accessLog?.(x)
  stageContext.accessLog?.(x)
  stageContext.services.tail?.(x)
  // Last: where one of these throws, the crash is counted out instead.
  stageContext.services.calls.inFlight--
}
