/**
 * What a token costs: `node bench/token-bucket.ts` prints nanoseconds for the bucket that the gateway uses, and for the
 * plain form of the same in one 64-bit cell, whose numbers are objects.
 */

import type { Throttle } from '../src/domain/http-api.ts'
import { allocateBuckets, TokenBucket } from '../src/features/throttle/token-bucket.ts'

const CALLS = 5_000_000
const ROUNDS = 5
const START_MS = 1e9

/** The time at which the bucket would be full again, in nanoseconds. */
class WideBucket {
  readonly #cell = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT))
  readonly #token: bigint
  readonly #capacity: bigint

  constructor({ ratePerSecond, burst }: Throttle) {
    this.#token = BigInt(Math.round(1e9 / ratePerSecond))
    this.#capacity = this.#token * BigInt(burst)
  }

  take(nowMs: number): boolean {
    const now = BigInt(Math.floor(nowMs * 1e6))
    for (;;) {
      const fullAt = Atomics.load(this.#cell, 0)
      const next = (fullAt > now ? fullAt : now) + this.#token
      if (next - now > this.#capacity) return false
      if (Atomics.compareExchange(this.#cell, 0, fullAt, next) === fullAt) return true
    }
  }
}

function nanoseconds(bucket: Pick<TokenBucket, 'take'>, stepMs: number): string {
  let best = Number.POSITIVE_INFINITY
  let nowMs = START_MS
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now()
    for (let i = 0; i < CALLS; i++) {
      nowMs += stepMs
      bucket.take(nowMs)
    }
    best = Math.min(best, performance.now() - begun)
  }
  return ((best * 1e6) / CALLS).toFixed(1)
}

const CASES: readonly [string, Throttle, stepMs: number][] = [
  ['all pass', { ratePerSecond: 1_000_000, burst: 1_000 }, 0.002],
  ['all are refused', { ratePerSecond: 0.001, burst: 1 }, 1e-6],
]

for (const [name, throttle, stepMs] of CASES) {
  const narrow = nanoseconds(new TokenBucket(allocateBuckets(1)[0]!, throttle), stepMs)
  const wide = nanoseconds(new WideBucket(throttle), stepMs)
  process.stdout.write(`${name}: ${narrow} ns, in a 64-bit cell ${wide} ns\n`)
}
