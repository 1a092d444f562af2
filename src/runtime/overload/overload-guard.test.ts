import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitsOf } from '../../domain/limits.ts'
import { OverloadGuard, type OverloadSample } from './overload-guard.ts'

const CALM: OverloadSample = {
  ...{ memoryBytes: 100, memoryBytesMax: 1_000, heapShare: 0.1, lagMs: 1 },
  ...{ connections: 10, requests: 10 },
}
const LIMITS = limitsOf('extended', {
  overloadRequests: 100,
  overloadLagMs: 100,
  clientConnections: 1_000,
})

/** The stage after each of so many looks. */
function stages(guard: OverloadGuard, changes: Partial<OverloadSample>, looks: number): number[] {
  return Array.from({ length: looks }, () => {
    guard.look({ ...CALM, ...changes })
    return guard.stage
  })
}

const RISES: readonly (readonly [changes: Partial<OverloadSample>, stage: number])[] = [
  [{}, 0],
  [{ memoryBytes: 849 }, 0],
  [{ memoryBytes: 850 }, 1],
  [{ memoryBytes: 920 }, 2],
  [{ memoryBytes: 970 }, 3],
  [{ heapShare: 0.93 }, 2],
  [{ connections: 799 }, 0],
  [{ connections: 800 }, 1],
  [{ connections: 1_000 }, 1],
  [{ requests: 80 }, 1],
  [{ requests: 500 }, 2],
  [{ heapShare: 0.86, memoryBytes: 975 }, 3],
]
for (const [changes, stage] of RISES) {
  test(`${JSON.stringify(changes)} is stage ${stage} at once`, () => {
    assert.deepEqual(stages(new OverloadGuard(LIMITS), changes, 1), [stage])
  })
}

test('a single pause of the event loop is no overload, a lasting one is', () => {
  const guard = new OverloadGuard(LIMITS)
  assert.deepEqual(stages(guard, {}, 10).at(-1), 0)
  assert.deepEqual(stages(guard, { lagMs: 5_000 }, 4), [0, 0, 0, 0])
  assert.deepEqual(stages(guard, {}, 1), [0])
  assert.deepEqual(stages(guard, { lagMs: 60 }, 5), [0, 0, 0, 0, 1])
  assert.deepEqual(stages(guard, { lagMs: 120 }, 5).at(-1), 2)
  assert.deepEqual(stages(guard, { lagMs: 301 }, 5).at(-1), 3)
})

test('one stage after the other down, each after a time of relief', () => {
  const guard = new OverloadGuard(LIMITS)
  stages(guard, { memoryBytes: 975 }, 3)
  const down = stages(guard, {}, 40)
  assert.deepEqual(
    [3, 2, 1, 0].map((stage) => down.filter((each) => each === stage).length),
    [9, 10, 10, 11],
  )
})

test('what hovers about a limit does not make the stages flap', () => {
  const guard = new OverloadGuard(LIMITS)
  const seen = new Set<number>()
  for (let i = 0; i < 200; i++) {
    seen.add(stages(guard, { memoryBytes: i % 2 === 0 ? 921 : 905 }, 1)[0]!)
  }
  assert.deepEqual([...seen], [2])
})

test('stage 2 refuses a share that grows while the pressure lasts, and falls with it', () => {
  const guard = new OverloadGuard(LIMITS)
  const refused = () => Array.from({ length: 100 }, () => guard.refuses(1)).filter(Boolean).length
  assert.equal(refused(), 0)
  guard.look({ ...CALM, memoryBytes: 930 })
  assert(Math.abs(refused() - 50) <= 1)
  stages(guard, { memoryBytes: 930 }, 3)
  assert(Math.abs(refused() - 80) <= 1)
  stages(guard, { memoryBytes: 930 }, 9)
  assert.equal(refused(), 100)
  stages(guard, { memoryBytes: 880 }, 5)
  assert(Math.abs(refused() - 50) <= 1)
  stages(guard, {}, 40)
  assert.equal(refused(), 0)
})

test('calls under way beyond the limit are refused between two looks as well', () => {
  const guard = new OverloadGuard(LIMITS)
  assert.deepEqual([guard.refuses(100), guard.refuses(101)], [false, true])
  assert.match(guard.detail, /^requests: 101 of 100$/)
  assert(guard.retryAfterSeconds >= 1)
})

test('a change says what presses, and on the way down what has pressed', () => {
  const guard = new OverloadGuard(LIMITS)
  const up = guard.look({
    ...CALM,
    memoryBytes: 930 * 1_048_576,
    memoryBytesMax: 1_000 * 1_048_576,
  })
  assert.deepEqual(up, {
    stage: 2,
    before: 0,
    resource: 'memory',
    detail: 'memory: 930 MB of 1000 MB',
  })
  let down: ReturnType<OverloadGuard['look']>
  for (let i = 0; i < 10; i++) down = guard.look(CALM)
  assert.deepEqual([down?.stage, down?.before, down?.resource], [1, 2, 'memory'])
})
