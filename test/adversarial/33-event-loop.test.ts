/**
 * Test 33, as far as counting goes: one client's work never takes more than its turn. Between any two turns of the event
 * loop the gateway handles a bounded number of bytes and requests, and a health check is answered in the middle of a flood.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteDescription } from '../harness/gateway.ts'
import { startGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

/** Counts the turns of the event loop that begin while `work` runs. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let running = true
  const count = (): void => {
    turns++
    if (running) setImmediate(count)
  }
  setImmediate(count)
  await work()
  running = false
  return turns
}

test('33 a thousand pipelined requests leave turns for others', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /{x}': `${origin.url}/{x}` } })
  const flood = await gateway.client()
  const other = await gateway.client()
  await other.get('/warm')
  flood.send('GET /flood HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1_000))
  await other.get('/health')
  assert.ok(
    flood.stream.recorded.length < 1_000 * 200,
    'the health check did not wait for the flood',
  )
  for (let i = 0; i < 1_000; i++) await flood.response()
})

/** Answers in one turn of the event loop that one connection may cause: what one read of 64 KB can hold. */
const ANSWERS_MAX = 2_000

test('33 floods of requests that the gateway answers itself are served turn by turn', async (t) => {
  const gateway = await startGateway(t, { routes: {} })
  const flood = await gateway.client()
  let most = 0
  let before = 0
  const count = (): void => {
    most = Math.max(most, gateway.logLines.length - before)
    before = gateway.logLines.length
    if (before < 20_000) setImmediate(count)
  }
  setImmediate(count)
  flood.send('GET /no HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20_000))
  for (let i = 0; i < 20_000; i++) await flood.response()
  assert.ok(most <= ANSWERS_MAX, `${most} answers in one turn`)
})

const COSTLY: Record<string, string> = {
  'a head of single-byte fields': `GET /x HTTP/1.1\r\nHost: a\r\n${'a:\r\n'.repeat(98)}\r\n`,
  'a path of ten thousand segments': `GET ${'/a'.repeat(5_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'a path of encoded bytes': `GET /${'%41'.repeat(3_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'a path of slashes': `GET ${'/'.repeat(10_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'a path of parameters': `GET /${';a'.repeat(5_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'a query of separators': `GET /m?${'&'.repeat(9_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'a query of ten thousand names': `GET /m?${'a&'.repeat(4_500)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'a long Connection list': `GET /x HTTP/1.1\r\nHost: a\r\nConnection: ${'a,'.repeat(4_500)}\r\n${'a: b\r\n'.repeat(90)}\r\n`,
  'a long Forwarded list': `GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${'1.1.1.1,'.repeat(1_100)}\r\n\r\n`,
}

/** Routes that share prefixes, so that a matcher that backtracks would try every combination. */
function branchingRoutes(uri: string): Record<string, RouteDescription> {
  const routes: Record<string, RouteDescription> = {}
  for (let bits = 0; bits < 256; bits++) {
    let path = ''
    for (let depth = 0; depth < 8; depth++) path += (bits >> depth) & 1 ? '/a' : `/{p${depth}}`
    routes[`GET ${path}/end`] = uri
  }
  return routes
}

for (const [what, bytes] of Object.entries(COSTLY)) {
  test(`33 ${what}: a hundred of them leave turns for others`, async (t) => {
    const origin = await startEcho(t)
    const mapped = {
      uri: origin.url,
      requestParameters: { 'overwrite:querystring.b': '$request.querystring.a' },
    }
    const gateway = await startGateway(t, {
      routes: { ...branchingRoutes(origin.url), 'GET /m': mapped, 'GET /x': origin.url },
      trustedProxies: ['127.0.0.1', '1.1.1.1'],
    })
    const turns = await turnsDuring(async () => {
      const client = await gateway.client()
      for (let i = 0; i < 100; i++) assert.ok((await client.send(bytes).response()).status < 500)
    })
    assert.ok(turns >= 100, `${turns} turns`)
  })
}

test('33 a path that fits half of every branch does not make the router try them all', async (t) => {
  const gateway = await startGateway(t, { routes: branchingRoutes('http://127.0.0.1:1') })
  const client = await gateway.client()
  for (let i = 0; i < 2_000; i++)
    assert.equal((await client.get(`${'/a'.repeat(8)}/no`)).status, 404)
})
