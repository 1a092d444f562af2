/**
 * Requests that AWS's own signer has signed, as they would stand on the wire: the oracle of everything here.
 *
 * Keys and date are those of AWS's published signing test suite; they open nothing.
 */

import { createHash, createHmac, type Hash } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Clock } from '../../base/clock.ts'
import type { WireRequest } from '../wire-message.ts'
import { SigningKeys } from './signing-key.ts'
import type { KeySecret, VerifyOptions } from './sigv4.ts'

export const SUITE_KEY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
export const SUITE_MS = Date.UTC(2015, 7, 30, 12, 36)
export const SUITE_SCOPE = { region: 'us-east-1', service: 'service' }

/** A request before it is signed. Headers are lines: a name may come twice. */
export interface PlainRequest {
  readonly method: string
  /** As it will be sent. */
  readonly path: string
  /** Decoded. */
  readonly query?: Readonly<Record<string, string | string[]>>
  readonly headers?: WireRequest['headers']
  readonly body?: Uint8Array | string
}

export interface OfficialOptions {
  readonly credentials?: KeySecret & { readonly accessKeyId: string }
  readonly epochMs?: number
  readonly region?: string
  readonly service?: string
  /** Whether `x-amz-content-sha256` is added. */
  readonly checksum?: boolean
}

export async function signOfficially(
  plain: PlainRequest,
  options: OfficialOptions = {},
): Promise<WireRequest> {
  const signed = await signer(options).sign(smithyRequest(plain), {
    signingDate: new Date(options.epochMs ?? SUITE_MS),
  })
  return wireRequest(plain, signed.headers, plain.query)
}

export async function presignOfficially(
  plain: PlainRequest,
  options: OfficialOptions & { readonly expiresIn: number },
): Promise<WireRequest> {
  const signed = await signer(options).presign(smithyRequest(plain), {
    signingDate: new Date(options.epochMs ?? SUITE_MS),
    expiresIn: options.expiresIn,
  })
  return wireRequest(plain, signed.headers, signed.query as PlainRequest['query'])
}

const suiteClock: Clock = { now: () => 0, epochMs: () => SUITE_MS }

/** Options that accept what is signed with the suite's key at the suite's time. */
export function suiteOptions(changes: Partial<VerifyOptions> = {}): VerifyOptions {
  return {
    secretOf: (id) => (id === SUITE_KEY.accessKeyId ? SUITE_KEY : undefined),
    services: [SUITE_SCOPE.service],
    clock: suiteClock,
    signingKeys: new SigningKeys(),
    ...changes,
  }
}

function queryText(query: PlainRequest['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  )
  return pairs.join('&')
}

function signer(options: OfficialOptions): SignatureV4 {
  return new SignatureV4({
    credentials: options.credentials ?? SUITE_KEY,
    region: options.region ?? SUITE_SCOPE.region,
    service: options.service ?? SUITE_SCOPE.service,
    sha256: Sha256,
    applyChecksum: options.checksum ?? false,
  })
}

function smithyRequest(plain: PlainRequest): Parameters<SignatureV4['presign']>[0] {
  return {
    method: plain.method,
    protocol: 'http:',
    hostname: 'example.amazonaws.com',
    path: plain.path,
    query: { ...plain.query },
    headers: joined(plain.headers ?? HOST_ONLY),
    body: plain.body,
  }
}

const HOST_ONLY: WireRequest['headers'] = [['Host', 'example.amazonaws.com']]

/** One entry for each name, as the signer takes them. */
function joined(lines: WireRequest['headers']): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of lines) {
    const lowerName = name.toLowerCase()
    headers[lowerName] = lowerName in headers ? `${headers[lowerName]},${value}` : value
  }
  return headers
}

function wireRequest(
  plain: PlainRequest,
  signedHeaders: Record<string, string>,
  query: PlainRequest['query'],
): WireRequest {
  const lines = plain.headers ?? HOST_ONLY
  const there = new Set(lines.map(([name]) => name.toLowerCase()))
  const kept = lines.filter(([name]) => name.toLowerCase() in signedHeaders)
  const added = Object.entries(signedHeaders).filter(([name]) => !there.has(name))
  const search = queryText(query)
  return {
    method: plain.method,
    target: search === '' ? plain.path : `${plain.path}?${search}`,
    headers: [...kept, ...added],
    body: Buffer.from(plain.body ?? ''),
  }
}

/** Web-style hash over node:crypto, as the signer wants it. */
class Sha256 {
  readonly #hash: Hash | ReturnType<typeof createHmac>

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', secret as string | NodeJS.ArrayBufferView)
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(data as string | NodeJS.ArrayBufferView)
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
}
