/**
 * One POST to a collector: a body that may be gzipped, a time limit, and an answer of which only the head counts.
 *
 * Redirects are not followed, since a body and its secrets belong to the address that the operator has named. Header
 * values and the URL's query never stand in a message.
 */

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock } from '../../base/clock.ts'
import { TimerWheel } from '../../base/timer-wheel.ts'
import type { OriginCall } from '../../http/client/origin-call.ts'
import { OriginPool } from '../../http/client/origin-pool.ts'
import type { OriginLimits, OriginListener } from '../../http/client/origin-request.ts'
import type { ResponseHead } from '../../http/message/response-head-parser.ts'
import type { WireError } from '../../http/wire-error.ts'
import type { SendResult } from './batch-sender.ts'

export interface PostTarget {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly contentType: string
  readonly gzip: boolean
  readonly timeoutMs: number
}

const ANSWER_BYTES_MAX = 65_536
/** Below this, compressing costs more than it saves. */
const GZIP_BYTES_MIN = 1_024

export class HttpPoster {
  readonly #target: PostTarget
  readonly #clock: Clock
  readonly #timers: TimerWheel
  readonly #pool: OriginPool
  /** Request line and fields that are the same for every request. */
  readonly #head: string

  constructor(target: PostTarget, clock: Clock, limits: OriginLimits) {
    this.#target = target
    this.#clock = clock
    this.#timers = new TimerWheel(clock)
    const url = new URL(target.url)
    const connectTimeoutMs = Math.min(limits.connectTimeoutMs, target.timeoutMs)
    const own = { ...limits, connections: 1, connectTimeoutMs }
    this.#pool = new OriginPool(addressOf(url), own, this.#timers)
    const fields = {
      ...target.headers,
      'content-type': target.contentType,
      'user-agent': 'postern',
    }
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
    this.#head = `POST ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n${lines.join('')}`
  }

  /** Never rejects. */
  async post(text: string): Promise<SendResult> {
    const plain = Buffer.from(text)
    const isPacked = this.#target.gzip && plain.length >= GZIP_BYTES_MIN
    const body = isPacked ? await promisify(gzip)(plain) : plain
    const coding = isPacked ? 'content-encoding: gzip\r\n' : ''
    const { timeoutMs } = this.#target
    return new Promise((resolve) => {
      const answer = new Answer(this.#clock, resolve)
      answer.call = this.#pool.send(
        {
          method: 'POST',
          head: `${this.#head}${coding}content-length: ${body.length}\r\n\r\n`,
          body,
          streamedBodyBytes: undefined,
          responseTimeoutMs: timeoutMs,
          idleTimeoutMs: timeoutMs,
        },
        answer,
      )
    })
  }

  close(): void {
    this.#pool.close()
    this.#timers.stop()
  }
}

function addressOf({ protocol, hostname, port }: URL) {
  const isSecure = protocol === 'https:'
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isAddress = host !== hostname || /^[\d.]+$/.test(host)
  return {
    host,
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    tls: isSecure ? { serverName: isAddress ? '' : host, verify: true } : undefined,
  }
}

/** Reads an answer away, so that the connection can be used again. */
class Answer implements OriginListener {
  call: OriginCall | undefined
  readonly #clock: Clock
  readonly #resolve: (result: SendResult) => void
  #result: SendResult | undefined
  #bytes = 0
  readonly #chunks: Buffer[] = []

  constructor(clock: Clock, resolve: (result: SendResult) => void) {
    this.#clock = clock
    this.#resolve = resolve
  }

  onResponse({ status, fields }: ResponseHead, body: Buffer, complete: boolean): void {
    const isTaken = status >= 200 && status < 300
    const wait = isTaken ? undefined : retryAfter(fields.get('retry-after'), this.#clock)
    this.#result = { status, retryAfterMs: wait, reason: isTaken ? '' : `status ${status}` }
    this.onResponseData(body)
    if (complete && this.#bytes <= ANSWER_BYTES_MAX) this.onResponseEnd()
  }

  onResponseData(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes <= ANSWER_BYTES_MAX) {
      this.#chunks.push(Buffer.from(chunk))
      return
    }
    this.call?.abort()
    this.#chunks.length = 0
    this.onResponseEnd()
  }

  onResponseEnd(): void {
    const result = this.#result!
    const rejected = result.reason === '' ? rejectedItems(Buffer.concat(this.#chunks)) : 0
    this.#resolve(rejected === 0 ? result : { ...result, rejected })
  }

  onRequestDrain(): void {}

  onOriginError({ kind }: WireError): void {
    this.#resolve(this.#result ?? { status: 0, retryAfterMs: undefined, reason: kind })
  }
}

/**
 * What a receiver of OTLP says about items that it did not want (https://opentelemetry.io/docs/specs/otlp/#partial-success-1);
 * answers of any other kind say nothing.
 */
function rejectedItems(body: Buffer): number {
  if (!body.includes('partialSuccess')) return 0
  try {
    const { partialSuccess } = JSON.parse(body.toString()) as { partialSuccess?: object }
    const [, count] =
      Object.entries(partialSuccess ?? {}).find(([name]) => name.startsWith('rejected')) ?? []
    return Number.isSafeInteger(Number(count)) ? Math.max(0, Number(count)) : 0
  } catch {
    return 0
  }
}

/** Seconds, or a date (RFC 9110 §10.2.3). */
function retryAfter(text: string | undefined, clock: Clock): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.epochMs())
}
