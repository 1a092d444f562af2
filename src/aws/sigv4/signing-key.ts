/**
 * The key of a Signature Version 4: derived from a secret for one day, one region and one service.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
 */

import { createHmac, timingSafeEqual } from 'node:crypto'

export const TERMINATOR = 'aws4_request'

/** The credential scope: what a signing key is good for. */
export interface CredentialScope {
  /** `20150830` */
  readonly date: string
  readonly region: string
  readonly service: string
}

export function scopeText({ date, region, service }: CredentialScope): string {
  return `${date}/${region}/${service}/${TERMINATOR}`
}

export function deriveSigningKey(secretAccessKey: string, scope: CredentialScope): Buffer {
  const { date, region, service } = scope
  let key: string | Buffer = `AWS4${secretAccessKey}`
  for (const part of [date, region, service, TERMINATOR]) key = hmac(key, part)
  return key as Buffer
}

/** Hexadecimal. */
export function signatureOf(signingKey: Buffer, text: string): string {
  return hmac(signingKey, text).toString('hex')
}

/** A signature as it was sent, and what it has to fit. */
export interface SignatureClaim {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly scope: CredentialScope
  readonly stringToSign: string
  /** As sent: anything. */
  readonly signature: string
}

interface HeldKey {
  /** Of the key that it was derived from, in case the id has got another one. */
  readonly secretAccessKey: string
  readonly signingKey: Buffer
}

/** Compares signatures, and keeps the signing keys of those that were right. */
export class SigningKeys {
  readonly #keysMax: number
  readonly #held = new Map<string, HeldKey>()

  constructor(keysMax = 1_000) {
    this.#keysMax = keysMax
  }

  /**
   * A wrong signature costs one derivation and one comparison, whether or not a key is held: the time tells nothing
   * about which keys exist or are in use. Only a right signature leaves something behind.
   */
  isRight(claim: SignatureClaim): boolean {
    const { secretAccessKey, scope } = claim
    const name = `${claim.accessKeyId}/${scopeText(scope)}`
    const held = this.#held.get(name)
    const known = held?.secretAccessKey === secretAccessKey ? held.signingKey : undefined
    const signingKey = known ?? deriveSigningKey(secretAccessKey, scope)
    const right = isSame(signatureOf(signingKey, claim.stringToSign), claim.signature)
    if (right && known === undefined) this.#keep(name, { secretAccessKey, signingKey })
    if (!right && known !== undefined) deriveSigningKey(secretAccessKey, scope)
    return right
  }

  #keep(name: string, key: HeldKey): void {
    this.#held.delete(name)
    this.#held.set(name, key)
    if (this.#held.size <= this.#keysMax) return
    for (const oldest of this.#held.keys()) {
      this.#held.delete(oldest)
      return
    }
  }
}

/** In a time that depends on the lengths only. */
export function isSame(expected: string, given: string): boolean {
  const expectedBytes = Buffer.from(expected)
  const givenBytes = Buffer.from(given)
  return expectedBytes.length === givenBytes.length && timingSafeEqual(expectedBytes, givenBytes)
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
