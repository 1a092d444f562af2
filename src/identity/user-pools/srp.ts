/**
 * Secure Remote Password as Cognito speaks it, the server's side: SRP-6a with SHA-256 over the 3072-bit group, and a session
 * key by HKDF that signs the client's claim.
 *
 * All powers are taken by OpenSSL in libuv's threads, as Diffie-Hellman with keys that are written for it: 2 ms instead of
 * 18 ms of BigInt in the event loop (Node 24).
 * RFC 5054 §2.5, RFC 3526 §4, RFC 5869; the byte forms are those of amazon-cognito-identity-js.
 */

import {
  createDiffieHellmanGroup,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  randomBytes,
} from 'node:crypto'
import { equalTexts } from './client-secret.ts'

const GROUP = 'modp15'
const GENERATOR = 2n
const SECRET_BYTES = 32
const SALT_BYTES = 16
const INFO = 'Caldera Derived Key'
const KEY_BYTES = 16
const DH_OID = '2a864886f70d010301'

const prime = createDiffieHellmanGroup(GROUP).getPrime()
const N = toNumber(prime)
const K = hashNumber(padded(N), padded(GENERATOR))

/** Salt in hex and verifier, from a password; `poolName` is the pool's id behind its region. */
export async function newVerifier(of: {
  readonly poolName: string
  readonly userId: string
  readonly password: string
}): Promise<{ readonly salt: string; readonly verifier: Buffer }> {
  const salt = randomBytes(SALT_BYTES)
  // Clients differ in how they write a number whose first bit is set, or whose first byte is zero.
  salt[0] = (salt[0]! & 0x7f) | 0x40
  const inner = createHash('sha256').update(`${of.poolName}${of.userId}:${of.password}`).digest()
  const x = hashNumber(salt, inner)
  return { salt: salt.toString('hex'), verifier: toBytes(await power(GENERATOR, x)) }
}

/** What the server keeps between the two messages, and what it answers the first with. */
export interface ServerTurn {
  /** Hex. */
  readonly secret: string
  readonly serverPublic: string
}

export async function beginTurn(verifier: Uint8Array): Promise<ServerTurn> {
  const secret = randomBytes(SECRET_BYTES)
  secret[0] = secret[0]! | 0x80
  const serverPublic = (K * toNumber(verifier) + (await power(GENERATOR, toNumber(secret)))) % N
  return { secret: secret.toString('hex'), serverPublic: serverPublic.toString(16) }
}

/** False for a number that gives the session key away (RFC 5054 §2.5.4), and for what is no number. */
export function isClientPublic(hex: string): boolean {
  return /^[0-9a-f]{1,1024}$/i.test(hex) && BigInt(`0x${hex}`) % N !== 0n
}

export interface Claim {
  readonly turn: ServerTurn
  readonly clientPublic: string
  readonly verifier: Uint8Array
  /** Pool name, user, secret block and time, as the client has put them together. */
  readonly message: Uint8Array
  /** base64 */
  readonly signature: string
}

/** Whether whoever made the claim knows the password. In constant time. */
export async function isClaimTrue(claim: Claim): Promise<boolean> {
  const { turn, clientPublic, verifier, message, signature } = claim
  const [a, b] = [BigInt(`0x${clientPublic}`) % N, BigInt(`0x${turn.serverPublic}`)]
  const u = hashNumber(padded(a), padded(b))
  if (u === 0n) return false
  const base = (a * (await power(toNumber(verifier), u))) % N
  // Powers of these say nothing about the password.
  if (base <= 1n || base >= N - 1n) return false
  const shared = await power(base, BigInt(`0x${turn.secret}`))
  const key = sessionKey(padded(shared), padded(u))
  const expected = createHmac('sha256', key).update(message).digest('base64')
  return equalTexts(expected, signature)
}

/** HKDF with one round, whose info is followed by its counter. */
function sessionKey(shared: Uint8Array, salt: Uint8Array): Buffer {
  const extracted = createHmac('sha256', salt).update(shared).digest()
  const expanded = createHmac('sha256', extracted).update(`${INFO}\u0001`).digest()
  return expanded.subarray(0, KEY_BYTES)
}

/** `base` to the power of `exponent`, modulo the prime. */
function power(base: bigint, exponent: bigint): Promise<bigint> {
  const privateKey = createPrivateKey({
    ...{ format: 'der', type: 'pkcs8' },
    key: sequence(integer(0n), PARAMETERS, tlv(0x04, integer(exponent))),
  })
  const bits = tlv(0x03, Buffer.from([0]), integer(base))
  const publicKey = createPublicKey({
    format: 'der',
    type: 'spki',
    key: sequence(PARAMETERS, bits),
  })
  return new Promise((resolve, reject) => {
    diffieHellman({ privateKey, publicKey }, (error, secret) =>
      error === null ? resolve(toNumber(secret)) : reject(error),
    )
  })
}

/** RFC 3279 §2.3.3 with the group of PKCS #3. */
const PARAMETERS = sequence(
  tlv(0x06, Buffer.from(DH_OID, 'hex')),
  sequence(integer(N), integer(GENERATOR)),
)

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...parts)
}

function integer(value: bigint): Buffer {
  return tlv(0x02, padded(value))
}

function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

/** Two's complement: a zero byte in front of a first bit that is set. */
function padded(value: bigint): Buffer {
  const hex = value.toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex')
}

function hashNumber(...parts: readonly Uint8Array[]): bigint {
  return toNumber(createHash('sha256').update(Buffer.concat(parts)).digest())
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(prime.length * 2, '0'), 'hex')
}
