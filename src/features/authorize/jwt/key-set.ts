/**
 * The keys that an issuer publishes (RFC 7517), as objects that verify.
 *
 * A key without an id, for another purpose, of another kind, too weak, or published with its secret half is left out; the
 * others serve. What a key may verify is decided here, once, from the key.
 */

import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { type Algorithm, algorithmsFor } from './algorithms.ts'

export interface SigningKey {
  readonly key: KeyObject
  readonly algorithms: readonly Algorithm[]
}

export interface KeySet {
  /** Several where an issuer has given one id to several keys. */
  readonly byId: ReadonlyMap<string, readonly SigningKey[]>
  /** The same for two sets with the same keys. */
  readonly fingerprint: string
}

/** RFC 7518 §3.3. */
const RSA_BITS_MIN = 2_048
/** Verifying with a longer one takes too long. */
const RSA_BITS_MAX = 8_192
const KEY_ID_CHARACTERS_MAX = 256

/** Undefined where the text is no key set, or has more than `keysMax` keys. */
export function readKeySet(text: string, keysMax: number): KeySet | undefined {
  const keys = keysIn(text)
  if (keys === undefined || keys.length > keysMax) return undefined
  const byId = new Map<string, SigningKey[]>()
  const kept: string[] = []
  for (const written of keys) {
    const id = keyIdOf(written)
    const read = id === undefined ? undefined : readKey(written)
    if (id === undefined || read === undefined) continue
    byId.set(id, [...(byId.get(id) ?? []), read])
    kept.push(JSON.stringify([id, read.algorithms.map(({ name }) => name), exported(read.key)]))
  }
  return { byId, fingerprint: kept.sort().join() }
}

/** Longer ids are not looked for. */
export function isKeyId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.length <= KEY_ID_CHARACTERS_MAX
}

function keysIn(text: string): readonly unknown[] | undefined {
  try {
    const document = JSON.parse(text) as { keys?: unknown } | null
    return Array.isArray(document?.keys) ? document.keys : undefined
  } catch {
    return undefined
  }
}

function keyIdOf(written: unknown): string | undefined {
  const id = (written as JsonWebKey | null)?.['kid']
  return isKeyId(id) ? id : undefined
}

function readKey(written: unknown): SigningKey | undefined {
  const jwk = written as JsonWebKey
  const { use, key_ops: operations } = jwk
  if (use !== undefined && use !== 'sig') return undefined
  if (Array.isArray(operations) && !operations.includes('verify')) return undefined
  // Whoever can read the set could sign with it.
  if (Object.hasOwn(jwk, 'd')) return undefined
  const algorithms = algorithmsFor(jwk)
  if (algorithms.length === 0) return undefined
  const key = publicKey(jwk)
  return key === undefined || !isStrong(key) ? undefined : { key, algorithms }
}

function publicKey(key: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    return undefined
  }
}

function isStrong({ asymmetricKeyType, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (asymmetricKeyType !== 'rsa') return true
  const { modulusLength: bits = 0, publicExponent = 0n } = details ?? {}
  return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX && publicExponent >= 3n
}

function exported(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).toString('base64')
}
