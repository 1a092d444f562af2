/**
 * One request to a server of an authority, and its whole answer: small, in time, and from where it may come.
 *
 * Redirects are not followed, what was looked up is what is connected to, and every address of the name has to be within
 * reach, so that nobody is led inside by what a server or a certificate says.
 */

import { type LookupAddress, lookup as lookUp } from 'node:dns'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { nodeHttp } from '../base/node-http.ts'
import { isWithinReach, type Reach } from '../http/client/address-reach.ts'

export interface BoundedRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer | undefined
  readonly reach: Reach
  /** From name look-up to the last byte. */
  readonly timeoutMs: number
  readonly bytesMax: number
  /** For `https:`: authorities in PEM that alone are trusted; undefined: Node's. */
  readonly trust?: string | undefined
  /** Undefined: a connection of its own. */
  readonly agent?: KeptConnection
  readonly signal: AbortSignal
}

export interface BoundedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** One connection that several requests take, one after the other. */
export type KeptConnection = https.Agent

const HEAD_BYTES_MAX = 16_384

/** To be destroyed when it is needed no more. */
export function keptConnection(): KeptConnection {
  return new https.Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 })
}

/** Rejects with an error whose message is for operators. */
export function exchangeBounded(request: BoundedRequest): Promise<BoundedAnswer> {
  const { url, reach, timeoutMs, bytesMax } = request
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(literal) !== 0 && !isWithinReach(literal, reach)) {
    return Promise.reject(new Error(`the address ${literal} is not ${reach}`))
  }
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)])
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(signal.aborted && !request.signal.aborted ? late(url, timeoutMs) : error)
    const sent = (url.protocol === 'https:' ? https : nodeHttp).request(
      url,
      optionsOf(request, signal),
    )
    sent.on('error', fail)
    sent.on('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('error', fail)
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > bytesMax) response.destroy(new Error(`longer than ${bytesMax} bytes`))
        else chunks.push(chunk)
      })
      response.on('end', () => {
        const status = response.statusCode ?? 0
        resolve({ status, headers: single(response.headers), body: Buffer.concat(chunks) })
      })
    })
    sent.end(request.body)
  })
}

function optionsOf(
  { method, headers, reach, trust, agent }: BoundedRequest,
  signal: AbortSignal,
): https.RequestOptions {
  return {
    agent: agent ?? false,
    method,
    signal,
    maxHeaderSize: HEAD_BYTES_MAX,
    lookup: lookupWithin(reach),
    headers: { ...headers, 'user-agent': 'postern', 'accept-encoding': 'identity' },
    ...(trust === undefined ? {} : { ca: trust }),
  }
}

function lookupWithin(reach: Reach): LookupFunction {
  return (host, options, callback) => {
    lookUp(host, { ...options, all: true }, (error, found: LookupAddress[]) => {
      const outside = found?.find(({ address }) => !isWithinReach(address, reach))
      const [first] = found ?? []
      if (error !== null || first === undefined) callback(error ?? new Error('no address'), '', 0)
      else if (outside !== undefined) {
        callback(new Error(`${host} leads to ${outside.address}, which is not ${reach}`), '', 0)
      } else if (options.all === true) callback(null, found)
      else callback(null, first.address, first.family)
    })
  }
}

function late(url: URL, timeoutMs: number): Error {
  return new Error(`${url.host} does not answer within ${timeoutMs} ms`)
}

function single(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')])
  return Object.fromEntries(entries)
}
