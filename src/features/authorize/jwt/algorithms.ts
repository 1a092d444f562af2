/**
 * The signature algorithms of tokens (RFC 7518 §3, RFC 8037), and what each of them needs of a key.
 *
 * What is not in the table does not exist: `none`, and everything that is made with a secret (HS256). Which algorithms
 * a key may verify follows from the key alone, never from a token.
 */

import { constants, type KeyObject, verify } from 'node:crypto'

export interface Algorithm {
  readonly name: string
  /** Of the JSON Web Key. */
  readonly keyType: 'RSA' | 'EC' | 'OKP'
  /** Curves of such a key; empty: it has none. */
  readonly curves: readonly string[]
  /** Null: the algorithm has its own. */
  readonly hash: string | null
  /** Of a signature that is not as long as its key. */
  readonly signatureBytes: number | undefined
  readonly padding: number | undefined
}

const PKCS1 = constants.RSA_PKCS1_PADDING
const PSS = constants.RSA_PKCS1_PSS_PADDING

const TABLE: readonly Algorithm[] = [
  rsa('RS256', 'sha256', PKCS1),
  rsa('RS384', 'sha384', PKCS1),
  rsa('RS512', 'sha512', PKCS1),
  rsa('PS256', 'sha256', PSS),
  rsa('PS384', 'sha384', PSS),
  rsa('PS512', 'sha512', PSS),
  ecdsa('ES256', 'P-256', 'sha256', 64),
  ecdsa('ES384', 'P-384', 'sha384', 96),
  ecdsa('ES512', 'P-521', 'sha512', 132),
  {
    name: 'EdDSA',
    keyType: 'OKP',
    curves: ['Ed25519', 'Ed448'],
    hash: null,
    signatureBytes: undefined,
    padding: undefined,
  },
]

const BY_NAME = new Map(TABLE.map((algorithm) => [algorithm.name, algorithm]))

/** Undefined: tokens that name it are refused. */
export function algorithmOf(name: unknown): Algorithm | undefined {
  return typeof name === 'string' ? BY_NAME.get(name) : undefined
}

/** Those that a key of this type and curve can verify. */
export function algorithmsFor(keyType: unknown, curve: unknown): readonly Algorithm[] {
  return TABLE.filter(
    (each) =>
      each.keyType === keyType &&
      (each.curves.length === 0 || each.curves.includes(curve as string)),
  )
}

export function isSigned(
  algorithm: Algorithm,
  key: KeyObject,
  content: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { signatureBytes, padding, hash } = algorithm
  if (signatureBytes !== undefined && signature.length !== signatureBytes) return false
  return verify(
    hash,
    content,
    {
      key,
      dsaEncoding: 'ieee-p1363',
      ...(padding === undefined ? {} : { padding }),
      ...(padding === PSS ? { saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {}),
    },
    signature,
  )
}

function rsa(name: string, hash: string, padding: number): Algorithm {
  return { name, keyType: 'RSA', curves: [], hash, signatureBytes: undefined, padding }
}

function ecdsa(name: string, curve: string, hash: string, signatureBytes: number): Algorithm {
  return { name, keyType: 'EC', curves: [curve], hash, signatureBytes, padding: undefined }
}
