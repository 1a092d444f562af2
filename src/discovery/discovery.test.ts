import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Discovery } from './discovery.ts'
import type { SourceListener } from './target-source.ts'

const ARN =
  'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/shop/0123456789abcdef'
const GROUP = { arn: ARN, source: 'dns:A:shop.internal:8080', holdMs: 5_000 }

function target(host: string) {
  return { host, port: 8080, weight: 1, draining: false }
}

/** A discovery whose source and clock are in the hands of the test. */
function setUp() {
  const told: (readonly string[])[] = []
  const lines: string[] = []
  const timers: { delayMs: number; action: () => void }[] = []
  const state = { listener: undefined as SourceListener | undefined, starts: 0, stops: 0 }
  const say = (line: string) => void lines.push(line)
  const discovery = new Discovery({
    sourceFor: (source) =>
      source.kind === 'kubernetes'
        ? 'this is no pod'
        : {
            start: (listener) => {
              state.starts++
              state.listener = listener
            },
            stop: () => void state.stops++,
          },
    use: (arn, targets) => {
      assert.equal(arn, ARN)
      told.push(targets.map(({ host }) => host))
    },
    log: { info: say, warn: say, error: say },
    after: (delayMs, action) => {
      const timer = { delayMs, action }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0)
    },
    targetsMax: 3,
  })
  return { discovery, told, lines, timers, state }
}

test('what a source finds is used, once as long as it is the same', () => {
  const { discovery, told, state } = setUp()
  discovery.reconcile([GROUP])
  state.listener!.found([target('10.0.0.1')])
  state.listener!.found([target('10.0.0.1')])
  state.listener!.found([target('10.0.0.2')])
  assert.deepEqual(told, [['10.0.0.1'], ['10.0.0.2']])
  discovery.reconcile([GROUP])
  assert.deepEqual(told.at(-1), ['10.0.0.2'], 'a deployment hears it again')
  assert.deepEqual([state.starts, state.stops], [1, 0])
})

test('a source that fails keeps its targets for a while, then has none; both are said once', () => {
  const { discovery, told, lines, timers, state } = setUp()
  discovery.reconcile([GROUP])
  state.listener!.found([target('10.0.0.1')])
  for (let i = 0; i < 3; i++) state.listener!.failed('A records of shop.internal: ETIMEOUT')
  assert.deepEqual(told, [['10.0.0.1']])
  assert.deepEqual(
    timers.map(({ delayMs }) => delayMs),
    [5_000],
  )
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /target group shop .*ETIMEOUT\. Its 1 targets stay for 5 s/)
  timers[0]!.action()
  assert.deepEqual(told.at(-1), [])
  assert.match(lines[1]!, /no targets any more/)
  state.listener!.found([target('10.0.0.2')])
  assert.deepEqual(told.at(-1), ['10.0.0.2'])
  assert.match(lines[2]!, /discovered again/)
})

test('a source that recovers in time loses nothing', () => {
  const { discovery, told, timers, state } = setUp()
  discovery.reconcile([GROUP])
  state.listener!.found([target('10.0.0.1')])
  state.listener!.failed('refused')
  state.listener!.found([target('10.0.0.1')])
  assert.deepEqual(timers, [], 'nothing is about to be given up')
  assert.deepEqual(told, [['10.0.0.1']])
})

test('a group that is gone or has another source is not discovered from the old one', () => {
  const { discovery, state } = setUp()
  discovery.reconcile([GROUP])
  discovery.reconcile([{ ...GROUP, source: 'dns:A:other.internal:8080' }])
  assert.deepEqual([state.starts, state.stops], [2, 1])
  discovery.close()
  assert.equal(state.stops, 2)
})

test('there is a bound, and what is no source is said', () => {
  const { discovery, told, lines, state } = setUp()
  discovery.reconcile([GROUP])
  state.listener!.found([1, 2, 3, 4].map((i) => target(`10.0.0.${i}`)))
  assert.equal(told[0]!.length, 3)
  assert.match(lines[0]!, /has 4 targets; 3 of them are used/)
  discovery.reconcile([{ ...GROUP, source: 'kubernetes:prod/shop:80' }])
  assert.match(lines[1]!, /no targets: this is no pod/)
})
