/** One bucket, several threads: what all of them together were let have. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { processClock } from '../../base/clock.ts'
import type { Throttle } from '../../domain/http-api.ts'
import type { HammerOrder } from './hammer.fake.ts'
import { allocateBuckets, TokenBucket } from './token-bucket.ts'

const THREADS = 3
const HAMMER = new URL('./hammer.fake.ts', import.meta.url)

/** When tokens were taken, by any thread, in order. */
async function hammered(order: Omit<HammerOrder, 'cells' | 'threads'>): Promise<Float64Array> {
  const cells = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)
  const workerData: HammerOrder = { ...order, cells, threads: THREADS }
  const taken = await Promise.all(
    Array.from({ length: THREADS }, async () => {
      const [times] = await once(new Worker(HAMMER, { workerData }), 'message')
      return [...(times as Float64Array)]
    }),
  )
  return Float64Array.from(taken.flat()).sort()
}

/** Fails where some stretch of time holds more than burst + rate × time, beyond so small a part of a token. */
function assertNeverTooMany(
  times: Float64Array,
  { ratePerSecond, burst }: Throttle,
  tolerance: number,
): void {
  let tokens = burst
  let before = times[0]!
  for (const [i, time] of times.entries()) {
    tokens = Math.min(burst, tokens + ((time - before) * ratePerSecond) / 1_000) - 1
    before = time
    assert.ok(tokens >= -tolerance, `token ${i} at ${time} ms was not there: ${tokens}`)
  }
}

test('by the time of the machine: not one too many, and not one is lost', async () => {
  const throttle = { ratePerSecond: 4_000, burst: 20_000 }
  const place = allocateBuckets(1)[0]!
  const times = await hammered({ place, throttle, attempts: 200_000, rounds: 1 })
  assert.ok(times.length >= throttle.burst, 'the burst was there')
  // What one thread calls now, another may call a microsecond ago.
  assertNeverTooMany(times, throttle, 0.05)
  const now = processClock.now()
  const made = throttle.burst + ((now - times[0]!) * throttle.ratePerSecond) / 1_000
  const left = new TokenBucket(place, throttle).tokens(now)
  const expected = Math.min(throttle.burst, made - times.length)
  assert.ok(Math.abs(left - expected) < 0.5, `${left} are left, not ${expected}`)
})

/** Eras end within rounds, between them, and so many at once that 32 bits come round. */
const STORIES: readonly [
  name: string,
  throttle: Throttle,
  pace: Pick<HammerOrder, 'attempts' | 'rounds'> & { tickMs: number; pauseMs: number },
][] = [
  [
    'a slow rate',
    { ratePerSecond: 0.5, burst: 3 },
    { attempts: 300, rounds: 200, tickMs: 100, pauseMs: 600_000 },
  ],
  [
    'pauses of about 32 bits of units',
    { ratePerSecond: 100, burst: 50 },
    { attempts: 100, rounds: 500, tickMs: 0.7, pauseMs: 4_294_967 },
  ],
  [
    'a deep bucket',
    { ratePerSecond: 1_000, burst: 20_000 },
    { attempts: 10_000, rounds: 10, tickMs: 0.2, pauseMs: 3_000_000 },
  ],
  [
    'no pauses',
    { ratePerSecond: 2, burst: 30 },
    { attempts: 60_000, rounds: 1, tickMs: 50, pauseMs: 0 },
  ],
]

for (const [name, throttle, { attempts, rounds, tickMs, pauseMs }] of STORIES) {
  test(`by a time of their own: ${name}`, async () => {
    const virtual = { startMs: 86_400_000, tickMs, pauseMs }
    const place = allocateBuckets(1)[0]!
    const times = await hammered({ place, throttle, attempts, rounds, virtual })
    const { ratePerSecond, burst } = throttle
    assertNeverTooMany(times, throttle, 2 * Math.max(ratePerSecond / 1e6, burst / 2 ** 28))
    // A thread that is interrupted wastes its time, but no token: somebody else gets it.
    const roundMs = (attempts * THREADS - 1) * tickMs
    const most = rounds * Math.floor(burst + (roundMs * ratePerSecond) / 1_000)
    assert.ok(times.length > 0.98 * most - THREADS, `${times.length} of ${most}`)
  })
}
