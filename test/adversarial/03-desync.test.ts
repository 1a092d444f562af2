/**
 * Test 3, the part of HTTP/1: requests whose body nobody expects, and bodies that look like requests.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { judge } from '../harness/oracle.ts'
import { startEcho } from '../harness/origin.ts'

const INNER = 'GET /inner HTTP/1.1\r\nHost: a\r\n\r\n'
const WITH_LENGTH = `Content-Length: ${INNER.length}\r\n\r\n${INNER}`
const WITH_CHUNKS = `Transfer-Encoding: chunked\r\n\r\n${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`

for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PUT', 'PROPFIND']) {
  test(`3 CL.0: the body of a ${method} is its body for everybody`, async (t) => {
    const origin = await startEcho(t)
    const gateway = await startGateway(t, { routes: { $default: origin.url } })
    for (const framed of [WITH_LENGTH, WITH_CHUNKS]) {
      await judge(gateway, `${method} / HTTP/1.1\r\nHost: a\r\n${framed}`)
    }
    const targets = origin.requests.map((request) => request.target)
    assert.deepEqual(
      targets.filter((target) => target === '/inner'),
      [],
    )
    const bodies = origin.requests.filter((request) => request.target === '/')
    assert.deepEqual(
      bodies.map((request) => request.text),
      [INNER, INNER],
    )
  })
}

test('3 0.CL: a request without framing has no body', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const { statuses, echoes } = await judge(gateway, `POST / HTTP/1.1\r\nHost: a\r\n\r\n${INNER}`)
  assert.deepEqual(statuses, [200, 200])
  assert.deepEqual(
    echoes.map((echo) => echo.body),
    ['', ''],
  )
})

test('3 a body that nobody reads is never taken for the next request', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /inner': origin.url, 'GET /sentinel': `${origin.url}/sentinel` },
  })
  for (const framed of [WITH_LENGTH, WITH_CHUNKS]) {
    const { statuses } = await judge(gateway, `POST /no-route HTTP/1.1\r\nHost: a\r\n${framed}`)
    assert.equal(statuses[0], 404)
  }
  for (const request of origin.requests) assert.equal(request.target, '/sentinel')
})

test('3 Expect: a body that comes without waiting, or not at all, stays in step', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n'
  const eager = await judge(gateway, `${head}${WITH_LENGTH}`)
  assert.deepEqual(
    eager.statuses.filter((status) => status !== 100),
    [200],
  )
  assert.equal(eager.echoes[0]?.body, INNER)
  const none = await judge(gateway, `${head}Content-Length: 0\r\n\r\n`)
  assert.deepEqual(none.statuses, [200])
  assert.ok(none.inStep)
})
