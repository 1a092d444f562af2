import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { processClock } from '../../base/clock.ts'
import { allocateClientBuckets, allowanceOf, ClientBuckets } from './client-buckets.ts'
import type { ClientHammerOrder } from './client-hammer.fake.ts'

/** The same numbers below `most` for the same seed (a linear congruential generator). */
function randomFrom(seed: number): (most: number) => number {
  let state = seed
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
}

class Clients {
  nowMs = 0
  readonly #buckets: ClientBuckets

  constructor(places: number) {
    this.#buckets = new ClientBuckets(allocateClientBuckets(places, 0), () => this.nowMs, 1)
  }

  take(client: number, throttle: { ratePerSecond: number; burst: number }): boolean {
    // All in one group: places are scarce.
    return this.#buckets.take(0, client + 1, allowanceOf(throttle, 3), this.nowMs)
  }

  giveBack(client: number, throttle: { ratePerSecond: number; burst: number }): void {
    this.#buckets.giveBack(0, client + 1, allowanceOf(throttle, 3))
  }
}

class ModelBucket {
  tokens: number
  atMs = 0
  readonly #rate: number
  readonly #burst: number

  constructor({ ratePerSecond, burst }: { ratePerSecond: number; burst: number }) {
    this.#rate = ratePerSecond
    this.#burst = burst
    this.tokens = burst
  }

  at(nowMs: number): number {
    this.tokens = Math.min(this.#burst, this.tokens + ((nowMs - this.atMs) * this.#rate) / 1_000)
    this.atMs = nowMs
    return this.tokens
  }
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`any story of clients is that of the model, seed ${seed}`, () => {
    const random = randomFrom(seed)
    const throttle = { ratePerSecond: [0.5, 3, 70, 900][random(4)]!, burst: 1 + random(9) }
    const clients = new Clients(64)
    const model = new Map<number, ModelBucket>()
    let unclear = 0
    for (let i = 0; i < 4_000; i++) {
      clients.nowMs += random(3) === 0 ? random(4_000) / throttle.ratePerSecond : 0
      // Never more that are not full than there are places in a group.
      const client = random(15) + 100 * Math.floor(i / 500)
      if (i % 500 === 0) clients.nowMs += (1_000 * throttle.burst) / throttle.ratePerSecond + 1
      const bucket = model.get(client) ?? new ModelBucket(throttle)
      model.set(client, bucket)
      const tokens = bucket.at(clients.nowMs)
      const taken = clients.take(client, throttle)
      if (Math.abs(tokens - 1) < 1e-4 && tokens !== throttle.burst) unclear++
      else assert.equal(taken, tokens > 1, `step ${i}: ${tokens} tokens`)
      if (taken) bucket.tokens--
    }
    assert.ok(unclear < 2_000)
  })
}

describe('places', () => {
  const throttle = { ratePerSecond: 1, burst: 2 }

  test('of buckets that are full again go to others, and nothing is forgotten before', () => {
    const clients = new Clients(16)
    for (let i = 0; i < 16; i++) assert.equal(clients.take(i, throttle), true)
    clients.nowMs = 999
    // No place: from the shared bucket, which is one for all.
    assert.equal(clients.take(100, throttle), true)
    assert.equal(clients.take(101, throttle), true)
    assert.equal(clients.take(102, throttle), false)
    assert.equal(clients.take(3, throttle), true)
    assert.equal(clients.take(3, throttle), false)
    clients.nowMs = 1_001
    // Sixteen less one are full again.
    for (let i = 0; i < 15; i++) assert.equal(clients.take(200 + i, throttle), true)
    assert.equal(clients.take(3, throttle), true)
    assert.equal(clients.take(3, throttle), false)
  })

  test('a token that is given back is there again', () => {
    const clients = new Clients(16)
    assert.deepEqual([clients.take(1, throttle), clients.take(1, throttle)], [true, true])
    clients.giveBack(1, throttle)
    assert.deepEqual([clients.take(1, throttle), clients.take(1, throttle)], [true, false])
  })
})

test('nothing passes where the rate or the burst is 0', () => {
  const clients = new Clients(16)
  assert.equal(clients.take(1, { ratePerSecond: 0, burst: 10 }), false)
  assert.equal(clients.take(2, { ratePerSecond: 10, burst: 0 }), false)
})

test('a faster limit in place of a slow one counts within a second', () => {
  const clients = new Clients(16)
  assert.equal(clients.take(1, { ratePerSecond: 0.001, burst: 1 }), true)
  clients.nowMs += 10
  assert.equal(clients.take(1, { ratePerSecond: 100, burst: 10 }), false)
  clients.nowMs += 1_020
  assert.equal(clients.take(1, { ratePerSecond: 100, burst: 10 }), true)
})

test('an older time finds fewer tokens, never more', () => {
  const buckets = new ClientBuckets(allocateClientBuckets(16, 0), () => 2_000, 1)
  const one = allowanceOf({ ratePerSecond: 1, burst: 1 }, 0)
  assert.equal(buckets.take(1, 2, one, 2_000), true)
  assert.equal(buckets.take(1, 2, one, 0), false)
})

test('over threads that push each other out: never more than burst + rate × time for any client', async () => {
  const throttle = { ratePerSecond: 2_000, burst: 40 }
  // Twice as many clients as places, so that entries come and go all the time.
  const memory = allocateClientBuckets(16, processClock.now())
  const workerData: ClientHammerOrder = { memory, throttle, clients: 24, attempts: 60_000 }
  const file = new URL('./client-hammer.fake.ts', import.meta.url)
  const reports = await Promise.all(
    [2, 3, 4].map(async (owner) => {
      const worker = new Worker(file, { workerData: { ...workerData, owner } })
      const [taken] = await once(worker, 'message')
      return taken as Float64Array[]
    }),
  )
  let evicted = 0
  for (let client = 0; client < workerData.clients; client++) {
    const times = Float64Array.from(reports.flatMap((taken) => [...taken[client]!])).sort()
    let tokens = throttle.burst
    let before = times[0] ?? 0
    for (const time of times) {
      tokens = Math.min(throttle.burst, tokens + ((time - before) * throttle.ratePerSecond) / 1_000)
      before = time
      // What threads without a place took from the shared bucket is not in these lists.
      tokens--
      // The clocks of threads differ by about a microsecond.
      assert.ok(tokens >= -0.05, `client ${client} had ${tokens} tokens`)
    }
    evicted += times.length
  }
  assert.ok(evicted > 0)
})
