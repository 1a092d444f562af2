/** What kind of key a certificate has, in ACM's words, and which kinds are too weak or unknown to be served. */

import type { KeyObject } from 'node:crypto'
import type { KeyAlgorithm } from './certificate-record.ts'

const CURVES: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'EC_prime256v1',
  secp384r1: 'EC_secp384r1',
  secp521r1: 'EC_secp521r1',
}
const RSA_BITS: Readonly<Record<number, KeyAlgorithm>> = {
  1024: 'RSA_1024',
  2048: 'RSA_2048',
  3072: 'RSA_3072',
  4096: 'RSA_4096',
}
/** Small exponents and other sizes are what a generator of keys never makes. */
const EXPONENT_LEAST = 65_537n

/** Undefined: ACM has no word for it. */
export function keyAlgorithmOf(key: KeyObject): KeyAlgorithm | undefined {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa') return RSA_BITS[modulusLength]
  return key.asymmetricKeyType === 'ec' ? CURVES[namedCurve] : undefined
}

/** Why a key of this kind protects nobody; undefined: it does. */
export function weaknessOf(key: KeyObject): string | undefined {
  const { modulusLength = 0, publicExponent = 0n, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  const kind = key.asymmetricKeyType
  if (kind === 'rsa') {
    if (modulusLength < 2_048) return `an RSA key of ${modulusLength} bits is too weak`
    return publicExponent < EXPONENT_LEAST ? `its RSA exponent is ${publicExponent}` : undefined
  }
  if (kind !== 'ec') return `a key of the kind ${kind} cannot be served`
  return CURVES[namedCurve] === undefined ? `the curve ${namedCurve} cannot be served` : undefined
}
