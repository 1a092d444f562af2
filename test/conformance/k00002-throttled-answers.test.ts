/** The answer to a throttled request: byte for byte that of HTTP APIs, before the body, with the reason in the log only. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

const CLOSED = { ratePerSecond: 0, burst: 0 }

test('k00002 429 with the body and the headers of HTTP APIs', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    clock: new TestClock(),
    throttle: CLOSED,
    routes: { 'ANY /a': origin.url },
    logFormat:
      '$context.routeKey $context.status $context.error.responseType $context.integrationStatus $context.requestId',
  })
  const response = await gateway.get('/a')
  assert.equal(response.status, 429)
  assert.equal(response.text, '{"message":"Too Many Requests"}')
  assert.deepEqual(response.fields.map(([name]) => name.toLowerCase()).toSorted(), [
    'apigw-requestid',
    'content-length',
    'content-type',
    'date',
  ])
  assert.equal(response.get('content-type'), 'application/json')
  const id = response.get('apigw-requestid')
  assert.deepEqual(gateway.logLines, [`ANY /a 429 THROTTLED - ${id}`])
  assert.equal(origin.connections.length, 0)
  const head = await gateway.call('HEAD', '/a')
  assert.equal(head.status, 429)
  assert.equal(head.text, '')
})

for (const framing of ['Content-Length: 1000', 'Transfer-Encoding: chunked']) {
  test(`k00002 it does not wait for the body: ${framing}`, async (t) => {
    const origin = await startEcho(t)
    const gateway = await startGateway(t, { throttle: CLOSED, routes: { 'POST /a': origin.url } })
    const client = await gateway.client()
    client.send(`POST /a HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`)
    assert.equal((await client.response()).status, 429)
    const patient = await gateway.client()
    patient.send(`POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n${framing}\r\n\r\n`)
    assert.equal((await patient.response()).status, 429, 'and there is no 100')
    assert.equal(origin.connections.length, 0)
  })
}

test('k00002 a page of an allowed origin can read the answer', async (t) => {
  const { url } = await startEcho(t)
  const gateway = await startGateway(t, {
    throttle: CLOSED,
    cors: { allowOrigins: ['https://a.example'] },
    routes: { 'GET /a': url },
  })
  const response = await gateway.get('/a', 'Origin: https://a.example')
  assert.equal(response.status, 429)
  assert.equal(response.get('access-control-allow-origin'), 'https://a.example')
})

test('k00002 a throttled request does not end its connection', async (t) => {
  const clock = new TestClock()
  const { url } = await startEcho(t)
  const throttle = { ratePerSecond: 1, burst: 1 }
  const gateway = await startGateway(t, { clock, throttle, routes: { 'GET /a': url } })
  const client = await gateway.client()
  assert.equal((await client.get('/a')).status, 200)
  assert.equal((await client.get('/a')).status, 429)
  clock.advance(1_000)
  assert.equal((await client.get('/a')).status, 200)
})
