/**
 * HTTPS to the ACME server, in place of the library's own client.
 *
 * That one (axios) follows redirects anywhere, reads without end, waits without end and as long as a server asks it to,
 * and obeys proxies of the environment. Here redirects are not followed, answers are bounded, and URLs that the server
 * names have to be `https:`; those on another host than the directory's, which the operator has named, have to lead to
 * public addresses.
 */

import type { Clock } from '../../base/clock.ts'
import {
  type BoundedAnswer,
  exchangeBounded,
  type KeptConnection,
  keptConnection,
} from '../bounded-exchange.ts'
import { AcmeError, errorOfAnswer, readProblem } from './acme-problem.ts'

export interface AcmeTransportParts {
  readonly directory: URL
  /** Authorities that the server's certificate has to lead to, in PEM; undefined: Node's. */
  readonly trust: string | undefined
  readonly timeoutMs: number
  readonly bytesMax: number
  readonly clock: Clock
  /** When it is aborted, nothing is sent any more and what is under way ends. */
  readonly signal: AbortSignal
}

export interface AcmeRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface AcmeResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** What JSON means, where it is JSON; else text. */
  readonly data: unknown
}

export interface AcmeTransport {
  /** Throws AcmeError for everything that is not a success, but for a nonce that was refused. */
  send(request: AcmeRequest): Promise<AcmeResponse>
  close(): void
}

/** A server that asks for more is asked again after this. */
const RETRY_AFTER_MAX_MS = 7 * 86_400_000

export function createAcmeTransport(parts: AcmeTransportParts): AcmeTransport {
  const agent = keptConnection()
  return {
    async send(request) {
      const { status, headers, body } = await exchange(parts, agent, request)
      const text = body.toString('utf8')
      const data = isJson(headers['content-type']) ? parse(text) : text
      if (status < 300 || isBadNonce(status, data)) return { status, headers, data }
      if (status < 400) throw transient(`it answers ${status}; redirects are not followed`)
      throw errorOfAnswer(status, data, retryAfterMs(headers['retry-after'], parts.clock))
    },
    close: () => agent.destroy(),
  }
}

/** RFC 9110 §10.2.3: seconds, or a date. Undefined: it says nothing that can be read. */
export function retryAfterMs(text: string | undefined, clock: Clock): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - clock.epochMs()
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS)
}

async function exchange(
  { directory, signal, ...bounds }: AcmeTransportParts,
  agent: KeptConnection,
  { url: text, ...request }: AcmeRequest,
): Promise<BoundedAnswer> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw transient('it names an address that is no https:// URL')
  }
  const reach = url.hostname === directory.hostname ? 'any' : 'public'
  try {
    return await exchangeBounded({ ...request, ...bounds, url, reach, agent, signal })
  } catch (thrown) {
    if (signal.aborted) throw transient('the order was ended')
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    throw transient(`${url.host} cannot be asked: ${message}`)
  }
}

function transient(message: string): AcmeError {
  return new AcmeError(`ACME server: ${message}`, { fault: 'transient' })
}

function isJson(contentType = ''): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/.test(contentType)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw transient('its JSON cannot be read')
  }
}

/** The library asks again with the nonce of this answer (RFC 8555 §6.5). */
function isBadNonce(status: number, data: unknown): boolean {
  return status === 400 && readProblem(data)?.type === 'badNonce'
}
