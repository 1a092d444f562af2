/**
 * Certificates that the authorities of this installation sign: a new key each time, of the kind that was asked for.
 *
 * Names under `localhost` are the local authority's, which is bound to them; any name is the private one's.
 */

import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { type KeyPair, signServerCertificate } from './certificate.ts'
import type { KeyAlgorithm } from './certificate-record.ts'

const DAY_MS = 86_400_000
/** Of ACM's own private certificates, and below what browsers take from anybody. */
const LIFE_DAYS = 395
const BACKDATE_MS = 3_600_000
const RSA_BITS = { RSA_1024: 1_024, RSA_2048: 2_048, RSA_3072: 3_072, RSA_4096: 4_096 } as const
const CURVES = {
  EC_prime256v1: 'prime256v1',
  EC_secp384r1: 'secp384r1',
  EC_secp521r1: 'secp521r1',
} as const

const generate = promisify(generateKeyPair)

export interface IssueWish {
  readonly names: readonly string[]
  readonly keyAlgorithm: KeyAlgorithm
  readonly now: Date
}

/** PEM: the certificate with that of the authority behind it, and the key. */
export async function issueCertificate(
  authority: KeyPair,
  { names, keyAlgorithm, now }: IssueWish,
): Promise<{ readonly chain: string; readonly privateKey: string }> {
  const { publicKey, privateKey } = await newKey(keyAlgorithm)
  const fromEpochMs = Math.floor((now.getTime() - BACKDATE_MS) / 1_000) * 1_000
  const validity = { fromEpochMs, untilEpochMs: fromEpochMs + LIFE_DAYS * DAY_MS }
  const certificate = signServerCertificate(authority, names, { publicKey, validity })
  return {
    chain: certificate + authority.certificate,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** Of the kind that was asked for. */
export function newKey(algorithm: KeyAlgorithm) {
  return algorithm in CURVES
    ? generate('ec', { namedCurve: CURVES[algorithm as keyof typeof CURVES] })
    : generate('rsa', { modulusLength: RSA_BITS[algorithm as keyof typeof RSA_BITS] })
}
