/** One request that came through a link, on its way to its target; the private side of a stream. */

import type { OriginExchange } from '../http/client/origin.ts'
import type { OriginListener } from '../http/client/origin-request.ts'
import { CODE } from '../http/h2/frame.ts'
import type { ResponseHead } from '../http/message/response-head-parser.ts'
import { type WireError, wireError } from '../http/wire-error.ts'
import type { AgentConnection } from './agent-connection.ts'
import { OF_NO_STAGE } from './allow-list.ts'
import type { FieldReader } from './h2/field-block.ts'
import type { LinkStream, StreamListener } from './h2/stream.ts'
import { errorTerms } from './link-field.ts'
import type { LinkRequest } from './request-fields.ts'
import type { Target, TargetPools } from './target-pools.ts'

/** A body up to here that comes with its head is sent with it, and can be sent again. */
const WHOLE_BYTES_MAX = 65_536
const NOTHING = Buffer.alloc(0)

export class AgentCall implements StreamListener, OriginListener {
  readonly #stream: LinkStream
  readonly #connection: AgentConnection
  readonly #pools: TargetPools
  #request: LinkRequest | undefined
  #path = ''
  #target: Target | undefined
  #call: OriginExchange | undefined
  /** Body that came before the request was sent. */
  #body: Buffer = NOTHING
  /** Body bytes that were declared and have not come; -1: none were declared. */
  #left = -1
  #receiving = false
  #answered = false
  #over = false

  constructor(stream: LinkStream, connection: AgentConnection, pools: TargetPools) {
    this.#stream = stream
    this.#connection = connection
    this.#pools = pools
  }

  onHeaders(fields: FieldReader, ended: boolean): void {
    const { requests } = this.#connection
    const request = requests.read(fields)
    if (request === undefined) {
      this.#refuse(wireError('head-invalid', 'gateway', 'never', 'a malformed request'))
      return
    }
    const secure = request.scheme === 'https'
    const { path } = requests
    const found = this.#pools.find(request.link, secure, path)
    if (typeof found === 'string') {
      this.#refuse(wireError('not-allowed', 'gateway', 'never', found))
      return
    }
    if (found.terms.stage === OF_NO_STAGE && request.method !== 'GET') {
      this.#refuse(wireError('not-allowed', 'gateway', 'never', 'a health check that is no GET'))
      return
    }
    this.#request = request
    this.#path = path
    this.#target = found
    this.#left = request.contentLength
    if (ended) this.#send(undefined)
    else this.#connection.atReadEnd(this)
  }

  onData(chunk: Buffer): void {
    if (this.#over || !this.#counts(chunk.length)) return
    if (!this.#receiving) {
      this.#body = this.#body.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#body, chunk])
    } else if (!this.#call!.writeBody(chunk)) this.#stream.pause()
  }

  onEnd(): void {
    if (this.#over) return
    if (this.#left > 0) this.#cut('the body is shorter than it said')
    else if (this.#call === undefined) this.#send(this.#body)
    else this.#call.endBody()
  }

  /** The body did not come in the read of the head: it is sent on as it comes. */
  readEnded(): void {
    if (this.#over || this.#request === undefined || this.#call !== undefined) return
    this.#stream.pause()
    this.#send(undefined)
  }

  onWritable(): void {
    this.#call?.resumeResponse()
  }

  onReset(): void {
    this.#over = true
    this.#call?.abort()
  }

  // The target's side.

  onRequestDrain(): void {
    if (this.#over || this.#call === undefined) return
    if (this.#receiving) this.#stream.resume()
    else if (this.#call.request.streamedBodyBytes !== undefined) this.#receive()
  }

  onResponse(head: ResponseHead, body: Buffer, complete: boolean): void {
    this.#answered = true
    this.#stream.headers(this.#connection.answers.write(head), complete && body.length === 0)
    if (complete) {
      this.#over = true
      if (body.length > 0) this.#stream.writeLast(body)
    } else if (!this.#stream.write(body)) this.#call!.pauseResponse()
  }

  onShortResponse(head: ResponseHead, body: string): void {
    this.#answered = true
    this.#over = true
    this.#stream.headers(this.#connection.answers.write(head), false)
    this.#stream.writeLastText(body)
  }

  onResponseData(chunk: Buffer): void {
    if (!this.#stream.write(chunk)) this.#call!.pauseResponse()
  }

  onResponseEnd(): void {
    this.#over = true
    this.#stream.end()
  }

  onOriginError(error: WireError): void {
    if (this.#answered) {
      this.#over = true
      this.#stream.reset(CODE.internalError)
    } else this.#refuse(error)
  }

  #send(body: Buffer | undefined): void {
    const { method, authority, lines } = this.#request!
    const { terms, pool } = this.#target!
    const { contentLength } = this.#request!
    const streamed = body === undefined && !this.#stream.remoteEnded ? contentLength : undefined
    let framing = ''
    if (contentLength === -1 && streamed !== undefined) framing = 'transfer-encoding: chunked\r\n'
    // A body without a declared length that has come whole has one.
    else if (contentLength === -1 && body !== undefined)
      framing = `content-length: ${body.length}\r\n`
    this.#call = pool.send(
      {
        method,
        head: `${method} ${this.#path} HTTP/1.1\r\nhost: ${authority}\r\n${lines}${framing}\r\n`,
        body,
        streamedBodyBytes: streamed,
        responseTimeoutMs: terms.responseTimeoutMs,
        idleTimeoutMs: terms.idleTimeoutMs,
      },
      this,
    )
    if (streamed !== undefined && this.#call.canWrite) this.#receive()
  }

  #receive(): void {
    this.#receiving = true
    this.#call!.bodyStarted = true
    const body = this.#body
    this.#body = NOTHING
    const flowing = body.length === 0 || this.#call!.writeBody(body)
    if (flowing) this.#stream.resume()
  }

  /** False: there is more body than was declared, or than may wait. */
  #counts(bytes: number): boolean {
    if (this.#left !== -1) {
      this.#left -= bytes
      if (this.#left < 0) {
        this.#cut('the body is longer than it said')
        return false
      }
    }
    if (!this.#receiving && this.#body.length + bytes > WHOLE_BYTES_MAX * 8) {
      this.#cut('too much body in one read')
      return false
    }
    return true
  }

  #cut(detail: string): void {
    this.#call?.abort()
    this.#refuse(wireError('body-framing', 'gateway', 'never', detail))
  }

  #refuse(error: WireError): void {
    if (this.#over) return
    this.#over = true
    // Nothing of a refused request may wait.
    if (!this.#answered) {
      this.#stream.headers(this.#connection.answers.refusal(errorTerms(error)), true)
    }
    this.#stream.resume()
    if (!this.#stream.remoteEnded) this.#stream.reset(CODE.noError)
  }
}
