/**
 * One sampled call as an X-Ray segment document, as API Gateway writes them: the segment is the stage, subsegments are
 * an authorizer that the call has waited for, and the integration.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
 */

import type { HttpApiStage } from '../../domain/http-api.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import type { CallTrace } from '../../observability/tracing/call-trace.ts'
import { newSpanId } from '../../observability/tracing/trace-ids.ts'
import {
  cut,
  epochOf,
  originMethod,
  PATH_CHARACTERS_MAX,
  USER_AGENT_CHARACTERS_MAX,
} from './facts.ts'

const NAME_CHARACTERS_MAX = 200
/** X-Ray refuses names with any other character. */
const NOT_IN_NAMES = /[^\p{L}\p{N}\p{Z}_.:/%&#=+\-@]/gu
const MS = 1_000

export function xraySegment(x: Invocation, trace: CallTrace, stage: HttpApiStage): string {
  const { userAgent } = x
  const request = {
    method: x.httpMethod,
    url: `${schemeOf(x)}://${x.domainName}${cut(x.path, PATH_CHARACTERS_MAX)}`,
    client_ip: x.sourceIp,
    ...(userAgent === '' ? {} : { user_agent: cut(userAgent, USER_AGENT_CHARACTERS_MAX) }),
  }
  return JSON.stringify({
    name: nameOf(`${stage.apiName}/${stage.stageName}`),
    id: trace.spanId,
    trace_id: trace.root,
    ...(trace.parentId === '' ? {} : { parent_id: trace.parentId }),
    start_time: epochOf(x, x.startedMs) / MS,
    end_time: epochOf(x, x.startedMs + x.responseLatencyMs) / MS,
    origin: 'AWS::ApiGateway::Stage',
    resource_arn: `arn:aws:apigateway:${stage.region}::/apis/${stage.apiId}/stages/${stage.stageName}`,
    http: { request, response: { status: x.status, content_length: x.responseLength } },
    aws: {
      api_gateway: {
        account_id: stage.accountId,
        rest_api_id: stage.apiId,
        stage: stage.stageName,
        request_id: x.requestId,
      },
    },
    annotations: { 'aws:api_id': stage.apiId, 'aws:api_stage': stage.stageName },
    ...outcome(x.status),
    ...cause(x),
    ...subsegments(x, trace),
  })
}

function schemeOf(x: Invocation): string {
  return x.exchange.connection.tls === undefined ? 'http' : 'https'
}

function nameOf(text: string): string {
  return cut(text.replace(NOT_IN_NAMES, '_'), NAME_CHARACTERS_MAX)
}

/** `error` is the caller's, `fault` is ours or the origin's. */
function outcome(status: number): object {
  if (status === 429) return { error: true, throttle: true }
  if (status >= 500) return { fault: true }
  return status >= 400 ? { error: true } : {}
}

/** Why the gateway itself has answered. */
function cause(x: Invocation): object {
  const { reason, reasonCode } = x
  if (reason === undefined) return {}
  const exception = { id: newSpanId(), type: reasonCode, message: reason.sentence }
  return { cause: { exceptions: [exception] } }
}

function subsegments(x: Invocation, trace: CallTrace): object {
  const found: object[] = []
  if (x.authorizerLatencyMs > 0) found.push(authorizerSubsegment(x))
  if (x.integrationStartedMs >= 0) found.push(integrationSubsegment(x, trace))
  return found.length === 0 ? {} : { subsegments: found }
}

function authorizerSubsegment(x: Invocation): object {
  const start = epochOf(x, x.authorizerStartedMs) / MS
  const refused = x.reason?.step === 'authorize' ? { error: true } : {}
  const end = start + x.authorizerLatencyMs / MS
  return { id: newSpanId(), name: 'authorize', start_time: start, end_time: end, ...refused }
}

function integrationSubsegment(x: Invocation, trace: CallTrace): object {
  const { origin } = x.plan
  const { integrationStatus } = x
  const start = epochOf(x, x.integrationStartedMs) / MS
  const scheme = origin?.secure === true ? 'https' : 'http'
  const host = origin?.host ?? ''
  const answered = integrationStatus > 0
  return {
    id: trace.originParentId,
    name: nameOf(host === '' ? 'integration' : host),
    namespace: 'remote',
    start_time: start,
    end_time: start + Math.max(0, x.integrationLatencyMs) / MS,
    http: {
      request: { method: originMethod(x), url: `${scheme}://${host}:${origin?.port ?? ''}` },
      ...(answered ? { response: { status: integrationStatus } } : {}),
    },
    ...(answered ? outcome(integrationStatus) : x.reason === undefined ? {} : { fault: true }),
  }
}
