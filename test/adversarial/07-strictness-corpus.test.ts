/**
 * Test 7: the cases of an HTTP/1 compliance suite (the classes of h1spec and of llhttp's own tests), with the status
 * that each must get.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { judge } from '../harness/oracle.ts'
import { startEcho } from '../harness/origin.ts'

const CASES: [what: string, bytes: string, status: number][] = [
  ['a plain GET', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 200],
  [
    'a GET with all kinds of visible characters in a value',
    "GET / HTTP/1.1\r\nHost: a\r\nX: !#$%&'()*+,-./:;<=>?@[]^_`{|}~\r\n\r\n",
    200,
  ],
  ['an empty value', 'GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n', 200],
  ['a value of white space', 'GET / HTTP/1.1\r\nHost: a\r\nX: \t \r\n\r\n', 200],
  ['obs-text in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: \xe9\xff\r\n\r\n', 200],
  [
    'every token character in a name',
    "GET / HTTP/1.1\r\nHost: a\r\n!#$%&'*+-.^_`|~aZ09: x\r\n\r\n",
    200,
  ],
  ['a query', 'GET /?a=b&c[]=d HTTP/1.1\r\nHost: a\r\n\r\n', 200],
  ['a custom method', 'X-METHOD / HTTP/1.1\r\nHost: a\r\n\r\n', 200],
  ['an absolute target', 'GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n', 200],
  ['HTTP/1.0 with Host', 'GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n', 200],
  ['HTTP/1.0 without Host', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', 200],
  ['a POST without framing', 'POST / HTTP/1.1\r\nHost: a\r\n\r\n', 200],
  ['a POST with an empty body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n', 200],
  ['a lower-case method is another method', 'get / HTTP/1.1\r\nHost: a\r\n\r\n', 200],
  ['no method', '/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['no target', 'GET HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['no version', 'GET /\r\nHost: a\r\n\r\n', 400],
  ['another protocol', 'GET / HTTPS/1.1\r\nHost: a\r\n\r\n', 400],
  ['a comma in the version', 'GET / HTTP/1,1\r\nHost: a\r\n\r\n', 400],
  ['a version without minor', 'GET / HTTP/1\r\nHost: a\r\n\r\n', 400],
  ['a response', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 400],
  ['binary', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
  ['two Host fields', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 400],
  ['a Host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
  ['a Host with user information', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n', 400],
  ['a Host with a bad port', 'GET / HTTP/1.1\r\nHost: a:b\r\n\r\n', 400],
  ['a Host with a port too large', 'GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n', 400],
  ['a Host list', 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n', 400],
  ['a Host with a space', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
  ['a broken IPv6 Host', 'GET / HTTP/1.1\r\nHost: [::\r\n\r\n', 400],
  ['an IPv6 Host that is none', 'GET / HTTP/1.1\r\nHost: [:::::]\r\n\r\n', 400],
  ['an IPv6 Host', 'GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n', 200],
  ['malformed percent-encoding', 'GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a space in a name', 'GET / HTTP/1.1\r\nHost: a\r\nA B: x\r\n\r\n', 400],
  ['a line of white space', 'GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n', 400],
  ['an expectation nobody knows', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n', 400],
]

test('7 every case gets its status; what is refused is closed', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (const [what, bytes, status] of CASES) {
    await t.test(`${what} → ${status}`, async () => {
      const { statuses, closed, inStep } = await judge(gateway, bytes)
      assert.deepEqual(statuses, [status])
      assert.equal(closed, status !== 200)
      assert.equal(inStep, status === 200)
    })
  }
})

test('7 a second Host hidden in another case, spelling or place does not win', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    stages: [
      { apiId: 'public0001', routes: { $default: origin.url } },
      { apiId: 'secret0001', routes: { $default: origin.url } },
    ],
    logFormat: '$context.apiId $context.requestId',
  })
  const HOST = 'public0001.execute-api.localhost'
  for (const line of [
    'X-Forwarded-Host: secret0001.execute-api.localhost',
    'X-Host: secret0001.execute-api.localhost',
  ]) {
    await gateway.get('/', `Host: ${HOST}`, line)
  }
  assert.ok(gateway.logLines.every((line) => line.startsWith('public0001 ')))
})
