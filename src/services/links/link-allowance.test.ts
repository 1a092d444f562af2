import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAllowance, parseAllowance } from './link-allowance.ts'

const GOOD: readonly (readonly [string, object, string?])[] = [
  ['orders.internal:8443', { host: 'orders.internal', port: 8443, pathPrefix: '/' }],
  ['10.0.0.7:80/private', { host: '10.0.0.7', port: 80, pathPrefix: '/private' }],
  ['[fd00::7]:80', { host: 'fd00::7', port: 80, pathPrefix: '/' }],
  ['*.mesh.internal:443/a/b', { host: '*.mesh.internal', port: 443, pathPrefix: '/a/b' }],
  ['orders:80/', { host: 'orders', port: 80, pathPrefix: '/' }, 'orders:80'],
  ['orders:80/v1/', { host: 'orders', port: 80, pathPrefix: '/v1' }, 'orders:80/v1'],
  [
    'orders:80/v1@a1b2c3d4e5/prod',
    { host: 'orders', port: 80, pathPrefix: '/v1', stage: 'a1b2c3d4e5/prod' },
  ],
  [
    'orders:80@a1b2c3d4e5/$default',
    { host: 'orders', port: 80, pathPrefix: '/', stage: 'a1b2c3d4e5/$default' },
  ],
]

for (const [text, expected, canonical = text] of GOOD) {
  test(`${text} is an allowance`, () => {
    const allowance = parseAllowance(text)
    assert.deepEqual(allowance, expected)
    assert.equal(formatAllowance(allowance), canonical)
    assert.deepEqual(parseAllowance(formatAllowance(allowance)), expected)
  })
}

const BAD = [
  ...['', 'orders', ':80', 'orders:', 'orders:0', 'orders:65536', 'orders:8a', 'http://orders:80'],
  ...['Orders:80', '*:80', '*.:80', 'a.*.b:80', '*orders:80', '-a:80', 'a..b:80', 'a@b:80'],
  ...['127.1:80', '0x7f.0.0.1:80', '2130706433:80', '127.0.0.01:80', '[::1:80', '[orders]:80'],
  ...['a:80//', 'a:80/../b', 'a:80/./b', 'a:80/b//c', 'a:80/%2e%2e', 'a:80/b?c', 'a:80/b#c'],
  ...['a:80/b@', 'a:80@prod', 'a:80@a1/x/y', 'a:80/b c', `${'a'.repeat(64)}:80`],
  `a:80/${'x'.repeat(2_000)}`,
]

for (const text of BAD) {
  test(`${text.slice(0, 40)} is none`, () => {
    assert.throws(() => parseAllowance(text), { code: 'BadRequestException' })
  })
}
