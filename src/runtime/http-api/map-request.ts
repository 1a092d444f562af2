/** Parameter mapping of the request: headers, query and path for the origin. */

import type { RequestSource } from '../../expression/context-source.ts'
import type { HeaderRule, RequestMapping, RequestValue } from '../../expression/mapping/mapping.ts'
import { applyQueryRules } from '../../expression/query-string/query-rules.ts'
import { canonicalPath } from '../../http/message/canonical-path.ts'
import { refuse } from '../../invocation/gateway-response.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import { type AppliedRule, applyHeaderRules } from '../../invocation/mapped-headers.ts'
import { NEXT, type Outcome, PENDING, RESPOND } from '../../invocation/outcome.ts'
import { compileOverwrites } from '../../invocation/overwrites.ts'
import type { RunStep } from '../../invocation/plan.ts'
import { bufferRequestBody } from '../../invocation/request-body.ts'
import { compileAliases } from './mapped-aliases.ts'
import { headerTrouble, mappedRequestBecause } from './mapping-because.ts'

/** The step for one integration's request parameters; undefined when it has none. */
export function compileMapRequest(mapping: RequestMapping): RunStep | undefined {
  const { headers, query, path, readsBody } = mapping
  if (headers.length === 0 && query.length === 0 && path === undefined) return undefined
  const markAliases = compileAliases(headers.map(({ name }) => name))
  const overwrites = compileOverwrites(headers)
  function runMapRequest(x: Invocation): Outcome {
    if (headers.length > 0) {
      markAliases(x.exchange.request.fields)
      x.mappedHeaders = overwrites?.(x)
      if (x.mappedHeaders === undefined && mapHeaders(x, headers) !== NEXT) return RESPOND
    }
    if (query.length > 0) x.query = applyQueryRules(x.query, query, x)
    return path === undefined ? NEXT : mapPath(x, path)
  }
  if (!readsBody) return runMapRequest
  return function runMapRequestWithBody(x) {
    const outcome = bufferRequestBody(x)
    if (outcome === NEXT) return runMapRequest(x)
    // Comes back to this step with the body there.
    if (outcome === PENDING) x.step--
    return outcome
  }
}

function mapHeaders(x: Invocation, headers: RequestMapping['headers']): Outcome {
  const rules = evaluate(headers, x)
  const mapped = applyHeaderRules(rules, (name) => x.requestHeader(name))
  if (mapped === undefined) return refuseMapping(x, headerTrouble(rules))
  x.mappedHeaders = mapped
  return NEXT
}

function mapPath(x: Invocation, path: RequestValue): Outcome {
  const value = path(x)
  if (value === undefined) return NEXT
  const canonical = canonicalPath(value)
  if (canonical === '') return refuseMapping(x, 'overwrite:path: can be read in two ways')
  x.mappedPath = canonical
  return NEXT
}

function refuseMapping(x: Invocation, detail: string): Outcome {
  return refuse(x, 'MAPPED_VALUE_INVALID', detail, mappedRequestBecause)
}

/** Rules with values; one whose value is not there does nothing. */
export function evaluate<S extends RequestSource>(
  rules: readonly HeaderRule<(source: S) => string | undefined>[],
  source: S,
): AppliedRule[] {
  const applied: AppliedRule[] = []
  for (const { op, name, value } of rules) {
    const text = op === 'remove' ? '' : value(source)
    if (text !== undefined) applied.push({ op, name, value: text })
  }
  return applied
}
