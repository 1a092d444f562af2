import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { type EndSignal, type SignalSource, untilShutdown } from './shutdown.ts'

function setUp() {
  const signals = new EventEmitter() as EventEmitter & SignalSource
  const lines: string[] = []
  const line = (message: string) => void lines.push(message)
  const log = { info: line, warn: line, error: line, problem: () => {}, event: line }
  const drained = Promise.withResolvers<boolean>()
  let drains = 0
  const drain = () => {
    drains++
    return drained.promise
  }
  let nowMs = 0
  const clock = { now: () => nowMs, epochMs: () => 0 }
  const pass = (ms: number) => {
    nowMs += ms
  }
  const exit = untilShutdown({ signals, drain, log, clock })
  const give = (signal: EndSignal) => signals.emit(signal, signal)
  return { exit, give, pass, drained, lines, drains: () => drains, signals }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} drains once and ends with 0`, async () => {
    const { exit, give, drained, drains, signals } = setUp()
    give(signal)
    assert.equal(drains(), 1)
    drained.resolve(true)
    assert.equal(await exit, 0)
    assert.equal(signals.listenerCount('SIGTERM') + signals.listenerCount('SIGINT'), 0)
  })
}

test('a drain that was cut short ends with 1 and says so', async () => {
  const { exit, give, drained, lines } = setUp()
  give('SIGTERM')
  drained.resolve(false)
  assert.equal(await exit, 1)
  assert.match(lines.at(-1)!, /were cut/)
})

test('a second signal ends at once, as a shell reports it', async () => {
  const { exit, give, pass, drains } = setUp()
  give('SIGTERM')
  pass(500)
  give('SIGINT')
  assert.equal(await exit, 130)
  assert.equal(drains(), 1)
})

test('one Ctrl-C that arrives twice is one', async () => {
  const { exit, give, pass, drained } = setUp()
  give('SIGINT')
  pass(499)
  give('SIGINT')
  drained.resolve(true)
  assert.equal(await exit, 0)
})
