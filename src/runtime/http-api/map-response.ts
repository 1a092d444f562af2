/** Parameter mapping of the response, chosen by the integration's status. */

import type { ResponseMapping } from '../../expression/mapping/mapping.ts'
import { refuse } from '../../invocation/gateway-response.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import { applyHeaderRules } from '../../invocation/mapped-headers.ts'
import { NEXT, type Outcome } from '../../invocation/outcome.ts'
import type { RunStep } from '../../invocation/plan.ts'
import { evaluate } from './map-request.ts'
import { headerTrouble, mappedResponseBecause } from './mapping-because.ts'

/** The step for an integration's response parameters; undefined when it has none. */
export function compileMapResponse(
  byStatus: ReadonlyMap<number, ResponseMapping>,
): RunStep | undefined {
  if (byStatus.size === 0) return undefined
  return function runMapResponse(x) {
    const mapping = byStatus.get(x.integrationStatus)
    return mapping === undefined || x.responseHead === undefined ? NEXT : map(x, mapping)
  }
}

function map(x: Invocation, mapping: ResponseMapping): Outcome {
  if (mapping.headers.length > 0) {
    const rules = evaluate(mapping.headers, x)
    const mapped = applyHeaderRules(rules, (name) => x.responseHeader(name))
    if (mapped === undefined) return refuseMapping(x, headerTrouble(rules))
    x.mappedResponseHeaders = mapped
  }
  const status = mapping.status?.(x)
  if (status === undefined) return NEXT
  if (!/^[2-5]\d\d$/.test(status))
    return refuseMapping(x, `overwrite:statuscode: ${status.slice(0, 20)}`)
  x.status = Number(status)
  return NEXT
}

function refuseMapping(x: Invocation, detail: string): Outcome {
  const { responseStream } = x
  x.responseStream = undefined
  responseStream?.abandon()
  return refuse(x, 'RESPONSE_MAPPING_INVALID', detail, mappedResponseBecause)
}
