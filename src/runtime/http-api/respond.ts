// hot path — see STYLE §8
/** The response side: one write for a gateway answer or a complete integration response, a stream for the rest. */

import { dateField } from '../../http/message/date-field.ts'
import { DATE } from '../../http/message/known-headers.ts'
import type { ResponseHead } from '../../http/message/response-head-parser.ts'
import { errorHeaders, messageBody } from '../../invocation/gateway-response.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import { serializeMapped } from '../../invocation/mapped-headers.ts'
import { NEXT, PENDING, type ResponseOutcome } from '../../invocation/outcome.ts'

export function respond(x: Invocation): ResponseOutcome {
  const { debug } = x.stageContext.services
  if (debug !== undefined) x.replyHeaders += debug.fieldsOf(x)
  if (x.reasonCode !== undefined || x.replyBodiless) {
    respondItself(x)
    return NEXT
  }
  const head = x.responseHead!
  const { exchange } = x
  if (x.stageContext.keepsEndpointIds) keepEndpointIds(x, head)
  let headers = `${serializeMapped(head.fields, x.plan.responseDropFlags, x.mappedResponseHeaders)}${x.replyHeaders}apigw-requestid: ${x.requestId}\r\n`
  if (head.fields.find(DATE) === -1 && !x.mappedResponseHeaders?.dropped.has('date')) {
    headers += dateField(x.stageContext.services.clock.epochMs())
  }
  x.responseHead = undefined
  if (x.responseComplete && exchange.request.method === 'HEAD') {
    exchange.startResponse(x.status, headers, head.bodyBytes)
    exchange.endResponse()
    return NEXT
  }
  if (x.responseComplete) {
    const body = x.responseText ?? x.responseBody!
    x.responseLength = body.length
    exchange.respond(x.status, headers, body)
    return NEXT
  }
  // Where the integration's method is another than HEAD, a body that nobody gets is read away here.
  exchange.startResponse(x.status, headers, head.bodyBytes)
  x.suspend()
  x.responseStream!.pipe()
  return PENDING
}

/** An answer of the gateway's own: a reason from the table, or a CORS preflight. */
function respondItself(x: Invocation): void {
  if (x.reasonCode === 'CLIENT_GONE') return
  const epochMs = x.stageContext.services.clock.epochMs()
  if (x.reasonCode === undefined) {
    const headers = `${x.replyHeaders}apigw-requestid: ${x.requestId}\r\n${dateField(epochMs)}`
    x.exchange.respond(x.status, headers, undefined)
    return
  }
  const body = messageBody(x.reasonCode)
  x.responseLength = body.length
  x.exchange.respond(x.status, x.replyHeaders + errorHeaders(x.requestId, epochMs), body)
}

/** The head is read by others when the line is written. */
function keepEndpointIds(x: Invocation, { fields }: ResponseHead): void {
  x.endpointRequestId = fields.get('x-amzn-requestid') ?? fields.get('x-amz-request-id') ?? ''
  x.endpointRequestId2 = fields.get('x-amz-id-2') ?? ''
}
