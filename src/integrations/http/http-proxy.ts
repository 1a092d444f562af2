// hot path — see STYLE §8
/**
 * HTTP_PROXY: the request goes to an origin as it came, the response comes back as it was, apart from what concerns a
 * single hop, what the gateway says itself, and what parameter mapping changes.
 *
 * `integrate` sends and returns PENDING; the answer resumes the invocation in the turn in which it arrives, while its
 * bytes are still in the read buffer, so that a small response is one write.
 */

import { flatText } from '../../base/flat-text.ts'
import type { Integration } from '../../domain/http-api.ts'
import type { Origin, OriginExchange } from '../../http/client/origin.ts'
import type { OriginListener, OriginRequest } from '../../http/client/origin-request.ts'
import type { BodySink, ResponseListener } from '../../http/exchange.ts'
import { HOP, IDENTITY, REWRITTEN, TRACE } from '../../http/message/known-headers.ts'
import { CHUNKED, type ResponseHead } from '../../http/message/response-head-parser.ts'
import type { WireError } from '../../http/wire-error.ts'
import type { Because } from '../../invocation/because.ts'
import {
  reasonOfClientError,
  reasonOfOriginError,
  refuse,
} from '../../invocation/gateway-response.ts'
import type { Invocation, ResponseStream } from '../../invocation/invocation.ts'
import { serializeMapped } from '../../invocation/mapped-headers.ts'
import { PENDING } from '../../invocation/outcome.ts'
import type { RunStep } from '../../invocation/plan.ts'
import type { ReasonCode } from '../../observability/explain/reasons.ts'
import { forwardingFields } from './forwarding.ts'
import { integrationBecause } from './integration-because.ts'
import { type OriginUri, originTarget, withQuery } from './origin-uri.ts'
import { traceFields } from './trace-fields.ts'

const REQUEST_DROP_FLAGS = HOP | IDENTITY | REWRITTEN

export interface HttpProxyConfig {
  readonly integration: Integration
  readonly uri: OriginUri
  /** One object for all routes with the same rules: it is read for every response. */
  readonly response: ResponseRules
  /** The calls are traced: what the client said about its trace does not pass as it came. */
  readonly traced: boolean
}

export interface ResponseRules {
  /** Body bytes beyond which a response is refused or cut. */
  readonly bytesMax: number
  /** Between two reads of a response body. */
  readonly idleTimeoutMs: number
  /** Body bytes to hold until the response is complete, because a mapping reads them; 0: never. */
  readonly bufferedBytesMax: number
}

/** The step that sends a request to an origin and waits for its answer. */
export function compileHttpProxy(config: HttpProxyConfig, origin: Origin): RunStep {
  const { integration, uri, response, traced } = config
  const dropFlags = traced ? REQUEST_DROP_FLAGS | TRACE : REQUEST_DROP_FLAGS
  const { timeoutInMillis } = integration
  const fixedMethod =
    integration.integrationMethod === 'ANY' ? undefined : integration.integrationMethod
  const lineEnd = endOfLine(uri.authority)
  // Most often neither the path nor the query depends on the request.
  const fixedLine = isFixed(uri)
    ? flatText(` ${originTarget(uri, [], '', '')}${lineEnd}`)
    : undefined
  const because = integrationBecause(integration, { ...origin.limits, ...response })
  return function runHttpProxy(x) {
    const { exchange } = x
    const body = x.requestBody ?? exchange.takeBufferedBody()
    const streamed = body === undefined
    const bodyBytes = streamed ? exchange.requestBodyBytes : body.length
    const method = fixedMethod ?? exchange.request.method
    const mappedHost = x.mappedHeaders?.host
    const line =
      fixedLine !== undefined &&
      x.query === '' &&
      x.mappedPath === undefined &&
      mappedHost === undefined
        ? fixedLine
        : ` ${targetOf(uri, x)}${mappedHost === undefined ? lineEnd : endOfLine(mappedHost)}`
    const fields = serializeMapped(exchange.request.fields, dropFlags, x.mappedHeaders)
    const trace = traced ? traceFields(x) : ''
    const head = method + line + fields + forwardingFields(x) + trace + framing(method, bodyBytes)
    x.suspend()
    x.integrationStartedMs = x.stageContext.services.clock.now()
    const call = new HttpProxyCall(x, response, because)
    call.start(origin, {
      method,
      head,
      body,
      streamedBodyBytes: streamed ? exchange.requestBodyBytes : undefined,
      responseTimeoutMs: timeoutInMillis,
      idleTimeoutMs: response.idleTimeoutMs,
      caller: x,
    })
    return PENDING
  }
}

/** What stands behind the target: the version, and the Host, which comes first of all fields. */
function endOfLine(host: string): string {
  return ` HTTP/1.1\r\nhost: ${host}\r\n`
}

function isFixed(uri: OriginUri): boolean {
  return !uri.appendsPath && uri.path.every((piece) => typeof piece === 'string')
}

function targetOf(uri: OriginUri, x: Invocation): string {
  return x.mappedPath === undefined
    ? originTarget(uri, x.parameters, x.requestPath, x.query)
    : withQuery(uri, x.mappedPath, x.query)
}

/** Methods whose requests say `content-length: 0` when they have no body (RFC 9110 §8.6). */
const EXPECTS_BODY = new Set(['POST', 'PUT', 'PATCH'])

function framing(method: string, bodyBytes: number): string {
  if (bodyBytes === CHUNKED) return 'transfer-encoding: chunked\r\n\r\n'
  if (bodyBytes === 0 && !EXPECTS_BODY.has(method)) return '\r\n'
  return `content-length: ${bodyBytes}\r\n\r\n`
}

/** Joins one exchange and one origin call: whichever side is slower holds the other back. */
class HttpProxyCall implements OriginListener, BodySink, ResponseListener, ResponseStream {
  readonly #x: Invocation
  readonly #rules: ResponseRules
  readonly #because: Because
  #call: OriginExchange | undefined
  /** The invocation has been resumed with an answer. */
  #answered = false
  #starting = false
  #receiving = false
  #over = false
  /** Response body held for a mapping. */
  #held: Buffer[] | undefined
  #heldBytes = 0

  constructor(x: Invocation, rules: ResponseRules, because: Because) {
    this.#x = x
    this.#rules = rules
    this.#because = because
  }

  start(origin: Origin, request: OriginRequest): void {
    this.#starting = true
    this.#x.exchange.listener = this
    this.#call = origin.send(request, this)
    // A connection that was idle could take the body at once; otherwise it says so when there is one.
    if (request.streamedBodyBytes !== undefined && this.#call.canWrite) this.#receive()
    this.#starting = false
  }

  onRequestDrain(): void {
    if (this.#call === undefined) return
    if (this.#receiving) this.#x.exchange.resumeBody()
    else if (this.#call.request.streamedBodyBytes !== undefined) this.#receive()
  }

  onData(chunk: Uint8Array): void {
    if (!this.#call!.writeBody(chunk)) this.#x.exchange.pauseBody()
  }

  onEnd(): void {
    this.#call!.endBody()
  }

  onBodyError(error: WireError): void {
    this.#call!.abort()
    // Malformed bytes may have come together with the head; a step never resumes in its own turn.
    if (this.#starting) queueMicrotask(() => this.#fail(reasonOfClientError(error), error))
    else this.#fail(reasonOfClientError(error), error)
  }

  onResponse(head: ResponseHead, body: Buffer, complete: boolean): void {
    const { bytesMax, bufferedBytesMax } = this.#rules
    this.#arrived(head)
    if (head.bodyBytes > bytesMax) {
      this.#tooLarge(`response of ${head.bodyBytes} bytes`)
    } else if (!complete && bufferedBytesMax > 0) {
      this.#held = []
      this.#hold(body)
    } else {
      this.#answer(body, complete)
    }
  }

  onShortResponse(head: ResponseHead, body: string): void {
    const x = this.#x
    if (body.length > this.#rules.bytesMax || this.#rules.bufferedBytesMax > 0) {
      this.onResponse(head, Buffer.from(body, 'latin1'), true)
      return
    }
    this.#arrived(head)
    this.#answered = true
    this.#over = true
    x.responseText = body
    x.responseComplete = true
    x.resume()
  }

  #arrived(head: ResponseHead): void {
    const x = this.#x
    x.integrationLatencyMs = x.stageContext.services.clock.now() - x.integrationStartedMs
    x.integrationStatus = head.status
    x.status = head.status
    x.responseHead = head
  }

  /** Writes what has come and hands on the rest as it comes. */
  pipe(): void {
    this.#forward(this.#x.responseBody!)
  }

  abandon(): void {
    this.#over = true
    this.#call!.abort()
  }

  onResponseData(chunk: Buffer): void {
    if (this.#held === undefined) this.#forward(chunk)
    else this.#hold(chunk)
  }

  onResponseEnd(): void {
    if (this.#held === undefined) this.#finish()
    else this.#answer(Buffer.concat(this.#held), true)
  }

  onOriginError(error: WireError): void {
    this.#fail(reasonOfOriginError(error), error)
  }

  onDrain(): void {
    this.#call!.resumeResponse()
  }

  onClientGone(error: WireError): void {
    this.#call?.abort()
    if (this.#over) return
    this.#over = true
    this.#x.refuseWith('CLIENT_GONE', error.detail)
    this.#x.resume()
  }

  #receive(): void {
    this.#receiving = true
    // From here on bytes may be under way that cannot be sent again.
    this.#call!.bodyStarted = true
    this.#x.exchange.receiveBody(this)
  }

  #answer(body: Buffer, complete: boolean): void {
    const x = this.#x
    this.#held = undefined
    this.#answered = true
    this.#over = complete
    x.responseBody = body
    x.responseComplete = complete
    if (!complete) x.responseStream = this
    x.resume()
  }

  #hold(chunk: Buffer): void {
    this.#held!.push(Buffer.from(chunk))
    this.#heldBytes += chunk.length
    if (this.#heldBytes > this.#rules.bufferedBytesMax)
      this.#tooLarge('response too large to be mapped')
  }

  #tooLarge(detail: string): void {
    this.#call!.abort()
    this.#over = true
    refuse(this.#x, 'INTEGRATION_RESPONSE_TOO_LARGE', detail, this.#because)
    this.#x.resume()
  }

  #forward(chunk: Uint8Array): void {
    const x = this.#x
    x.responseLength += chunk.length
    if (x.responseLength > this.#rules.bytesMax) {
      this.#cut('response exceeds its limit')
      return
    }
    if (!x.exchange.writeBody(chunk)) this.#call!.pauseResponse()
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.#x.exchange.endResponse()
    this.#x.resume()
  }

  /** The response has begun and cannot be completed: only a broken connection tells the client. */
  #cut(detail: string): void {
    if (this.#over) return
    this.#over = true
    this.#x.detail = detail
    this.#x.because = this.#because
    this.#call!.abort()
    this.#x.exchange.abort()
    this.#x.resume()
  }

  #fail(code: ReasonCode, error: WireError): void {
    if (this.#over) return
    if (this.#answered) {
      this.#cut(error.detail)
      return
    }
    this.#over = true
    const x = this.#x
    x.integrationLatencyMs = x.stageContext.services.clock.now() - x.integrationStartedMs
    refuse(x, code, error.detail, this.#because)
    x.resume()
  }
}
