/**
 * The JSON form of OTLP, as far as all signals share it: attributes, times, and who is speaking.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */

/** Name and version of what makes the signals. */
const SCOPE = '"scope":{"name":"postern"}'

export type AttributeValue = string | number | boolean

/** `{"key":…,"value":{…}}` */
export function attribute(key: string, value: AttributeValue): string {
  return `{"key":${JSON.stringify(key)},"value":${anyValue(value)}}`
}

function anyValue(value: AttributeValue): string {
  if (typeof value === 'string') return `{"stringValue":${JSON.stringify(wellFormed(value))}}`
  if (typeof value === 'boolean') return `{"boolValue":${value}}`
  // 64-bit integers are texts in the JSON form of protocol buffers.
  return Number.isInteger(value) ? `{"intValue":"${value}"}` : `{"doubleValue":${value}}`
}

/** Halves of surrogate pairs are no UTF-8. */
function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed()
}

/** Nanoseconds since 1970 as text: they do not fit a number. */
export function unixNanos(epochMs: number): string {
  const whole = Math.floor(epochMs)
  const rest = Math.floor((epochMs - whole) * 1e6)
  return `${whole}${String(rest).padStart(6, '0')}`
}

export type Resource = Readonly<Record<string, AttributeValue>>

function resourceJson(resource: Resource): string {
  const attributes = Object.entries(resource).map(([key, value]) => attribute(key, value))
  return `"resource":{"attributes":[${attributes.join(',')}]}`
}

/** ExportTraceServiceRequest of spans that are written already. */
export function tracesRequest(resource: Resource, spans: readonly string[]): string {
  return `{"resourceSpans":[{${resourceJson(resource)},"scopeSpans":[{${SCOPE},"spans":[${spans.join(',')}]}]}]}`
}

/** ExportLogsServiceRequest of records that are written already. */
export function logsRequest(resource: Resource, records: readonly string[]): string {
  return `{"resourceLogs":[{${resourceJson(resource)},"scopeLogs":[{${SCOPE},"logRecords":[${records.join(',')}]}]}]}`
}

/** ExportMetricsServiceRequest of metrics that are written already. */
export function metricsRequest(resource: Resource, metrics: readonly string[]): string {
  return `{"resourceMetrics":[{${resourceJson(resource)},"scopeMetrics":[{${SCOPE},"metrics":[${metrics.join(',')}]}]}]}`
}
