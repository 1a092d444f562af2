import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HttpApiStage, Route, Throttle } from '../../domain/http-api.ts'
import { BucketRegister } from './bucket-register.ts'
import { type BucketPlace, TokenBucket } from './token-bucket.ts'

const LIMIT: Throttle = { ratePerSecond: 1, burst: 10 }

/** `routes`: the limits of their own; undefined: none. */
function stageOf(
  routes: Readonly<Record<string, Throttle | undefined>>,
  more: Partial<HttpApiStage> = {},
): HttpApiStage {
  return {
    protocolType: 'HTTP',
    ...{ apiId: 'a1', apiName: 'a', accountId: '1', region: 'r', stageName: '$default' },
    ...{ stageVariables: {}, deploymentId: 'd', revision: 1, disableExecuteApiEndpoint: false },
    ...{ detailedMetricsEnabled: false, integrations: {} },
    routes: Object.entries(routes).map(
      ([routeKey, throttle]): Route => ({
        ...{ routeKey, integrationId: 'i' },
        ...(throttle === undefined ? {} : { throttle }),
      }),
    ),
    ...more,
  }
}

function world(account?: Throttle) {
  const clock = { ms: 1e9, now: () => clock.ms, epochMs: () => 0 }
  const register = new BucketRegister(clock, account)
  return {
    clock,
    register,
    /** One stage goes live; the places of its routes. */
    deploy(stage: HttpApiStage): readonly (BucketPlace | undefined)[] {
      const { routes } = register.share(stage)
      register.commit([stage])
      return routes
    },
  }
}

function take(place: BucketPlace | undefined, throttle: Throttle, count: number, nowMs = 1e9) {
  const bucket = new TokenBucket(place!, throttle)
  for (let i = 0; i < count; i++) assert.ok(bucket.take(nowMs))
}

function left(place: BucketPlace | undefined, throttle: Throttle, nowMs = 1e9): number {
  return new TokenBucket(place!, throttle).tokens(nowMs)
}

test('a route without a limit has no bucket; the default makes one for each route', () => {
  const { deploy } = world()
  assert.deepEqual(deploy(stageOf({ 'GET /a': undefined, 'GET /b': undefined })), [
    undefined,
    undefined,
  ])
  const own = { ratePerSecond: 5, burst: 5 }
  const places = deploy(stageOf({ 'GET /a': undefined, 'GET /b': own }, { throttle: LIMIT }))
  take(places[0], LIMIT, 4)
  assert.equal(left(places[0], LIMIT), 6)
  assert.equal(left(places[1], own), 5)
})

test('a limit that stays keeps its bucket, whatever else changes', () => {
  const { deploy } = world()
  const [before] = deploy(stageOf({ 'GET /a': LIMIT }))
  take(before, LIMIT, 3)
  const changed = { ratePerSecond: 2, burst: 2 }
  const [added, kept] = deploy(stageOf({ 'GET /new': changed, 'GET /a': { ...LIMIT } }))
  assert.equal(kept, before)
  assert.equal(left(added, changed), 2)
  const [asDefault] = deploy(stageOf({ 'GET /a': undefined }, { throttle: LIMIT }))
  assert.equal(asDefault, before, 'it does not matter where the limit is written')
})

test('a limit that changes begins with what is left, at most its burst', () => {
  const cases: readonly [Throttle, taken: number, left: number][] = [
    [{ ratePerSecond: 1, burst: 5 }, 3, 5],
    [{ ratePerSecond: 1, burst: 5 }, 8, 2],
    [{ ratePerSecond: 1, burst: 100 }, 8, 2],
    [{ ratePerSecond: 500, burst: 10 }, 8, 2],
    [{ ratePerSecond: 1, burst: 0 }, 0, 0],
  ]
  for (const [next, taken, expected] of cases) {
    const { deploy } = world()
    const [before] = deploy(stageOf({ 'GET /a': LIMIT }))
    take(before, LIMIT, taken)
    const [after] = deploy(stageOf({ 'GET /a': next }))
    assert.notEqual(after, before)
    assert.equal(left(after, next), expected, JSON.stringify(next))
  }
})

test('what is taken between compiling and going live counts', () => {
  const { register, clock } = world()
  const before = stageOf({ 'GET /a': LIMIT })
  const [old] = register.share(before).routes
  register.commit([before])
  const next = { ratePerSecond: 1, burst: 20 }
  const after = stageOf({ 'GET /a': next })
  const [place] = register.share(after).routes
  take(old, LIMIT, 9)
  clock.ms += 2_000
  register.commit([after])
  assert.equal(left(place, next, clock.ms), 3)
})

test('a deployment that is given up leaves nothing', () => {
  const { register } = world()
  const served = stageOf({ 'GET /a': LIMIT })
  const [place] = register.share(served).routes
  register.commit([served])
  const refused = stageOf({ 'GET /a': { ratePerSecond: 9, burst: 9 } })
  assert.notEqual(register.share(refused).routes[0], place)
  assert.equal(register.share(served).routes[0], place)
  register.commit([served])
  assert.equal(register.share(served).routes[0], place)
  assert.notEqual(
    register.share(refused).routes[0],
    register.share(refused).routes[0],
    'and no two deployments share what was never live',
  )
})

test('a limit that is taken away and comes back begins anew', () => {
  const { deploy } = world()
  const [first] = deploy(stageOf({ 'GET /a': LIMIT }))
  take(first, LIMIT, 10)
  deploy(stageOf({ 'GET /a': undefined }))
  const [again] = deploy(stageOf({ 'GET /a': LIMIT }))
  assert.equal(left(again, LIMIT), 10)
})

test('stages and APIs do not share buckets of routes', () => {
  const { register } = world()
  const stages = [
    stageOf({ 'GET /a': LIMIT }),
    stageOf({ 'GET /a': LIMIT }, { stageName: 'prod' }),
    stageOf({ 'GET /a': LIMIT }, { apiId: 'b2' }),
  ]
  const places = stages.map((stage) => register.share(stage).routes[0]!)
  register.commit(stages)
  take(places[0], LIMIT, 7)
  assert.deepEqual(
    places.map((place) => left(place, LIMIT)),
    [3, 10, 10],
  )
})

test('all APIs of an account in a region share its bucket', () => {
  const { register } = world({ ratePerSecond: 100, burst: 100 })
  const accounts = [
    {},
    { apiId: 'b2', stageName: 'prod' },
    { region: 'other' },
    { accountId: '2' },
  ].map((more) => register.share(stageOf({ 'GET /a': undefined }, more)).account)
  assert.equal(accounts[0], accounts[1])
  assert.equal(new Set(accounts).size, 3)
  assert.equal(world().register.share(stageOf({})).account, undefined)
})
