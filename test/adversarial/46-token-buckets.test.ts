/**
 * Test 46: any story of requests and pauses gets the answers of a reference model: two routes with limits of their own,
 * one with the stage's, all within that of the account. Never more than burst + rate × time.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Throttle } from '../../src/domain/http-api.ts'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { randomFrom } from '../harness/seeded-random.ts'

const SEEDS = [1, 2, 3, 4]
const REQUESTS = 250

const ACCOUNT = { ratePerSecond: 20, burst: 30 }
const LIMITS: Readonly<Record<string, Throttle>> = {
  '/a': { ratePerSecond: 0.7, burst: 4 },
  '/b': { ratePerSecond: 300, burst: 1 },
  '/c': { ratePerSecond: 9, burst: 12 },
}
/** What is let in ends in a 503 at once, whatever the clock does. */
const NOBODY = 'http://127.0.0.1:1/'
/** The product keeps whole units of time. */
const NEARLY = 1e-4

class ModelBucket {
  readonly #throttle: Throttle
  tokens: number

  constructor(throttle: Throttle) {
    this.#throttle = throttle
    this.tokens = throttle.burst
  }

  wait(ms: number): void {
    const { ratePerSecond, burst } = this.#throttle
    this.tokens = Math.min(burst, this.tokens + (ms * ratePerSecond) / 1_000)
  }

  /** Undefined: too close to say. */
  get hasToken(): boolean | undefined {
    return Math.abs(this.tokens - 1) < NEARLY ? undefined : this.tokens > 1
  }
}

for (const seed of SEEDS) {
  test(`46 limits of routes and of the account are those of the model, seed ${seed}`, async (t) => {
    const random = randomFrom(seed)
    const clock = new TestClock()
    const gateway = await startGateway(t, {
      clock,
      throttle: LIMITS['/c']!,
      limits: { accountRatePerSecond: ACCOUNT.ratePerSecond, accountBurst: ACCOUNT.burst },
      routes: {
        'GET /a': { uri: NOBODY, throttle: LIMITS['/a']! },
        'GET /b': { uri: NOBODY, throttle: LIMITS['/b']! },
        'GET /c': NOBODY,
      },
    })
    const client = await gateway.client()
    const account = new ModelBucket(ACCOUNT)
    const routes = Object.entries(LIMITS).map(
      ([target, throttle]) => [target, new ModelBucket(throttle)] as const,
    )
    for (let i = 0; i < REQUESTS; i++) {
      const pauseMs = random(3) === 0 ? random(random(8) === 0 ? 5_000 : 90) : 0
      clock.advance(pauseMs)
      for (const bucket of [account, ...routes.map(([, bucket]) => bucket)]) bucket.wait(pauseMs)
      const [target, route] = routes[random(routes.length)]!
      const { status } = await client.get(target)
      const verdicts = [route.hasToken, account.hasToken]
      const story = `request ${i} for ${target}: ${route.tokens} and ${account.tokens} tokens`
      if (verdicts.every((verdict) => verdict === true)) assert.equal(status, 503, story)
      if (verdicts.includes(false)) assert.equal(status, 429, story)
      if (status === 503) for (const bucket of [route, account]) bucket.tokens--
    }
  })
}
