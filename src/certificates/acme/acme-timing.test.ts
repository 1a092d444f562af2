import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AcmeError, errorOf, errorOfAnswer, readProblem } from './acme-problem.ts'
import { renewalTimeMs, retryDelayMs } from './acme-timing.ts'
import { retryAfterMs } from './acme-transport.ts'

const DAY_MS = 86_400_000
const NINETY_DAYS = { fromEpochMs: 0, untilEpochMs: 90 * DAY_MS }

test('renewal begins when a third of the lifetime is left, spread over a twentieth before', () => {
  const days = Array.from({ length: 200 }, (_, i) => renewalTimeMs(`id ${i}`, NINETY_DAYS) / DAY_MS)
  assert.ok(days.every((day) => day <= 60 && day >= 55.5))
  assert.ok(Math.max(...days) - Math.min(...days) > 4, 'they are not renewed together')
  assert.equal(renewalTimeMs('id 1', NINETY_DAYS), renewalTimeMs('id 1', NINETY_DAYS))
})

const BACKOFF = { firstMs: 60_000, maxMs: 6 * 3_600_000 }
const SEEN = {
  fault: 'transient',
  reason: 'DOMAIN_VALIDATION_DENIED',
  retryAfterMs: undefined,
} as const
const OUT = { fault: 'transient', reason: 'OTHER', retryAfterMs: undefined } as const

test('failures are tried again later each time, validations more slowly', () => {
  const minutes = (error: typeof SEEN | typeof OUT) =>
    [1, 2, 3, 4, 20, 5_000].map((failures) => retryDelayMs(error, failures, BACKOFF, 0) / 60_000)
  assert.deepEqual(minutes(OUT), [1, 2, 4, 8, 360, 360])
  assert.deepEqual(minutes(SEEN), [10, 20, 40, 80, 360, 360])
  assert.equal(retryDelayMs(OUT, 1, BACKOFF, 0.5), 66_000)
})

test('what the server asks for is the least', () => {
  const limited = { fault: 'rate-limited', reason: 'OTHER', retryAfterMs: 86_400_000 } as const
  assert.equal(retryDelayMs(limited, 1, BACKOFF, 0), 86_400_000)
  assert.equal(retryDelayMs({ ...limited, retryAfterMs: 1 }, 1, BACKOFF, 0), 600_000)
})

test('Retry-After is seconds or a date, and never without end', () => {
  const clock = { now: () => 0, epochMs: () => Date.parse('2026-01-01T00:00:00Z') }
  const read = (text: string | undefined) => retryAfterMs(text, clock)
  assert.equal(read('120'), 120_000)
  assert.equal(read('Thu, 01 Jan 2026 01:00:00 GMT'), 3_600_000)
  assert.equal(read('Thu, 01 Jan 2015 01:00:00 GMT'), 0)
  assert.equal(read('999999999'), 7 * DAY_MS)
  for (const text of [undefined, '', 'soon', '-5x', 'NaN'])
    assert.equal(read(text), undefined, text)
})

const PROBLEMS = [
  ['rateLimited', 'rate-limited', 'OTHER'],
  ['caa', 'refused', 'CAA_ERROR'],
  ['rejectedIdentifier', 'refused', 'DOMAIN_NOT_ALLOWED'],
  ['connection', 'transient', 'DOMAIN_VALIDATION_DENIED'],
  ['accountDoesNotExist', 'account-lost', 'OTHER'],
  ['externalAccountRequired', 'account-refused', 'OTHER'],
  ['somethingNew', 'transient', 'OTHER'],
] as const

for (const [type, fault, reason] of PROBLEMS) {
  test(`the problem ${type} is ${fault}, ${reason}`, () => {
    const data = { type: `urn:ietf:params:acme:error:${type}`, detail: 'because' }
    const { fault: found, reason: named, message } = errorOf(readProblem(data)!)
    assert.deepEqual([found, named, message], [fault, reason, `${type}: because`])
  })
}

test('one part that is refused for good refuses the whole', () => {
  const part = (type: string) => ({ type: `urn:ietf:params:acme:error:${type}`, detail: type })
  const problem = { ...part('malformed'), subproblems: [part('dns'), part('caa')] }
  assert.equal(errorOf(readProblem(problem)!).reason, 'CAA_ERROR')
})

test('what another server says is short and plain in a log', () => {
  const hostile = { type: 'x\u001b[2J\n', detail: `\r\nERROR ${'é'.repeat(5_000)}`, subproblems: 5 }
  const { message } = errorOf(readProblem(hostile)!)
  assert.match(message, /^[\x20-\x7e]{1,520}$/)
  for (const data of [undefined, null, 'text', 7, [], {}, { type: 7 }]) {
    assert.equal(readProblem(data), undefined)
  }
  assert.equal(errorOfAnswer(429, 'slow down', 5_000).retryAfterMs, 5_000)
  assert.equal(errorOfAnswer(503, '<html>', undefined).fault, 'transient')
  assert.ok(errorOfAnswer(404, {}, undefined) instanceof AcmeError)
})
