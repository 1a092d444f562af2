/**
 * A token in its compact form (RFC 7515 §7.1) to what it says, before anything of it is believed.
 *
 * Base64url has one spelling for every value, so no two texts are the same token. Members of the header that offer a
 * key or an address of one (`jwk`, `jku`, `x5c`, `x5u`) are not read at all; what must be understood and is not
 * (`crit`, `b64`) refuses.
 */

import { type JsonObject, parseStrictObject } from '../../../base/strict-json.ts'
import { type Algorithm, algorithmOf } from './algorithms.ts'
import { isKeyId } from './key-set.ts'
import { type Refusal, refusal } from './verdict.ts'

export interface DecodedToken {
  readonly kind: 'decoded'
  readonly algorithm: Algorithm
  /** Undefined: it names no key that could exist. */
  readonly keyId: string | undefined
  readonly claims: JsonObject
  /** What is signed. */
  readonly content: Uint8Array
  readonly signature: Uint8Array
}

export interface DecodeLimits {
  readonly tokenBytes: number
  readonly tokenDepth: number
}

const MALFORMED = 'TOKEN_MALFORMED'

export function decodeToken(token: string, limits: DecodeLimits): DecodedToken | Refusal {
  if (token.length > limits.tokenBytes) {
    return refusal(MALFORMED, `longer than ${limits.tokenBytes} bytes`)
  }
  const segments = token.split('.', 6)
  if (segments.length !== 3) return refusal('TOKEN_NOT_A_JWT', `${segments.length} segments`)
  const [header, claims] = segments.map((each) => objectOf(each, limits.tokenDepth))
  const signature = bytesOf(segments[2]!)
  if (header === undefined) return refusal(MALFORMED, 'its header cannot be read')
  if (claims === undefined) return refusal(MALFORMED, 'its claims cannot be read')
  if (signature === undefined) return refusal(MALFORMED, 'its signature cannot be read')
  if (Object.hasOwn(header, 'crit')) return refusal(MALFORMED, 'it has critical extensions (crit)')
  if (Object.hasOwn(header, 'b64')) return refusal(MALFORMED, 'its content is not encoded (b64)')
  const algorithm = algorithmOf(header['alg'])
  if (algorithm === undefined) return refusal('TOKEN_ALGORITHM_REFUSED')
  const keyId = isKeyId(header['kid']) ? header['kid'] : undefined
  const content = Buffer.from(token.slice(0, token.lastIndexOf('.')), 'latin1')
  return { kind: 'decoded', algorithm, keyId, claims, content, signature }
}

function objectOf(segment: string, depthMax: number): JsonObject | undefined {
  const bytes = bytesOf(segment)
  return bytes === undefined ? undefined : parseStrictObject(bytes, depthMax)
}

/** Undefined for text that base64url would not write: foreign characters, padding, bits that say nothing. */
function bytesOf(segment: string): Buffer | undefined {
  const bytes = Buffer.from(segment, 'base64url')
  return bytes.toString('base64url') === segment ? bytes : undefined
}
