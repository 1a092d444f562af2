// hot path — see STYLE §8
/** What an origin is told about the trace that a call belongs to; written by the gateway, never relayed. */

import type { Invocation } from '../../invocation/invocation.ts'
import { FIELDS_OF_FORMAT, TRACE_FORMATS } from '../../observability/tracing/call-trace.ts'

/** The header block; '' without a trace. A field that parameter mapping sets or removes is the author's. */
export function traceFields(x: Invocation): string {
  const { trace, mappedHeaders } = x
  const formats = x.stageContext.tracer?.formats ?? 0
  if (trace === undefined) return ''
  if (mappedHeaders === undefined) return trace.fields(formats)
  let kept = formats
  for (const [format, names] of FORMATS) {
    for (const name of names) if (mappedHeaders.dropped.has(name)) kept &= ~format
  }
  return trace.fields(kept)
}

const FORMATS = Object.entries(TRACE_FORMATS).map(
  ([name, format]) => [format, FIELDS_OF_FORMAT[name as keyof typeof TRACE_FORMATS]] as const,
)
