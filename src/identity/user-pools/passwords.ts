/**
 * Passwords: the pool's policy in Cognito's words, scrypt for what is stored, and a bound on how many are worked on.
 *
 * scrypt (RFC 7914) with N = 2^15, r = 8, p = 3 takes 32 MB and a quarter of a second of one core, in libuv's threads, two
 * at a time: sign-ins never take all of a machine. An unknown user costs the same as a known one.
 */

import { randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import type { PasswordPolicyType } from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import { assert } from '../../base/assert.ts'

const N = 32_768
const R = 8
const P = 3
const KEY_BYTES = 32
const SALT_BYTES = 16
const MEMORY_MAX = 67_108_864
const RUNNING_MAX = 2
const WAITING_MAX = 256
/** As long as Cognito takes. */
const CHARACTERS_MAX = 256
const SYMBOLS = '^$*.[]{}()?"!@#%&/\\,><\':;|_~`=+- '
/** Letters and digits that nobody confuses. */
const UPPER = 'ABCDEFGHJKLMNPQRSTUVWXYZ'
const LOWER = 'abcdefghijkmnopqrstuvwxyz'
const DIGITS = '23456789'
const PLAIN_SYMBOLS = '!@#%*?_-+='

/** `scrypt$N$r$p$salt$hash` */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, { N, r: R, p: P })
  return ['scrypt', N, R, P, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

/** `stored` is undefined where there is no such user: the work is done all the same, and the answer is no. */
export async function isPassword(stored: string | undefined, password: string): Promise<boolean> {
  const [name, n, r, p, salt = '', hash = ''] = (stored ?? NOBODYS).split('$')
  assert(name === 'scrypt', 'a stored password says scrypt')
  const options = { N: Number(n), r: Number(r), p: Number(p) }
  const derived = await derive(password, Buffer.from(salt, 'base64url'), options)
  const isEqual = timingSafeEqual(derived, Buffer.from(hash, 'base64url'))
  return isEqual && stored !== undefined
}

const NOBODYS = ['scrypt', N, R, P, 'A'.repeat(22), 'A'.repeat(43)].join('$')

/** What the policy has against a password, as Cognito says it; undefined: nothing. */
export function findPasswordProblem(
  policy: PasswordPolicyType | undefined = {},
  password: string,
): string | undefined {
  const start = 'Password did not conform with policy: '
  const { MinimumLength = 8 } = policy
  if (password.length < MinimumLength) return `${start}Password not long enough`
  if (password.length > CHARACTERS_MAX) return `${start}Password too long`
  if (policy.RequireUppercase && !/[A-Z]/.test(password)) {
    return `${start}Password must have uppercase characters`
  }
  if (policy.RequireLowercase && !/[a-z]/.test(password)) {
    return `${start}Password must have lowercase characters`
  }
  if (policy.RequireNumbers && !/[0-9]/.test(password)) {
    return `${start}Password must have numeric characters`
  }
  if (policy.RequireSymbols && ![...password].some((character) => SYMBOLS.includes(character))) {
    return `${start}Password must have symbol characters`
  }
  if (/^\s|\s$/.test(password)) return `${start}Password must not begin or end with a space`
  return undefined
}

/** Fits every policy of its length. */
export function temporaryPassword({ MinimumLength = 8 }: PasswordPolicyType = {}): string {
  const sets = [UPPER, LOWER, DIGITS, PLAIN_SYMBOLS]
  const all = sets.join('')
  const length = Math.max(MinimumLength, 12)
  const letters = [...sets, ...Array.from({ length: length - sets.length }, () => all)]
  const drawn = letters.map((set) => set[randomInt(set.length)]!)
  for (let i = drawn.length - 1; i > 0; i--) {
    const j = randomInt(i + 1)
    const moved = drawn[i]!
    drawn[i] = drawn[j]!
    drawn[j] = moved
  }
  return drawn.join('')
}

let running = 0
const waiting: (() => void)[] = []

async function derive(password: string, salt: Uint8Array, options: ScryptOptions): Promise<Buffer> {
  await turn()
  try {
    return await new Promise((resolve, reject) => {
      const all = { ...options, maxmem: MEMORY_MAX }
      scrypt(password, salt, KEY_BYTES, all, (error, key) =>
        error === null ? resolve(key) : reject(error),
      )
    })
  } finally {
    running--
    waiting.shift()?.()
  }
}

async function turn(): Promise<void> {
  while (running >= RUNNING_MAX) {
    if (waiting.length >= WAITING_MAX) {
      throw new ServiceError('TooManyRequestsException', 'Too many sign-ins are under way.')
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  running++
}
