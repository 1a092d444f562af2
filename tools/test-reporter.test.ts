import assert from 'node:assert/strict'
import { test } from 'node:test'
import { report, type TestEvent } from './test-reporter.ts'

const FILE = '/project/src/a.test.ts'

async function* stream(events: readonly TestEvent[]): AsyncGenerator<TestEvent> {
  yield* events
}

async function print(events: readonly TestEvent[], ci: boolean): Promise<[string, number]> {
  let failed = 0
  const options = { ci, root: '/project', failRun: () => void failed++ }
  const parts: string[] = []
  for await (const part of report(stream(events), options)) parts.push(part)
  return [parts.join(''), failed]
}

function event(type: string, data: TestEvent['data']): TestEvent {
  return { type, data: { file: FILE, nesting: 0, line: 7, ...data } }
}

const SUMMARY: TestEvent = { type: 'test:diagnostic', data: { nesting: 0, message: 'tests 2' } }

test('one line a file, and the runner has the last word', async () => {
  const [text] = await print(
    [
      event('test:pass', { name: 'one', details: { type: 'test' } }),
      event('test:pass', { name: 'suite', details: { type: 'suite' } }),
      event('test:summary', { duration_ms: 12.4 }),
      SUMMARY,
    ],
    true,
  )
  assert.equal(text, '✔ src/a.test.ts (1 test, 12 ms)\nℹ tests 2\n')
})

test('a failure is told once, with its place and its cause, without the inside of node', async () => {
  const cause = new Error('two is not one')
  cause.stack = 'Error: two is not one\n    at mine (a.ts:1:1)\n    at run (node:internal/x:1:1)'
  const error = Object.assign(new Error('wrapped'), { cause, failureType: 'testCodeFailure' })
  const parent = Object.assign(new Error('1 subtest failed'), { failureType: 'subtestsFailed' })
  const details = { type: 'test' }
  const [text] = await print(
    [
      event('test:fail', { name: 'inner', details: { ...details, error } }),
      event('test:fail', { name: 'outer', details: { ...details, error: parent } }),
      event('test:summary', { duration_ms: 3 }),
      SUMMARY,
    ],
    false,
  )
  assert.match(text, /^✖ src\/a\.test\.ts \(1 test, 1 failed, 3 ms\)\n/)
  assert.match(text, /✖ src\/a\.test\.ts:7 inner\n {2}Error: two is not one\n {6}at mine/)
  assert.doesNotMatch(text, /outer|node:internal/)
})

for (const ci of [true, false]) {
  test(`a skipped test is named, and ${ci ? 'fails' : 'does not fail'} the run with CI=${ci}`, async () => {
    const [text, failed] = await print(
      [event('test:pass', { name: 'later', skip: 'not today' }), SUMMARY],
      ci,
    )
    assert.match(text, /Skipped:\n {2}src\/a\.test\.ts: later\n/)
    assert.equal(failed, ci ? 1 : 0)
  })
}
