/** Which step decided a call, as it stands when the call is answered. */

import type { Invocation } from '../../invocation/invocation.ts'
import type { Step } from '../../observability/explain/steps.ts'
import { PIPELINE_STEPS } from '../http-api/pipeline.ts'

export function decidingStepOf(x: Invocation): Step {
  if (x.reasonCode === 'ROUTE_NOT_FOUND') return 'route'
  if (x.replyBodiless) return 'cors'
  if (x.reasonCode === undefined) return x.detail === '' ? 'integrate' : 'respond'
  return PIPELINE_STEPS[x.refusedAt] ?? 'respond'
}
