/**
 * Reader of DER (ITU-T X.690), for what OpenSSL tells nobody of a certificate that it has already read: the usages that
 * are allowed to its key (RFC 5280 §4.2.1.3).
 */

export interface DerValue {
  readonly tag: number
  readonly content: Buffer
}

/** The values one after the other; what is cut ends the list. */
export function derValues(bytes: Buffer): readonly DerValue[] {
  const values: DerValue[] = []
  let at = 0
  while (at + 2 <= bytes.length) {
    const tag = bytes[at]!
    const first = bytes[at + 1]!
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f
    const start = at + 2 + lengthBytes
    if (lengthBytes > 4 || start > bytes.length) break
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes)
    if (start + length > bytes.length) break
    values.push({ tag, content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return values
}

const KEY_USAGE = Buffer.from([0x55, 0x1d, 0x0f])
const EXTENSIONS = 0xa3
const OCTETS = 0x04
const BITS = 0x03

/** Bits of KeyUsage, most significant first; undefined: the certificate does not say. */
export function keyUsageBits(certificate: Buffer): readonly boolean[] | undefined {
  const [outer] = derValues(certificate)
  const [content] = derValues(outer?.content ?? Buffer.alloc(0))
  const extensions = derValues(content?.content ?? Buffer.alloc(0)).find(
    ({ tag }) => tag === EXTENSIONS,
  )
  const [list] = derValues(extensions?.content ?? Buffer.alloc(0))
  for (const extension of derValues(list?.content ?? Buffer.alloc(0))) {
    const parts = derValues(extension.content)
    if (!parts[0]?.content.equals(KEY_USAGE)) continue
    const octets = parts.find(({ tag }) => tag === OCTETS)
    const bits = derValues(octets?.content ?? Buffer.alloc(0)).find(({ tag }) => tag === BITS)
    return [...(bits?.content.subarray(1) ?? [])].flatMap(bitsOf)
  }
  return undefined
}

function bitsOf(byte: number): boolean[] {
  return Array.from({ length: 8 }, (_, i) => (byte & (0x80 >> i)) !== 0)
}
