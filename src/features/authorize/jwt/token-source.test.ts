import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestHead } from '../../../http/message/request-head.ts'
import type { Invocation } from '../../../invocation/invocation.ts'
import { compileTokenSource } from './token-source.ts'

function read(source: string, fields: [string, string][], query = ''): string {
  const request = new RequestHead(16)
  for (const [name, value] of fields) request.fields.append(name, value)
  request.query = query
  return compileTokenSource(source)!({ exchange: { request } } as unknown as Invocation)
}

const VALUES: [value: string, token: string][] = [
  ['a.b.c', 'a.b.c'],
  ['Bearer a.b.c', 'a.b.c'],
  ['bearer a.b.c', 'a.b.c'],
  ['BEARER    a.b.c', 'a.b.c'],
  ['Bearer', ''],
  ['', ''],
  ['Bearer\ta.b.c', 'Bearer\ta.b.c'],
  ['Bearera.b.c', 'Bearera.b.c'],
  ['Bearer a b', 'a b'],
  ['Bearer Bearer a', 'Bearer a'],
  ['Basic YTpi', 'Basic YTpi'],
  ['Bear', 'Bear'],
]

for (const [value, token] of VALUES) {
  test(`${JSON.stringify(value)} holds ${JSON.stringify(token)}`, () => {
    const other: [string, string] = ['X-Other', 'x']
    assert.equal(
      read('$request.header.Authorization', [other, ['Authorization', value], other]),
      token,
    )
    assert.equal(read('$request.header.X-Token', [other, ['x-token', value]]), token)
    const query = `a=b&token=${encodeURIComponent(value)}`
    assert.equal(read('$request.querystring.token', [], query), token)
  })
}

test('a request without it has none', () => {
  for (const source of ['header.authorization', 'header.X-Token', 'querystring.token']) {
    assert.equal(read(`$request.${source}`, [['X-Other', 'a']], 'Token=a'), '')
  }
})

test('several values are no token', () => {
  const twice = (name: string): [string, string][] => [
    [name, 'Bearer a.b.c'],
    [name, 'Bearer d.e.f'],
  ]
  assert.match(read('$request.header.Authorization', twice('Authorization')), /,/)
  assert.match(read('$request.header.x-token', twice('X-Token')), /,/)
  assert.match(read('$request.querystring.t', [], 't=a.b.c&t=d.e.f'), /,/)
})

test('what is no identity source is none', () => {
  for (const source of [
    '',
    'a',
    '$request.header.',
    '$request.body.a',
    '$context.a',
    '$request.header.a b',
  ]) {
    assert.equal(compileTokenSource(source), undefined, source)
  }
})
