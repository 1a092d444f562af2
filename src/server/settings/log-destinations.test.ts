import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../failure.ts'
import { placesOf, planLogs } from './log-destinations.ts'

const NONE = { accessLogFile: undefined, accessLogUrl: undefined, accessLogDestination: {} }
const ARN = 'arn:aws:logs:us-east-1:1:log-group:shop'

const placeOf = (target: string) =>
  planLogs({ ...NONE, accessLogDestination: { [ARN]: target } }).destinations[0]!.place

test('the program’s own lines', () => {
  assert.deepEqual(planLogs(NONE).own, { kind: 'stdout' })
  assert.deepEqual(planLogs({ ...NONE, accessLogFile: 'a.log' }).own, {
    kind: 'file',
    path: 'a.log',
  })
  const own = planLogs({ ...NONE, accessLogUrl: 'http://a/b' }).own
  assert.deepEqual(own, { kind: 'channel', channel: 'log http://a/b', form: 'line' })
  assert.throws(() => planLogs({ ...NONE, accessLogFile: 'a', accessLogUrl: 'http://a' }), Failure)
})

test('what stands in for a log group', () => {
  assert.equal(placeOf('log'), undefined)
  assert.deepEqual(placeOf('stdout'), { kind: 'stdout' })
  assert.deepEqual(placeOf('file:/var/log/x'), { kind: 'file', path: '/var/log/x' })
  assert.deepEqual(placeOf('file:///var/log/x'), { kind: 'file', path: '/var/log/x' })
  assert.deepEqual(placeOf('otlp'), { kind: 'channel', channel: 'logs', form: 'otlp' })
})

for (const target of [
  '',
  'file:',
  'x.log',
  'ftp://a/',
  'http://u:s3cret@a/',
  'http://a/?t=s3cret',
]) {
  test(`no target: ${target}`, () => {
    assert.throws(
      () => placeOf(target),
      (thrown) =>
        thrown instanceof Failure && !`${thrown.message}${thrown.mend}`.includes('s3cret'),
    )
  })
}

test('a pattern that no stage could have is refused', () => {
  for (const pattern of ['shop', 'arn:aws:s3:::bucket']) {
    assert.throws(() => planLogs({ ...NONE, accessLogDestination: { [pattern]: 'log' } }), Failure)
  }
})

test('each place is opened once', () => {
  const accessLogDestination = { [ARN]: 'file:a', 'arn:aws:logs:*': 'file:a', '*': 'log' }
  const plan = planLogs({ ...NONE, accessLogFile: 'a', accessLogDestination })
  assert.equal(placesOf(plan).length, 1)
})
