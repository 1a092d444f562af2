/**
 * One small document of a server elsewhere: GET, status 200, whole, in time, or the reason why not.
 *
 * The name is looked up here and its address is what is connected to, so that what was checked is what is reached.
 * Redirects are not followed. Nothing is kept open: documents are asked for once in a while.
 */

import { lookup as lookupName } from 'node:dns/promises'
import { isIP } from 'node:net'
import { Timer, type TimerWheel } from '../../base/timer-wheel.ts'
import type { ResponseHead } from '../message/response-head-parser.ts'
import type { WireError } from '../wire-error.ts'
import { isWithinReach, type Reach } from './address-reach.ts'
import type { OriginCall } from './origin-call.ts'
import { OriginPool } from './origin-pool.ts'
import type { OriginLimits, OriginListener } from './origin-request.ts'

export type { Reach } from './address-reach.ts'

export interface DocumentRequest {
  readonly url: URL
  /** Every address of its host has to be within it. */
  readonly reach: Reach
  /** Besides those that every request has; the values can stand in a field. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

export type FetchedDocument =
  | { readonly kind: 'document'; readonly text: string; readonly etag?: string }
  /** For operators. */
  | { readonly kind: 'failed'; readonly reason: string; readonly status?: number }

/** Never rejects. */
export type FetchDocument = (request: DocumentRequest) => Promise<FetchedDocument>

export interface DocumentFetcherDeps {
  readonly timers: TimerWheel
  readonly origin: OriginLimits
  readonly bytesMax: number
  /** From name look-up to the last byte. */
  readonly timeoutMs: number
  readonly lookup?: (host: string) => Promise<readonly string[]>
}

/** Of one host, more are not tried. */
const ADDRESSES_MAX = 4

export function documentFetcher(deps: DocumentFetcherDeps): FetchDocument {
  const { timeoutMs, lookup = addressesOf } = deps
  return (request) =>
    new Promise((resolve) => {
      const attempt = new Attempt(request, deps, resolve)
      const timer = new Timer(() => attempt.end(failed(`no answer within ${timeoutMs} ms`)))
      deps.timers.set(timer, timeoutMs)
      attempt.onEnd = () => deps.timers.remove(timer)
      const host = request.url.hostname.replace(/^\[(.*)\]$/, '$1')
      const found = isIP(host) === 0 ? lookup(host) : Promise.resolve([host])
      found.then(
        (addresses) => attempt.begin(addresses),
        (error: Error) => attempt.end(failed(`its name cannot be looked up: ${error.message}`)),
      )
    })
}

/** A name of this machine (RFC 6761 §6.3), which a name server has no say in. */
const LOCAL_NAME = /^(?:[^.]+\.)*localhost$/

/** IPv4 first: where a network has no IPv6, nobody answers to say so. */
async function addressesOf(host: string): Promise<readonly string[]> {
  if (LOCAL_NAME.test(host)) return ['127.0.0.1', '::1']
  const found = await lookupName(host, { all: true, order: 'ipv4first' })
  return found.map(({ address }) => address)
}

/** Address after address until one answers, or the time is over. */
class Attempt implements OriginListener {
  onEnd = (): void => {}
  readonly #request: DocumentRequest
  readonly #deps: DocumentFetcherDeps
  readonly #resolve: (fetched: FetchedDocument) => void
  readonly #chunks: Buffer[] = []
  #addresses: readonly string[] = []
  /** Why the first address did not answer, which tells more than why the last did not. */
  #reason = 'its name has no address'
  #bytes = 0
  #etag: string | undefined
  #first: OriginPool | undefined
  #pool: OriginPool | undefined
  #call: OriginCall | undefined
  #ended = false

  constructor(
    request: DocumentRequest,
    deps: DocumentFetcherDeps,
    resolve: (fetched: FetchedDocument) => void,
  ) {
    this.#request = request
    this.#deps = deps
    this.#resolve = resolve
  }

  begin(addresses: readonly string[]): void {
    if (this.#ended) return
    const { reach } = this.#request
    const outside = addresses.find((address) => !isWithinReach(address, reach))
    if (outside !== undefined) {
      this.end(failed(`its address ${outside} is not ${reach}, and nothing else may be asked`))
      return
    }
    this.#addresses = addresses.slice(0, ADDRESSES_MAX)
    this.#connect()
  }

  end(fetched: FetchedDocument): void {
    if (this.#ended) return
    this.#ended = true
    this.#call?.abort()
    this.#pool?.close()
    this.onEnd()
    this.#resolve(fetched)
  }

  onResponse(head: ResponseHead, body: Buffer, complete: boolean): void {
    const fault = findFault(head)
    if (fault !== undefined) {
      this.end({ ...failed(fault), status: head.status })
      return
    }
    this.#etag = head.fields.get('etag')
    this.onResponseData(body)
    if (complete) this.onResponseEnd()
  }

  onResponseData(chunk: Buffer): void {
    this.#bytes += chunk.length
    const { bytesMax } = this.#deps
    if (this.#bytes > bytesMax) this.end(failed(`longer than ${bytesMax} bytes`))
    else this.#chunks.push(Buffer.from(chunk))
  }

  onResponseEnd(): void {
    const text = Buffer.concat(this.#chunks).toString('utf8')
    const etag = this.#etag
    this.end({ kind: 'document', text, ...(etag === undefined ? {} : { etag }) })
  }

  onRequestDrain(): void {}

  onOriginError({ kind, detail }: WireError): void {
    if (this.#ended) return
    if (this.#pool === this.#first) this.#reason = `${kind}: ${detail}`
    this.#connect()
  }

  /** To the next address. */
  #connect(): void {
    const [address, ...rest] = this.#addresses
    if (address === undefined || this.#bytes > 0) {
      this.end(failed(this.#reason))
      return
    }
    this.#addresses = rest
    this.#pool?.close()
    this.#pool = this.#poolTo(address)
    this.#first ??= this.#pool
    const { timeoutMs } = this.#deps
    this.#call = this.#pool.send(
      {
        method: 'GET',
        head: headOf(this.#request),
        body: undefined,
        streamedBodyBytes: undefined,
        responseTimeoutMs: timeoutMs,
        idleTimeoutMs: timeoutMs,
      },
      this,
    )
  }

  #poolTo(host: string): OriginPool {
    const { origin, timers, timeoutMs } = this.#deps
    const { protocol, port, hostname } = this.#request.url
    const isSecure = protocol === 'https:'
    const serverName = hostname === host || hostname.startsWith('[') ? '' : hostname
    return new OriginPool(
      {
        host,
        port: port === '' ? (isSecure ? 443 : 80) : Number(port),
        tls: isSecure ? { serverName, verify: true } : undefined,
      },
      { ...origin, connections: 1, connectTimeoutMs: timeoutMs },
      timers,
    )
  }
}

function headOf({ url, headers = [] }: DocumentRequest): string {
  const { pathname, search, host } = url
  const fields = [
    `host: ${host}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    'accept: application/json, */*',
    'accept-encoding: identity',
    'user-agent: postern',
    'connection: close',
  ]
  return `GET ${pathname}${search} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`
}

function findFault({ status, fields }: ResponseHead): string | undefined {
  if (status >= 300 && status < 400) return `status ${status}; redirects are not followed`
  if (status !== 200) return `status ${status}`
  const coding = fields.get('content-encoding') ?? 'identity'
  return coding === 'identity' ? undefined : `encoded as ${coding}, which was not asked for`
}

function failed(reason: string): Extract<FetchedDocument, { kind: 'failed' }> {
  return { kind: 'failed', reason }
}
