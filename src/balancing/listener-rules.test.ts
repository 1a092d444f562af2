import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleCondition } from '../domain/balancing.ts'
import { compileConditions, RuleError } from './listener-rules.ts'
import { RequestView } from './request-view.ts'

function view(line: string, fields: readonly string[] = [], sourceIp = '192.0.2.7'): RequestView {
  const head = `${[`${line} HTTP/1.1`, ...fields].join('\r\n')}\r\n\r\n`
  const caller = {
    sourceIp,
    integrationStartedMs: 0,
    replyHeaders: '',
    balanced: undefined,
    linked: undefined,
  }
  return new RequestView({
    ...{ method: line.split(' ')[0]!, head, body: undefined, streamedBodyBytes: undefined },
    ...{ responseTimeoutMs: 1, idleTimeoutMs: 1, caller },
  })
}

const HOST = ['host: Api.Shop.internal:8080']
const CASES: readonly [string, RuleCondition, RequestView, boolean][] = [
  [
    'a host without its port, in any case',
    { field: 'host-header', values: ['api.shop.INTERNAL'] },
    view('GET /', HOST),
    true,
  ],
  [
    'a wildcard in a host',
    { field: 'host-header', values: ['*.shop.internal'] },
    view('GET /', HOST),
    true,
  ],
  [
    'one character',
    { field: 'host-header', values: ['ap?.shop.internal'] },
    view('GET /', HOST),
    true,
  ],
  [
    'not a part of a host',
    { field: 'host-header', values: ['shop.internal'] },
    view('GET /', HOST),
    false,
  ],
  [
    'a path as it is written',
    { field: 'path-pattern', values: ['/A*'] },
    view('GET /a', HOST),
    false,
  ],
  [
    'a path without its query',
    { field: 'path-pattern', values: ['/a'] },
    view('GET /a?b', HOST),
    true,
  ],
  [
    'a question mark of a pattern is one character',
    { field: 'path-pattern', values: ['/a?c'] },
    view('GET /abc'),
    true,
  ],
  [
    'the method as it is written',
    { field: 'http-request-method', values: ['GET', 'PUT'] },
    view('PUT /'),
    true,
  ],
  [
    'no wildcards in methods',
    { field: 'http-request-method', values: ['*'] },
    view('PUT /'),
    false,
  ],
  [
    'a field by any spelling of its name',
    { field: 'http-header', name: 'x-Tier', values: ['gold'] },
    view('GET /', ['X-TIER:  Gold ']),
    true,
  ],
  [
    'not a field whose name goes on',
    { field: 'http-header', name: 'x-tier', values: ['*'] },
    view('GET /', ['x-tiers: a']),
    false,
  ],
  [
    'not a value of another field',
    { field: 'http-header', name: 'x', values: ['1'] },
    view('GET /', ['y: x: 1']),
    false,
  ],
  [
    'a missing field does not hold',
    { field: 'http-header', name: 'x', values: ['*'] },
    view('GET /'),
    false,
  ],
  [
    'a pair of the query',
    { field: 'query-string', values: [{ key: 'A', value: 'b*' }] },
    view('GET /?c=d&a=Bee'),
    true,
  ],
  [
    'a value with any key',
    { field: 'query-string', values: [{ value: 'x' }] },
    view('GET /?k=x'),
    true,
  ],
  [
    'the key alone is not enough',
    { field: 'query-string', values: [{ key: 'k', value: 'y' }] },
    view('GET /?k=x'),
    false,
  ],
  [
    'a source in a network',
    { field: 'source-ip', values: ['10.0.0.0/8', '192.0.2.0/24'] },
    view('GET /'),
    true,
  ],
  ['a source outside', { field: 'source-ip', values: ['10.0.0.0/8'] }, view('GET /'), false],
  [
    'a source of IPv6',
    { field: 'source-ip', values: ['2001:db8::/32'] },
    view('GET /', [], '2001:db8::1'),
    true,
  ],
]

for (const [name, condition, request, holds] of CASES) {
  test(name, () => assert.equal(compileConditions([condition])!(request), holds))
}

test('all conditions have to hold', () => {
  const both = compileConditions([
    { field: 'path-pattern', values: ['/a'] },
    { field: 'http-request-method', values: ['GET'] },
  ])!
  assert.equal(both(view('GET /a')), true)
  assert.equal(both(view('PUT /a')), false)
  assert.equal(both(view('GET /b')), false)
})

test('no condition takes everything; what is no network is refused', () => {
  assert.equal(compileConditions([]), undefined)
  const bad = [{ field: 'source-ip', values: ['10.0.0.0/99'] }] as const
  assert.throws(() => compileConditions(bad), RuleError)
})

test('cookies are found by their whole name', () => {
  const request = view('GET /', ['Cookie: AAWSALB=1; AWSALB=two=2 ;AWSALBX=3'])
  assert.equal(request.cookie('AWSALB'), 'two=2')
  assert.equal(request.cookie('none'), '')
})
