import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TailLine } from '../../domain/tail-line.ts'
import { LiveTail, type TailFilter, WATCHERS_MAX } from './live-tail.ts'

const LINE: TailLine = {
  time: 0,
  requestId: 'r',
  accountId: '123456789012',
  apiId: 'a',
  stage: '$default',
  routeKey: 'GET /pets',
  method: 'GET',
  path: '/pets',
  status: 200,
  latencyMs: 1,
  integrationLatencyMs: 1,
  responseBytes: 0,
  sourceIp: '127.0.0.1',
}

function world() {
  const switched: boolean[] = []
  return { switched, tail: new LiveTail((on) => void switched.push(on)) }
}

test('workers are asked when the first watcher comes and told to stop when the last one goes', () => {
  const { switched, tail } = world()
  const first = tail.watch({}, () => {})
  const second = tail.watch({}, () => {})
  first()
  first()
  assert.deepEqual(switched, [true])
  second()
  assert.deepEqual(switched, [true, false])
})

const CASES: readonly [TailFilter, readonly Partial<TailLine>[], number][] = [
  [{}, [{}, { apiId: 'b' }], 2],
  [{ accountId: '123456789012' }, [{}, { accountId: '999999999999' }], 1],
  [{ apiId: 'a' }, [{}, { apiId: 'b' }], 1],
  [{ routeKey: 'GET /pets' }, [{}, { routeKey: '' }], 1],
  [{ statuses: ['5xx'] }, [{}, { status: 503 }, { status: 404 }], 1],
  [{ statuses: ['404', '5xx'] }, [{}, { status: 503 }, { status: 404 }, { status: 405 }], 2],
]
for (const [filter, lines, count] of CASES) {
  test(`${JSON.stringify(filter)} shows ${count} of ${lines.length}`, () => {
    const { tail } = world()
    const shown: TailLine[] = []
    tail.watch(filter, (some) => shown.push(...some))
    tail.receive({ lines: lines.map((line) => ({ ...LINE, ...line })), omitted: 0 })
    assert.equal(shown.length, count)
  })
}

test('what was omitted is told even where nothing fits', () => {
  const { tail } = world()
  const omissions: number[] = []
  tail.watch({ apiId: 'b' }, (_lines, omitted) => omissions.push(omitted))
  tail.receive({ lines: [LINE], omitted: 0 })
  tail.receive({ lines: [LINE], omitted: 7 })
  assert.deepEqual(omissions, [7])
})

test('it says when it has no room for more watchers', () => {
  const { tail } = world()
  for (let i = 0; i < WATCHERS_MAX; i++) tail.watch({}, () => {})
  assert.equal(tail.isFull, true)
})
