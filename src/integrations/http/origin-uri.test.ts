import assert from 'node:assert/strict'
import test from 'node:test'
import { compileOriginUri, OriginUriError, originTarget } from './origin-uri.ts'

interface Case {
  readonly uri: string
  readonly routeKey?: string
  readonly names?: readonly string[]
  readonly parameters?: readonly string[]
  readonly path?: string
  readonly query?: string
  readonly target: string
}

const VARIABLES = { host: 'origin.test', port: '9001', version: 'v2' }

const CASES: readonly Case[] = [
  { uri: 'http://a', target: '/' },
  { uri: 'http://a/x', target: '/x' },
  { uri: 'http://a/x', query: 'q=1', target: '/x?q=1' },
  { uri: 'http://a/x?k=v', target: '/x?k=v' },
  { uri: 'http://a/x?k=v', query: 'q=1', target: '/x?k=v&q=1' },
  { uri: 'http://a/p/{id}/x', names: ['id'], parameters: ['7%20a'], target: '/p/7%20a/x' },
  { uri: 'http://a/{b}/{a}', names: ['a', 'b'], parameters: ['1', '2'], target: '/2/1' },
  { uri: 'http://a/{proxy}', names: ['proxy'], parameters: ['x/y/'], target: '/x/y/' },
  { uri: 'http://a/{proxy+}', names: ['proxy'], parameters: ['x'], target: '/x' },
  { uri: 'http://a/${stageVariables.version}/x', target: '/v2/x' },
  { uri: 'http://a', routeKey: '$default', path: '/x/y/', query: 'q', target: '/x/y/?q' },
  { uri: 'http://a/base/', routeKey: '$default', path: '/x', target: '/base/x' },
]

for (const {
  uri,
  routeKey = 'GET /',
  names = [],
  parameters = [],
  path = '/',
  query = '',
  target,
} of CASES) {
  test(`${uri} for ${routeKey} ${path} is ${target}`, () => {
    const compiled = compileOriginUri(uri, routeKey, names, VARIABLES)
    assert.equal(originTarget(compiled, parameters, path, query), target)
  })
}

test('host, port and authority', () => {
  const see = (uri: string): unknown[] => {
    const { secure, host, port, authority } = compileOriginUri(uri, 'GET /', [], VARIABLES)
    return [secure, host, port, authority]
  }
  assert.deepEqual(see('http://a.b'), [false, 'a.b', 80, 'a.b'])
  assert.deepEqual(see('https://a.b/x'), [true, 'a.b', 443, 'a.b'])
  assert.deepEqual(see('HTTP://[::1]:81/'), [false, '::1', 81, '[::1]:81'])
  assert.deepEqual(see('http://${stageVariables.host}:${stageVariables.port}/'), [
    false,
    'origin.test',
    9001,
    'origin.test:9001',
  ])
})

for (const uri of [
  '/x',
  'ftp://a/',
  'http://',
  'http://u:p@a/',
  'http://a/{id}',
  'http://a/#x',
  'http://a/b c',
  'http://a/b\r\nx: y',
  'http://a/%zz',
  'http://a/?b c',
  'http://b\u00fccher.test/',
  'http://a\tb/',
  'http://a/${stageVariables.none}',
]) {
  test(`${uri} is refused`, () => {
    assert.throws(() => compileOriginUri(uri, 'GET /', [], VARIABLES), OriginUriError)
  })
}
