/**
 * The RSA keys that a pool signs its tokens with: made, sealed, published, retired.
 *
 * A pool has one key that signs. When it is retired its private half is deleted, and its public half stays in the key set
 * until the last token that it has signed is over. Signing happens in libuv's threads.
 * RFC 7517 (JWK), RFC 7518 §3.3 (RS256)
 */

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { promisify } from 'node:util'
import { assert } from '../../base/assert.ts'
import type { Sealer, SealPlace } from '../installation-key.ts'
import type { SigningKeyRecord } from './records.ts'

const MODULUS_BITS = 2_048
const KID_BYTES = 32
/** The longest life of an access or id token. */
const TOKEN_LIFE_MAX_MS = 86_400_000
/** Clocks of others may be behind. */
const SLACK_MS = 3_600_000
/** Opened keys that are kept: a pool signs with one. */
const OPENED_MAX = 1_000

const generate = promisify(generateKeyPair)
const signInPool = promisify(
  (data: Uint8Array, key: KeyObject, done: (error: Error | null, signature: Buffer) => void) =>
    sign('RSA-SHA256', data, key, done),
)

export async function newSigningKey(
  sealer: Sealer,
  poolId: string,
  now: Date,
): Promise<SigningKeyRecord> {
  const { privateKey } = await generate('rsa', { modulusLength: MODULUS_BITS })
  const kid = randomBytes(KID_BYTES).toString('base64')
  const { n = '', e = '' } = privateKey.export({ format: 'jwk' })
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  const sealedPrivateKey = sealer.seal(placeOf(poolId, kid), der)
  return { kid, n, e, sealedPrivateKey, createdAt: now.toISOString() }
}

/** The same key when it signs no more. */
export function retired({ sealedPrivateKey: _, ...key }: SigningKeyRecord, now: Date) {
  return { ...key, retiredAt: now.toISOString() }
}

/** Everything that it has signed is over. */
export function isForgotten({ retiredAt }: SigningKeyRecord, now: Date): boolean {
  if (retiredAt === undefined) return false
  return now.getTime() > Date.parse(retiredAt) + TOKEN_LIFE_MAX_MS + SLACK_MS
}

/** `/.well-known/jwks.json` */
export function keySet(keys: readonly SigningKeyRecord[]): object {
  return {
    keys: keys.map(({ kid, n, e }) => ({ alg: 'RS256', e, kid, kty: 'RSA', n, use: 'sig' })),
  }
}

/** Signs and checks tokens. Keys are opened once. */
export class TokenSigner {
  readonly #sealer: Sealer
  readonly #opened = new Map<string, KeyObject>()

  constructor(sealer: Sealer) {
    this.#sealer = sealer
  }

  /** A JWT of these claims. */
  async sign(poolId: string, key: SigningKeyRecord, claims: object): Promise<string> {
    const head = encode({ kid: key.kid, alg: 'RS256' })
    const text = `${head}.${encode(claims)}`
    const signature = await signInPool(Buffer.from(text), this.#privateKey(poolId, key))
    return `${text}.${signature.toString('base64url')}`
  }

  /** Whether this key has signed the token: `head.claims` and the signature behind the last dot. */
  verify(key: SigningKeyRecord, text: string, signature: Uint8Array): boolean {
    const name = `public ${key.kid}`
    const publicKey = this.#keep(name, () =>
      createPublicKey({ format: 'jwk', key: { kty: 'RSA', n: key.n, e: key.e } }),
    )
    return verify('RSA-SHA256', Buffer.from(text), publicKey, signature)
  }

  #privateKey(poolId: string, { kid, sealedPrivateKey = '' }: SigningKeyRecord): KeyObject {
    return this.#keep(`private ${kid}`, () => {
      const der = this.#sealer.open(placeOf(poolId, kid), sealedPrivateKey)
      assert(der !== undefined, `the signing key ${kid} opens with the installation key`)
      return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    })
  }

  #keep(name: string, make: () => KeyObject): KeyObject {
    let key = this.#opened.get(name)
    if (key === undefined) {
      key = make()
      if (this.#opened.size >= OPENED_MAX) this.#opened.clear()
      this.#opened.set(name, key)
    }
    return key
  }
}

function placeOf(poolId: string, kid: string): SealPlace {
  return { purpose: 'signing-key', of: `${poolId} ${kid}` }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
