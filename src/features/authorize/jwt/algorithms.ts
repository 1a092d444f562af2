/**
 * The signature algorithms of tokens (RFC 7518 §3, RFC 8037, RFC 9864), and what each of them needs of a key.
 *
 * What is not in the table does not exist: `none`, and everything that is made with a secret (HS256). Which algorithms
 * a key may verify follows from the key alone, never from a token.
 */

import { constants, type JsonWebKey, type KeyObject, verify } from 'node:crypto'

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
  /** A key that names no algorithm is for it, too. */
  readonly isUsual: boolean
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
  edwards('EdDSA', 'Ed25519', 'Ed448'),
  edwards('Ed25519', 'Ed25519'),
  edwards('Ed448', 'Ed448'),
]

export const ALGORITHM_NAMES = TABLE.map(({ name }) => name)

const BY_NAME = new Map(TABLE.map((algorithm) => [algorithm.name, algorithm]))

/** Undefined: tokens that name it are refused. */
export function algorithmOf(name: unknown): Algorithm | undefined {
  return typeof name === 'string' ? BY_NAME.get(name) : undefined
}

/**
 * What a key is for: the algorithm that it names, if that fits its type and curve; else those of its kind. For RSA these are
 * the three that API Gateway takes: nobody signs by PSS and does not say so in the key.
 */
export function algorithmsFor({ kty, crv, alg }: JsonWebKey): readonly Algorithm[] {
  return TABLE.filter(
    ({ name, keyType, curves, isUsual }) =>
      keyType === kty &&
      (curves.length === 0 || curves.includes(crv as string)) &&
      (alg === undefined ? isUsual : alg === name),
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
  const isUsual = padding === PKCS1
  return { name, keyType: 'RSA', curves: [], hash, signatureBytes: undefined, padding, isUsual }
}

function ecdsa(name: string, curve: string, hash: string, signatureBytes: number): Algorithm {
  const curves = [curve]
  return { name, keyType: 'EC', curves, hash, signatureBytes, padding: undefined, isUsual: true }
}

function edwards(name: string, ...curves: string[]): Algorithm {
  const none = { hash: null, signatureBytes: undefined, padding: undefined }
  return { name, keyType: 'OKP', curves, ...none, isUsual: true }
}
