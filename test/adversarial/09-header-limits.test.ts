/**
 * Test 9: limits of the head as AWS has them, and field names that are properties of every JavaScript object.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

const LIMIT = 10_240

function headOf(bytes: number): string {
  const rest = 'GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n'
  return rest.replace('X: ', `X: ${'x'.repeat(bytes - rest.length)}`)
}

const REFUSED: [what: string, bytes: string, status: number][] = [
  ['10 241 bytes of head', headOf(LIMIT + 1), 431],
  [
    'a megabyte in one field',
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(1 << 20)}\r\n\r\n`,
    431,
  ],
  ['a megabyte of name', `GET / HTTP/1.1\r\nHost: a\r\n${'x'.repeat(1 << 20)}: x\r\n\r\n`, 431],
  ['a megabyte of target', `GET /${'x'.repeat(1 << 20)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
  ['101 fields', `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(100)}\r\n`, 431],
  ['an endless method', 'A'.repeat(1 << 20), 400],
  ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n', 400],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n', 400],
  ['an absolute target with another Host', 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['CONNECT without a path', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n', 400],
  ['CONNECT with a path', 'CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['an asterisk for GET', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n', 400],
]

test('9 heads beyond their limits and heads that name two places', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (const [what, bytes, status] of REFUSED) {
    await t.test(`${what} → ${status}`, async () => {
      const client = (await gateway.client()).send(bytes)
      assert.equal((await client.response()).status, status)
      assert.equal(await client.closed(), '')
    })
  }
  assert.equal(origin.requests.length, 0)
})

test('9 the limits themselves are inside', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const hundred = `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(99)}\r\n`
  for (const bytes of [headOf(LIMIT), hundred]) {
    assert.equal((await (await gateway.client()).send(bytes).response()).status, 200)
  }
})

test('9 names of object properties are names like any other', async (t) => {
  const origin = await startEcho(t)
  const mapped = { 'append:header.x-copy': '$request.header.__proto__' }
  const gateway = await startGateway(t, {
    routes: { 'GET /': { uri: `${origin.url}/`, requestParameters: mapped } },
    logFormat: '$context.requestId',
  })
  const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf', 'prototype']
  const lines = names.map((name) => `${name}: value of ${name}`)
  const query = names.map((name) => `${name}=1`).join('&')
  const response = await gateway.get(`/?${query}`, ...lines)
  const request = origin.requests[0]!
  for (const name of names) assert.equal(request.get(name.toLowerCase()), `value of ${name}`)
  assert.equal(request.get('x-copy'), 'value of __proto__')
  assert.equal(response.status, 200)
  assert.equal(({} as Record<string, unknown>)['x'], undefined)
})

test('9 OPTIONS * never reaches a route', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'ANY /{proxy+}': origin.url, 'OPTIONS /': origin.url },
  })
  await (await gateway.client()).send('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n').response()
  assert.equal(origin.requests.length, 0)
})
