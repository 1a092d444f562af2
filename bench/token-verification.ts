/**
 * What a token costs that was not seen before: `node bench/token-verification.ts` prints microseconds of CPU for one
 * verification, by judge.ts and by jose, with the keys at hand. Every token is another one. CPU rather than time, because
 * jose verifies on a thread of the pool, and the machine may be doing other things.
 */

import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { KeyLookup } from '../src/features/authorize/jwt/issuer-keys.ts'
import { judge } from '../src/features/authorize/jwt/judge.ts'
import { readKeySet } from '../src/features/authorize/jwt/key-set.ts'
import { keySetOf, signToken, testKey } from '../src/features/authorize/jwt/token.fake.ts'

const TOKENS = 1_000
const ROUNDS = 5
const ISSUER = 'https://issuer.example'
const AUDIENCE = 'shop'

const rules = {
  ...{ issuer: ISSUER, audience: new Set([AUDIENCE]), leewayMs: 0 },
  limits: { tokenBytes: 8_192, tokenDepth: 32 },
}

/** The least of several rounds, per token. */
async function microseconds(verifyAll: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const begun = process.cpuUsage()
    await verifyAll()
    const { user, system } = process.cpuUsage(begun)
    best = Math.min(best, (user + system) / TOKENS)
  }
  return best
}

for (const algorithm of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']) {
  const key = testKey(algorithm)
  const exp = Math.floor(Date.now() / 1000) + 3_600
  const tokens = Array.from({ length: TOKENS }, (_, i) =>
    signToken(key, {
      ...{ iss: ISSUER, aud: AUDIENCE, sub: `user ${i}`, exp, iat: exp - 3_600 },
      ...{ scope: 'orders.read orders.write', jti: crypto.randomUUID(), client_id: 'a'.repeat(26) },
    }),
  )
  const set = readKeySet(keySetOf(key), 1)!
  const found: KeyLookup = { kind: 'found', keys: set.byId.get(key.id)! }
  const jwks = createLocalJWKSet(JSON.parse(keySetOf(key)) as JSONWebKeySet)
  const ours = await microseconds(() => {
    for (const token of tokens) {
      if (judge(token, rules, () => found, Date.now()).kind !== 'accepted') throw new Error('bad')
    }
  })
  const options = { issuer: ISSUER, audience: AUDIENCE, requiredClaims: ['exp'] }
  const theirs = await microseconds(async () => {
    for (const token of tokens) await jwtVerify(token, jwks, options)
  })
  const figure = (value: number) => value.toFixed(0).padStart(5)
  console.log(`${algorithm.padEnd(6)} judge ${figure(ours)} µs   jose ${figure(theirs)} µs`)
}
