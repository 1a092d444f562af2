import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Throttle } from '../../domain/http-api.ts'
import { allocateBuckets, TokenBucket } from './token-bucket.ts'

/** The textbook's bucket, in plain numbers. */
class ReferenceBucket {
  readonly #throttle: Throttle
  tokens: number
  #atMs: number

  constructor(throttle: Throttle, nowMs: number) {
    this.#throttle = throttle
    this.tokens = throttle.burst
    this.#atMs = nowMs
  }

  advance(nowMs: number): void {
    const made = ((nowMs - this.#atMs) * this.#throttle.ratePerSecond) / 1_000
    this.tokens = Math.min(this.#throttle.burst, this.tokens + made)
    this.#atMs = nowMs
  }
}

function bucketOf(ratePerSecond: number, burst: number): TokenBucket {
  return new TokenBucket(allocateBuckets(1)[0]!, { ratePerSecond, burst })
}

function takeMany(bucket: TokenBucket, count: number, nowMs: number): number {
  let taken = 0
  for (let i = 0; i < count; i++) if (bucket.take(nowMs)) taken++
  return taken
}

/** A machine that has run for eleven days. */
const START_MS = 1_000_000_123.4

const CASES: readonly [string, Throttle, steps: readonly [afterMs: number, taken: number][]][] = [
  [
    'the burst at once, then the rate',
    { ratePerSecond: 10, burst: 5 },
    [
      [0, 5],
      [99, 0],
      [1.01, 1],
      [250, 2],
      [10_000, 5],
    ],
  ],
  [
    'half a token a second',
    { ratePerSecond: 0.5, burst: 1 },
    [
      [0, 1],
      [1_999, 0],
      [1.01, 1],
      [1_000, 0],
    ],
  ],
  [
    'one in a day, three at once',
    { ratePerSecond: 1 / 86_400, burst: 3 },
    [
      [0, 3],
      [86_399_000, 0],
      [1_001, 1],
    ],
  ],
  [
    'a rate that no clock can follow',
    { ratePerSecond: 1e12, burst: 2 },
    [
      [0, 2],
      [0.001, 2],
    ],
  ],
  [
    'a burst of 0 refuses everything',
    { ratePerSecond: 100, burst: 0 },
    [
      [0, 0],
      [60_000, 0],
    ],
  ],
  [
    'a rate of 0 refuses everything',
    { ratePerSecond: 0, burst: 100 },
    [
      [0, 0],
      [60_000, 0],
    ],
  ],
]

for (const [name, { ratePerSecond, burst }, steps] of CASES) {
  test(name, () => {
    const bucket = bucketOf(ratePerSecond, burst)
    let nowMs = START_MS
    for (const [afterMs, taken] of steps) {
      nowMs += afterMs
      assert.equal(takeMany(bucket, burst + 10, nowMs), taken, `after ${afterMs} ms`)
    }
  })
}

test('the largest burst that the service model knows', () => {
  const bucket = bucketOf(1, 2 ** 31 - 1)
  assert.equal(takeMany(bucket, 100_000, START_MS), 100_000)
  assert.ok(bucket.tokens(START_MS) > 2 ** 28)
})

test('however long nobody asks, the bucket is full, and the rate goes on', () => {
  for (const rate of [0.01, 1, 333.3, 10_000, 2_000_000]) {
    const bucket = bucketOf(rate, 20)
    let nowMs = START_MS
    // Past every place where 32 bits come round.
    for (const idleMs of [1e3, 1e5, 3e5, 1e6, 2.2e6, 4.3e6, 4_294_967.296, 1e7, 1e9, 1e11]) {
      nowMs += idleMs + (20 / rate) * 1_000
      const message = `rate ${rate}, after ${idleMs} ms`
      assert.equal(bucket.tokens(nowMs), 20, message)
      assert.equal(takeMany(bucket, 20, nowMs), 20, message)
      assert.equal(takeMany(bucket, 1, nowMs), 0, message)
    }
  }
})

test('a bucket that takes hours to fill is not full before', () => {
  for (let offsetMs = 0; offsetMs < 1e7; offsetMs += 5e5) {
    const bucket = bucketOf(0.001, 10)
    const nowMs = START_MS + offsetMs
    assert.equal(takeMany(bucket, 11, nowMs), 10)
    assert.equal(takeMany(bucket, 11, nowMs + 6_000_001), 6)
    assert.equal(takeMany(bucket, 11, nowMs + 15_000_002), 9)
  }
})

test('an earlier time than others have used finds no more tokens', () => {
  const bucket = bucketOf(1_000, 10)
  assert.equal(takeMany(bucket, 100, START_MS), 10)
  assert.equal(takeMany(bucket, 100, START_MS + 5), 5)
  assert.equal(takeMany(bucket, 100, START_MS + 2), 0)
  assert.equal(takeMany(bucket, 100, START_MS + 6.001), 1)
})

test('a token that is given back can be taken again', () => {
  const bucket = bucketOf(1, 2)
  assert.equal(takeMany(bucket, 2, START_MS), 2)
  bucket.giveBack()
  assert.equal(takeMany(bucket, 2, START_MS), 1)
  bucket.giveBack()
  bucket.giveBack()
  bucket.giveBack()
  assert.equal(takeMany(bucket, 5, START_MS), 2, 'never more than the burst')
})

test('filling sets what is left, at most the burst', () => {
  const bucket = bucketOf(1, 10)
  for (const [tokens, left] of [
    [3.5, 3],
    [0, 0],
    [99, 10],
  ] as const) {
    bucket.fill(tokens, START_MS)
    assert.equal(takeMany(bucket, 20, START_MS), left, `filled with ${tokens}`)
  }
})

test('over any story, the same verdicts as the textbook', () => {
  const rate = fc.oneof(
    fc.double({ min: 0.001, max: 10, noNaN: true }),
    fc.double({ min: 10, max: 1e5, noNaN: true }),
  )
  const burst = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100_000 }))
  const pause = fc.oneof(
    fc.constant(0),
    fc.double({ min: 0, max: 10, noNaN: true }),
    fc.double({ min: 0, max: 5_000_000, noNaN: true }),
  )
  const step = fc.record({ pause, asked: fc.integer({ min: 1, max: 30 }) })
  fc.assert(
    fc.property(rate, burst, fc.array(step, { maxLength: 40 }), (ratePerSecond, most, steps) => {
      let nowMs = START_MS
      const bucket = bucketOf(ratePerSecond, most)
      const reference = new ReferenceBucket({ ratePerSecond, burst: most }, nowMs)
      // Both round: within two units of a whole token either verdict is right.
      const unit = Math.max(ratePerSecond / 1e6, most / 2 ** 28)
      for (const { pause: pauseMs, asked } of steps) {
        nowMs += pauseMs
        reference.advance(nowMs)
        for (let i = 0; i < asked; i++) {
          const { tokens } = reference
          const isTaken = bucket.take(nowMs)
          const off = 4 * unit * (i + 2)
          if (tokens > 1 + off) assert.ok(isTaken, `refused with ${tokens} tokens`)
          if (tokens < 1 - off) assert.ok(!isTaken, `taken with ${tokens} tokens`)
          if (isTaken) reference.tokens--
          assert.ok(Math.abs(bucket.tokens(nowMs) - Math.max(0, reference.tokens)) <= off)
        }
      }
    }),
    { numRuns: 300 },
  )
})
