/**
 * Certificate signing requests (PKCS #10, RFC 2986) of one profile, EC P-256 with SHA-256: what an agent of a VPC link
 * sends so that its key stays with it. Read strictly, as DER in the one form that `makeSigningRequest` writes.
 */

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { distinguishedName } from './certificate.ts'
import { bitString, encode, integer, objectId, sequence } from './der.ts'

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'))
const HEAD = '-----BEGIN CERTIFICATE REQUEST-----'
const TAIL = '-----END CERTIFICATE REQUEST-----'
/** One of a P-256 key has about 400. */
const TEXT_LENGTH_MAX = 4_096

/** PEM of a signing request for a PEM key. It asks for no name: the issuer knows it. */
export function makeSigningRequest(privateKey: string): string {
  const key = createPrivateKey(privateKey)
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const name = distinguishedName('agent')
  const content = sequence(integer(Buffer.from([0])), name, spki, encode(0xa0))
  const signature = bitString(sign('sha256', content, key))
  const lines = sequence(content, ECDSA_WITH_SHA256, signature).toString('base64')
  return `${HEAD}\n${lines.match(/.{1,64}/g)!.join('\n')}\n${TAIL}\n`
}

/** The key that the request is for, whose holder has signed it; undefined: it is not one of ours, or not signed so. */
export function publicKeyOfRequest(pem: string): KeyObject | undefined {
  const body = bodyOf(pem)
  if (body === undefined) return undefined
  try {
    const [outer, ...behind] = valuesOf(body)
    const [content, algorithm, signature, ...more] = valuesOf(outer!.content)
    if (behind.length + more.length > 0 || !algorithm!.whole.equals(ECDSA_WITH_SHA256)) return
    const spki = valuesOf(content!.content)[2]!.whole
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined
    // A bit string begins with the count of bits that do not belong to it.
    return verify('sha256', content!.whole, key, signature!.content.subarray(1)) ? key : undefined
  } catch {
    // Whatever is not DER of this form.
    return undefined
  }
}

function bodyOf(pem: string): Buffer | undefined {
  const text = pem.trim()
  if (text.length > TEXT_LENGTH_MAX || !text.startsWith(HEAD) || !text.endsWith(TAIL)) return
  const base64 = text.slice(HEAD.length, -TAIL.length).replaceAll(/\s/g, '')
  return /^[A-Za-z0-9+/]+=*$/.test(base64) ? Buffer.from(base64, 'base64') : undefined
}

interface DerValue {
  readonly whole: Buffer
  readonly content: Buffer
}

/** The values that stand one behind the other. Throws where a length does not fit. */
function valuesOf(bytes: Buffer): DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at + 1]!
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f
    const start = at + 2 + lengthBytes
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes)
    if (start + length > bytes.length) throw new RangeError('a value ends behind its text')
    values.push({
      whole: bytes.subarray(at, start + length),
      content: bytes.subarray(start, start + length),
    })
    at = start + length
  }
  return values
}
