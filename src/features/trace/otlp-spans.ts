/**
 * The spans of one sampled call as OTLP JSON, by OpenTelemetry's HTTP conventions: the gateway's (server), that of an
 * authorizer that the call has waited for, and that of the integration (client).
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 *
 * Query strings are not in them: tokens stand there.
 */

import type { HttpApiStage } from '../../domain/http-api.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import { attribute, unixNanos } from '../../observability/export/otlp-json.ts'
import type { CallTrace } from '../../observability/tracing/call-trace.ts'
import { newSpanId } from '../../observability/tracing/trace-ids.ts'
import {
  cut,
  epochOf,
  originMethod,
  PATH_CHARACTERS_MAX,
  routePath,
  USER_AGENT_CHARACTERS_MAX,
} from './facts.ts'

const KIND_INTERNAL = 1
const KIND_SERVER = 2
const KIND_CLIENT = 3
const KNOWN_METHODS = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'],
])

/** JSON objects with commas between them. */
export function otlpSpans(x: Invocation, trace: CallTrace, stage: HttpApiStage): string {
  const endMs = epochOf(x, x.startedMs + x.responseLatencyMs)
  let spans = span({
    trace,
    spanId: trace.spanId,
    parentId: trace.parentId,
    name: serverName(x),
    kind: KIND_SERVER,
    startMs: epochOf(x, x.startedMs),
    endMs,
    attributes: serverAttributes(x, stage),
    failed: x.status >= 500,
  })
  if (x.authorizerLatencyMs > 0) spans += `,${authorizerSpan(x, trace)}`
  if (x.integrationStartedMs >= 0) spans += `,${integrationSpan(x, trace)}`
  return spans
}

interface SpanParts {
  readonly trace: CallTrace
  readonly spanId: string
  readonly parentId: string
  readonly name: string
  readonly kind: number
  readonly startMs: number
  readonly endMs: number
  readonly attributes: string
  readonly failed: boolean
}

function span(parts: SpanParts): string {
  const { trace, spanId, parentId, name, kind, startMs, endMs, attributes, failed } = parts
  const parent = parentId === '' ? '' : `"parentSpanId":"${parentId}",`
  const state = trace.traceState === '' ? '' : `"traceState":${JSON.stringify(trace.traceState)},`
  return (
    `{"traceId":"${trace.traceId}","spanId":"${spanId}",${parent}${state}"flags":1,"name":${JSON.stringify(name)},` +
    `"kind":${kind},"startTimeUnixNano":"${unixNanos(startMs)}","endTimeUnixNano":"${unixNanos(Math.max(startMs, endMs))}",` +
    `"attributes":[${attributes}],"status":${failed ? '{"code":2}' : '{}'}}`
  )
}

function serverName(x: Invocation): string {
  const route = routePath(x)
  const method = KNOWN_METHODS.has(x.httpMethod) ? x.httpMethod : 'HTTP'
  return route === '' ? method : `${method} ${route}`
}

function serverAttributes(x: Invocation, stage: HttpApiStage): string {
  const { exchange } = x
  const route = routePath(x)
  const { userAgent, reasonCode } = x
  let text = methodAttributes(x.httpMethod)
  if (route !== '') text += `,${attribute('http.route', route)}`
  text += `,${attribute('url.path', cut(x.path, PATH_CHARACTERS_MAX))}`
  text += `,${attribute('url.scheme', exchange.connection.tls === undefined ? 'http' : 'https')}`
  text += `,${attribute('http.response.status_code', x.status)}`
  text += `,${attribute('server.address', x.domainName)}`
  text += `,${attribute('client.address', x.sourceIp)}`
  text += `,${attribute('network.protocol.version', exchange.protocol.slice(5))}`
  if (userAgent !== '') {
    text += `,${attribute('user_agent.original', cut(userAgent, USER_AGENT_CHARACTERS_MAX))}`
  }
  text += `,${attribute('aws.apigateway.api_id', stage.apiId)},${attribute('aws.apigateway.stage', stage.stageName)}`
  text += `,${attribute('aws.request_id', x.requestId)}`
  if (reasonCode !== undefined) text += `,${attribute('error.type', reasonCode)}`
  else if (x.status >= 500) text += `,${attribute('error.type', String(x.status))}`
  return text
}

function methodAttributes(method: string): string {
  if (KNOWN_METHODS.has(method)) return attribute('http.request.method', method)
  return `${attribute('http.request.method', '_OTHER')},${attribute('http.request.method_original', cut(method, 32))}`
}

function authorizerSpan(x: Invocation, trace: CallTrace): string {
  const refused = x.reason?.step === 'authorize' ? x.reasonCode : undefined
  const startMs = epochOf(x, x.authorizerStartedMs)
  return span({
    trace,
    spanId: newSpanId(),
    parentId: trace.spanId,
    name: 'authorize',
    kind: KIND_INTERNAL,
    startMs,
    endMs: startMs + x.authorizerLatencyMs,
    attributes: refused === undefined ? '' : attribute('error.type', refused),
    failed: refused !== undefined,
  })
}

function integrationSpan(x: Invocation, trace: CallTrace): string {
  const { origin } = x.plan
  const startMs = epochOf(x, x.integrationStartedMs)
  const refused = x.reason?.step === 'integrate' ? x.reasonCode : undefined
  const method = originMethod(x)
  let attributes = methodAttributes(method)
  if (origin !== undefined) {
    attributes += `,${attribute('server.address', origin.host)},${attribute('server.port', origin.port)}`
  }
  if (x.integrationStatus > 0) {
    attributes += `,${attribute('http.response.status_code', x.integrationStatus)}`
  }
  const failed = refused !== undefined || x.integrationStatus >= 400
  if (failed) attributes += `,${attribute('error.type', refused ?? String(x.integrationStatus))}`
  return span({
    trace,
    spanId: trace.originParentId,
    parentId: trace.spanId,
    name: KNOWN_METHODS.has(method) ? method : 'HTTP',
    kind: KIND_CLIENT,
    startMs,
    endMs: startMs + Math.max(0, x.integrationLatencyMs),
    attributes,
    failed,
  })
}
