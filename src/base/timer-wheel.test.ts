import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Clock } from './clock.ts'
import { Timer, TimerWheel } from './timer-wheel.ts'

class TestClock implements Clock {
  ms = 1_000
  now(): number {
    return this.ms
  }
  epochMs(): number {
    return this.ms
  }
}

function setUp(): { clock: TestClock; wheel: TimerWheel; pass: (ms: number) => void } {
  const clock = new TestClock()
  const wheel = new TimerWheel(clock, 20)
  const pass = (ms: number): void => {
    clock.ms += ms
    wheel.advance()
  }
  return { clock, wheel, pass }
}

test('fires once, at the deadline or up to two ticks later, never before', (t) => {
  const { wheel, pass } = setUp()
  t.after(() => wheel.stop())
  let fired = 0
  const timer = new Timer(() => fired++)
  wheel.set(timer, 100)
  pass(99)
  assert.equal(fired, 0)
  pass(41)
  assert.equal(fired, 1)
  pass(60_000)
  assert.equal(fired, 1)
})

test('a timer that is set again is only moved', (t) => {
  const { wheel, pass } = setUp()
  t.after(() => wheel.stop())
  let fired = 0
  const timer = new Timer(() => fired++)
  wheel.set(timer, 100)
  pass(80)
  wheel.set(timer, 100)
  pass(60)
  assert.equal(fired, 0)
  pass(80)
  assert.equal(fired, 1)
})

test('an earlier deadline counts at once', (t) => {
  const { wheel, pass } = setUp()
  t.after(() => wheel.stop())
  let fired = 0
  const timer = new Timer(() => fired++)
  wheel.set(timer, 9_000)
  wheel.set(timer, 50)
  pass(100)
  assert.equal(fired, 1)
})

test('so does one that is set after a far one was cleared or had its deadline moved closer', (t) => {
  const { wheel, pass } = setUp()
  t.after(() => wheel.stop())
  for (const between of [20, 500, 9_000, 11_000]) {
    let fired = 0
    const timer = new Timer(() => fired++)
    wheel.set(timer, 75_000)
    pass(between)
    wheel.clear(timer)
    wheel.set(timer, 100)
    pass(99)
    assert.equal(fired, 0)
    pass(41)
    assert.equal(fired, 1)
    wheel.remove(timer)
  }
})

test('cleared and removed timers do not fire', (t) => {
  const { wheel, pass } = setUp()
  t.after(() => wheel.stop())
  const fail = (): void => assert.fail('fired')
  const cleared = new Timer(fail)
  const removed = new Timer(fail)
  wheel.set(cleared, 30)
  wheel.set(removed, 30)
  wheel.clear(cleared)
  wheel.remove(removed)
  pass(1_000)
})

test('a callback may remove and set its neighbours of the same slot', (t) => {
  const { wheel, pass } = setUp()
  t.after(() => wheel.stop())
  const seen: string[] = []
  const third = new Timer(() => seen.push('third'))
  const second = new Timer(() => seen.push('second'))
  const first = new Timer(() => {
    seen.push('first')
    wheel.remove(second)
    wheel.set(third, 500)
  })
  for (const timer of [first, second, third]) wheel.set(timer, 40)
  pass(100)
  assert.deepEqual(seen, ['first'])
  pass(600)
  assert.deepEqual(seen, ['first', 'third'])
})

test('deadlines beyond one turn of the wheel, and long pauses', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ delay: fc.integer({ min: 1, max: 60_000 }) }), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 30 }),
      (timers, steps) => {
        const { clock, wheel, pass } = setUp()
        const start = clock.ms
        const firedAt = timers.map(() => 0)
        timers.forEach(({ delay }, index) => {
          wheel.set(
            new Timer(() => {
              firedAt[index] = clock.ms
            }),
            delay,
          )
        })
        for (const step of steps) pass(step)
        wheel.stop()
        timers.forEach(({ delay }, index) => {
          const due = start + delay
          const at = firedAt[index]!
          if (at === 0) assert.ok(due + 40 > clock.ms, `a timer of ${delay} ms never fired`)
          else assert.ok(at >= due, `a timer of ${delay} ms fired early`)
        })
      },
    ),
  )
})
