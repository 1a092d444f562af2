/** What access keys are made of: ids and secrets, from unpredictable bytes. */

/** `randomBytes` of node:crypto. */
type RandomBytes = (size: number) => Uint8Array

/** The form that AWS tools expect; not AWS's own `AKIA`, which alarms whatever searches repositories for secrets. */
const LASTING_PREFIX = 'AKPO'
/** As AWS's `ASIA`. */
const TEMPORARY_PREFIX = 'ASPO'
const ID_BYTES = 10
/** 40 characters of base64. */
const SECRET_BYTES = 30
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function newAccessKeyId(randomBytes: RandomBytes): string {
  return `${LASTING_PREFIX}${base32(randomBytes(ID_BYTES))}`
}

/** Of temporary credentials. */
export function newTemporaryKeyId(randomBytes: RandomBytes): string {
  return `${TEMPORARY_PREFIX}${base32(randomBytes(ID_BYTES))}`
}

export function newSecretAccessKey(randomBytes: RandomBytes): string {
  return Buffer.from(randomBytes(SECRET_BYTES)).toString('base64')
}

/** RFC 4648 §6, for whole groups of five bytes. */
function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let bitCount = 0
  for (const byte of bytes) {
    bits = (bits << 8) | byte
    bitCount += 8
    while (bitCount >= 5) {
      bitCount -= 5
      text += BASE32[(bits >> bitCount) & 31]
    }
    bits &= (1 << bitCount) - 1
  }
  return text
}
