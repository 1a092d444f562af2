/**
 * What a known token costs: `node bench/verdict-cache.ts` prints nanoseconds for a hit in the cache of verdicts, and for
 * a map with whole tokens as its keys. Every token is cut out of a new text, as out of the head of a request.
 */

import type { Verdict } from '../src/features/authorize/jwt/verdict.ts'
import { VerdictCache } from '../src/features/authorize/jwt/verdict-cache.ts'

const TOKENS = 100
const TOKEN_CHARACTERS = 757
const CALLS = 400_000
const ROUNDS = 5

const verdict: Verdict = {
  until: 0,
  generation: 0,
  reason: undefined,
  detail: '',
  claims: {},
  scopes: [],
}
const tokens = Array.from({ length: TOKENS }, (_, i) => String(i).padStart(TOKEN_CHARACTERS, 'a'))
const before = 'GET / HTTP/1.1\r\nAuthorization: Bearer '
const heads = tokens.map((token) => Buffer.from(`${before}${token}\r\n\r\n`, 'latin1'))

function nanoseconds(look: (token: string) => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now()
    for (let i = 0; i < CALLS; i++) {
      const text = heads[i % TOKENS]!.toString('latin1')
      if (look(text.slice(before.length, -4)) === undefined) throw new Error('not there')
    }
    best = Math.min(best, ((performance.now() - begun) / CALLS) * 1e6)
  }
  return best
}

const cache = new VerdictCache({ count: 10 * TOKENS, bytes: 1e9 })
const map = new Map<string, Verdict>()
for (const token of tokens) {
  cache.set(token, verdict)
  map.set(Buffer.from(token).toString('latin1'), verdict)
}
const base = nanoseconds(() => verdict)
console.log(`cache of verdicts  ${Math.round(nanoseconds((token) => cache.get(token)) - base)} ns`)
console.log(`map of tokens      ${Math.round(nanoseconds((token) => map.get(token)) - base)} ns`)
