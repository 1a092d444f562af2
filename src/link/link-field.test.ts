import assert from 'node:assert/strict'
import test from 'node:test'
import { wireError } from '../http/wire-error.ts'
import { errorTerms, readError, readTerms, requestTerms, targetTerms } from './link-field.ts'

const TIMES = { responseTimeoutMs: 29_000, idleTimeoutMs: 500 }

interface Case {
  readonly host: string
  readonly stage?: string
  readonly serverName?: string
  readonly verify?: boolean
}

const CASES: Case[] = [
  { host: 'orders.internal' },
  { host: '10.0.0.1', stage: 'api/$default' },
  { host: '::1', serverName: 'orders.internal', verify: false },
  { host: 'a', serverName: 'x;stage=other/prod;to=evil:22;insecure' },
  { host: 'a', stage: 'api/x;stage=other' },
]

for (const { host, stage = 'api/prod', serverName = '', verify = true } of CASES) {
  test(`${host} ${stage} ${serverName} is read as it was written`, () => {
    const address = { host, port: 8080, tls: { serverName, verify } }
    const text = requestTerms(targetTerms({ vpcLinkId: 'l', address, stage }), TIMES)
    assert.deepEqual(readTerms(text), {
      host,
      port: 8080,
      stage,
      tls: { serverName, verify },
      ...TIMES,
    })
  })
}

test('a part of a later release is skipped', () => {
  assert.equal(readTerms('to=a:1;stage=s;colour=blue;fast')?.host, 'a')
})

for (const text of [
  '',
  'to=a',
  'to=a:0',
  'to=a:65536',
  'to=a b:1',
  'to=a%3Bstage%3Dx:1',
  'to=a:1;to=b:2',
  'to=a:1;stage=x;stage=y',
  'to=a:1;stage=%zz',
  'to=a:1;timeout=0',
]) {
  test(`${JSON.stringify(text)} leads nowhere`, () => assert.equal(readTerms(text), undefined))
}

test('an error comes through, and one that nobody knows is a closed connection', () => {
  const error = wireError('connect-refused', 'origin', 'never', 'ECONNREFUSED: x;retry=always')
  assert.deepEqual(readError(errorTerms(error)), {
    ...error,
    detail: 'agent: ECONNREFUSED: x;retry=always',
  })
  assert.equal(readError('error=newer-kind;retry=never;detail=y')?.kind, 'closed')
  for (const retry of ['always', 'elsewhere', 'never'] as const) {
    assert.equal(readError(errorTerms({ ...error, retry }))?.retry, retry)
  }
  assert.equal(readError(errorTerms({ ...error, retry: 'if-reused' }))?.retry, 'never')
  assert.equal(readError('gibberish')?.kind, 'closed')
  assert.equal(readError('ok'), undefined)
  const words = wireError('closed', 'origin', 'never', 'a\r\nb')
  assert.equal(readError(errorTerms(words))?.detail, 'agent: unprintable')
})
