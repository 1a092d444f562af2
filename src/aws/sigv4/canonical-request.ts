/**
 * The canonical request and the string to sign: what a Signature Version 4 covers, as text.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * One deviation: dot segments and empty segments of the path are not resolved. The signature covers the path that is
 * routed, so a signature for `/v2/apis` is none for `/v2/x/../apis`. Escapes of the path are escaped once more, as all
 * services but S3 want it.
 */

import { createHash } from 'node:crypto'
import { encodePath } from './percent-encoding.ts'
import type { QueryParameter, RequestParts } from './request-parts.ts'
import { type CredentialScope, scopeText } from './signing-key.ts'

export const ALGORITHM = 'AWS4-HMAC-SHA256'
/** Header field: what the signer says the body's hash is. */
export const PAYLOAD_HASH = 'x-amz-content-sha256'
export const QUERY_SIGNATURE = 'X-Amz-Signature'

/** `signedHeaders` are names of fields that the request has, in lower case and sorted. */
export function canonicalRequest(
  parts: RequestParts,
  signedHeaders: readonly string[],
  payloadHash: string,
  canonicalPath = encodePath(parts.path),
): string {
  const fields = signedHeaders.map(
    (name) => `${name}:${(parts.fields.get(name) ?? []).join(',')}\n`,
  )
  return [
    parts.method,
    canonicalPath,
    canonicalQuery(parts.query),
    fields.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n')
}

/** `timestamp` in the basic form. */
export function stringToSign(timestamp: string, scope: CredentialScope, canonical: string): string {
  return [ALGORITHM, timestamp, scopeText(scope), sha256(canonical)].join('\n')
}

/** Hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Whether other readers would take the path for another one. */
export function isNormalPath(path: string): boolean {
  return !/\/(\.{0,2}\/|\.{1,2}$)/.test(path)
}

function canonicalQuery(query: readonly QueryParameter[]): string {
  return query
    .filter(({ name }) => name !== QUERY_SIGNATURE)
    .toSorted((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&')
}

/** By code, not by language. */
function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
