/**
 * Codes of an authenticator app: TOTP (RFC 6238) with HMAC-SHA-1, six digits, steps of 30 s; one step early or late is fine,
 * and a code is good once.
 */

import { createHmac, randomBytes } from 'node:crypto'
import { equalTexts } from './client-secret.ts'

const STEP_MS = 30_000
const DIGITS = 6
const SECRET_BYTES = 32
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** base32, as apps take it. */
export function newTotpSecret(): string {
  const bits = [...randomBytes(SECRET_BYTES)].map((byte) => byte.toString(2).padStart(8, '0'))
  const groups = bits.join('').match(/.{1,5}/g) ?? []
  return groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
}

/** The time step that the code belongs to, if it is later than the last one that was used; undefined: the code is wrong. */
export function stepOfCode(
  secret: string,
  code: string,
  { now, usedStep = -1 }: { readonly now: Date; readonly usedStep?: number | undefined },
): number | undefined {
  const step = Math.floor(now.getTime() / STEP_MS)
  return [step, step - 1, step + 1].find(
    (each) => each > usedStep && equalTexts(codeAt(secret, each), code),
  )
}

export function codeAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  const number = mac.readUInt32BE(mac.at(-1)! & 0x0f) & 0x7fffffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0'))
  const bytes = bits.join('').match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
}
