/**
 * Keys and tokens for tests, made with `sign` of node:crypto and nothing of the verifying side: any header, any claims,
 * any key, also those that nobody should accept.
 */

import {
  constants,
  createHmac,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  type SignKeyObjectInput,
  sign,
} from 'node:crypto'

export interface TestKey {
  readonly id: string
  /** The algorithm that its tokens name. */
  readonly algorithm: string
  readonly privateKey: KeyObject
  /** As its issuer publishes it. */
  readonly published: JsonWebKey
}

interface Signing {
  readonly make: () => { readonly privateKey: KeyObject; readonly publicKey: KeyObject }
  readonly hash: string | null
  readonly how: Omit<SignKeyObjectInput, 'key'>
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: -1 }
const P1363 = { dsaEncoding: 'ieee-p1363' } as const

const SIGNING: Readonly<Record<string, Signing>> = {
  RS256: { make: rsa, hash: 'sha256', how: {} },
  RS384: { make: rsa, hash: 'sha384', how: {} },
  RS512: { make: rsa, hash: 'sha512', how: {} },
  PS256: { make: rsa, hash: 'sha256', how: PSS },
  PS384: { make: rsa, hash: 'sha384', how: PSS },
  PS512: { make: rsa, hash: 'sha512', how: PSS },
  ES256: { make: () => curve('P-256'), hash: 'sha256', how: P1363 },
  ES384: { make: () => curve('P-384'), hash: 'sha384', how: P1363 },
  ES512: { make: () => curve('P-521'), hash: 'sha512', how: P1363 },
  EdDSA: { make: () => generateKeyPairSync('ed25519'), hash: null, how: {} },
  Ed25519: { make: () => generateKeyPairSync('ed25519'), hash: null, how: {} },
  Ed448: { make: () => generateKeyPairSync('ed448'), hash: null, how: {} },
}

export const ALGORITHM_NAMES = Object.keys(SIGNING)

/** Making an RSA key takes long enough to do it once for each id. */
const made = new Map<string, TestKey>()

/** The same key for the same id and algorithm, within one process. */
export function testKey(algorithm = 'RS256', id = `${algorithm}-1`): TestKey {
  const name = `${algorithm} ${id}`
  const key = made.get(name) ?? newKey(algorithm, id)
  made.set(name, key)
  return key
}

/** A token as `key` signs it. Members of `header` take the place of the usual ones. */
export function signToken(key: TestKey, claims: object, header: object = {}): string {
  const usual = { alg: key.algorithm, typ: 'JWT', kid: key.id }
  return signSegments(key, JSON.stringify({ ...usual, ...header }), JSON.stringify(claims))
}

/** Header and claims as their text, whatever it is. */
export function signSegments(key: TestKey, header: string, claims: string): string {
  const content = `${base64url(header)}.${base64url(claims)}`
  const { hash, how } = SIGNING[key.algorithm]!
  const signature = sign(hash, Buffer.from(content), { ...how, key: key.privateKey })
  return `${content}.${signature.toString('base64url')}`
}

/** As a client would sign that takes `secret` for a shared one. */
export function signWithSecret(secret: string | Buffer, claims: object, header: object): string {
  const [first, second] = [JSON.stringify({ alg: 'HS256', typ: 'JWT', ...header }), claims]
  const content = `${base64url(first)}.${base64url(JSON.stringify(second))}`
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}

export function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

/** The document with the keys. */
export function keySetOf(...keys: readonly TestKey[]): string {
  return JSON.stringify({ keys: keys.map(({ published }) => published) })
}

function newKey(algorithm: string, id: string): TestKey {
  const { privateKey, publicKey } = SIGNING[algorithm]!.make()
  const published = { ...publicKey.export({ format: 'jwk' }), kid: id, use: 'sig', alg: algorithm }
  return { id, algorithm, privateKey, published }
}

function rsa(): ReturnType<Signing['make']> {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

function curve(namedCurve: string): ReturnType<Signing['make']> {
  return generateKeyPairSync('ec', { namedCurve })
}
