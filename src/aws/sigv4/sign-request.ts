/**
 * Signs a request with Signature Version 4, in its header fields: the client side of `sigv4.ts`.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

import { assert } from '../../base/assert.ts'
import type { WireRequest } from '../wire-message.ts'
import {
  ALGORITHM,
  canonicalRequest,
  PAYLOAD_HASH,
  sha256,
  stringToSign,
} from './canonical-request.ts'
import { readParts } from './request-parts.ts'
import { deriveSigningKey, scopeText, signatureOf } from './signing-key.ts'
import { formatTimestamp } from './timestamp.ts'

export interface SigningCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface SigningScope {
  readonly region: string
  readonly service: string
  /** The time of the signature. */
  readonly epochMs: number
}

/** Written anew by `signRequest`. */
const SIGNATURE_FIELDS = [
  'authorization',
  'date',
  'x-amz-date',
  'x-amz-security-token',
  PAYLOAD_HASH,
]
/** What HTTP software between client and server may add, change or drop. */
const CHANGED_ON_THE_WAY =
  /^(cache-control|connection|expect|from|keep-alive|max-forwards|pragma|referer|te|trailer|transfer-encoding|upgrade|user-agent|x-amzn-trace-id|proxy-.*|sec-.*)$/

/**
 * The header fields to send: those of the request, and the signature's. The request has a `host`; its path is sent as it
 * stands, and an Authorization field or a date that it has is replaced.
 */
export function signRequest(
  request: WireRequest,
  credentials: SigningCredentials,
  { region, service, epochMs }: SigningScope,
): WireRequest['headers'] {
  const timestamp = formatTimestamp(epochMs)
  const payloadHash = sha256(request.body)
  const headers = request.headers.filter(([name]) => !SIGNATURE_FIELDS.includes(name.toLowerCase()))
  headers.push(['x-amz-date', timestamp], [PAYLOAD_HASH, payloadHash])
  if (credentials.sessionToken !== undefined) {
    headers.push(['x-amz-security-token', credentials.sessionToken])
  }
  const parts = readParts({ ...request, headers })
  assert(parts.fields.has('host'), 'a request that is signed has a host field')
  const signedHeaders = [...parts.fields.keys()]
    .filter((name) => !CHANGED_ON_THE_WAY.test(name))
    .toSorted()
  const scope = { date: timestamp.slice(0, 8), region, service }
  // S3 alone takes a path as it is sent.
  const path = service === 's3' ? parts.path : undefined
  const canonical = canonicalRequest(parts, signedHeaders, payloadHash, path)
  const text = stringToSign(timestamp, scope, canonical)
  const signature = signatureOf(deriveSigningKey(credentials.secretAccessKey, scope), text)
  const authorization = [
    `${ALGORITHM} Credential=${credentials.accessKeyId}/${scopeText(scope)}`,
    `SignedHeaders=${signedHeaders.join(';')}`,
    `Signature=${signature}`,
  ]
  return [...headers, ['authorization', authorization.join(', ')]]
}
