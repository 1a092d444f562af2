/** Requests through a link, as an integration sends them, and a target that answers them; for tests. */

import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  makeAgentCertificate,
  makeLinkAuthority,
} from '../../src/certificates/link-certificates.ts'
import type { Origin, OriginExchange } from '../../src/http/client/origin.ts'
import type { OriginListener, OriginRequest } from '../../src/http/client/origin-request.ts'
import type { ResponseHead } from '../../src/http/message/response-head-parser.ts'
import type { WireError } from '../../src/http/wire-error.ts'
import type { LinkIdentity } from '../../src/link/contract.ts'

const DAY_MS = 86_400_000

/** An identity whose certificate is new at `epochMs`. */
export function identityOf(vpcLinkId: string, agentId: string, epochMs: number): LinkIdentity {
  const validity = { fromEpochMs: epochMs - 1_000, untilEpochMs: epochMs + DAY_MS }
  const authority = makeLinkAuthority(validity)
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const agent = { vpcLinkId, agentId }
  return {
    ...agent,
    certificate: makeAgentCertificate(authority, { agent, key: keys.publicKey }, validity),
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    authority: authority.certificate,
  }
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A target on a free port of loopback. */
export async function targetThat(answer: Answer): Promise<{ server: Server; port: number }> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}

export interface CallOptions {
  readonly method?: string
  readonly path?: string
  readonly fields?: string
  readonly body?: Buffer
  /** The body goes out in chunks of this size. */
  readonly streamedBy?: number
  readonly timeoutMs?: number
  /** Reads nothing of the answer until told to. */
  readonly slow?: boolean
}

/** One call and what has come of it. */
export class Call implements OriginListener {
  status = 0
  fields = ''
  readonly chunks: Buffer[] = []
  error: WireError | undefined
  over = false
  /** Told more than once that it is over: must never happen. */
  tooOften = false
  readonly exchange: OriginExchange
  readonly #options: CallOptions
  #at = 0
  #started = false

  constructor(origin: Origin, options: CallOptions = {}) {
    this.#options = options
    this.exchange = origin.send(this.#request(), this)
    this.#started = true
    if (options.streamedBy !== undefined && this.exchange.canWrite) this.#write()
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1')
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  onResponse(head: ResponseHead, body: Buffer, complete: boolean): void {
    this.status = head.status
    this.fields = head.fields.text.slice(0, head.textLength)
    this.chunks.push(Buffer.from(body))
    if (complete) this.#end()
    else if (this.#options.slow === true) this.exchange.pauseResponse()
  }

  onResponseData(chunk: Buffer): void {
    this.chunks.push(Buffer.from(chunk))
  }

  onResponseEnd(): void {
    this.#end()
  }

  onRequestDrain(): void {
    if (this.#started) this.#write()
  }

  onOriginError(error: WireError): void {
    this.error = error
    this.#end()
  }

  #end(): void {
    this.tooOften ||= this.over
    this.over = true
  }

  #write(): void {
    const { body = Buffer.alloc(0), streamedBy = 0 } = this.#options
    if (streamedBy === 0 || this.#at > body.length) return
    while (this.#at < body.length) {
      const chunk = body.subarray(this.#at, this.#at + streamedBy)
      this.#at += chunk.length
      if (!this.exchange.writeBody(chunk)) return
    }
    this.#at = body.length + 1
    this.exchange.endBody()
  }

  #request(): OriginRequest {
    const { method = 'GET', path = '/', fields = '', body, streamedBy, timeoutMs } = this.#options
    const chunked = streamedBy !== undefined
    let framing = ''
    if (chunked) framing = 'transfer-encoding: chunked\r\n'
    else if (body !== undefined) framing = `content-length: ${body.length}\r\n`
    return {
      method,
      head: `${method} ${path} HTTP/1.1\r\nhost: svc.test\r\n${fields}${framing}\r\n`,
      body: chunked ? undefined : body,
      streamedBodyBytes: chunked ? -1 : undefined,
      responseTimeoutMs: timeoutMs ?? 29_000,
      idleTimeoutMs: 29_000,
    }
  }
}
