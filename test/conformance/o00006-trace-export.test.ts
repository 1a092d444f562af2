/** A whole Postern sends what it has sampled to a collector and to an X-Ray daemon. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startOneRoute, until } from '../harness/one-route-server.ts'
import { startEcho } from '../harness/origin.ts'
import { startCollector } from '../harness/otlp-collector.ts'
import { startXrayDaemon } from '../harness/xray-daemon.ts'

const CALLS = 20

test('o00006 every sampled call arrives, at the latest when the program ends', async (t) => {
  const origin = await startEcho(t)
  const collector = await startCollector(t)
  const daemon = await startXrayDaemon(t)
  const words = ['--trace', '100%', '--workers', '2', '--xray-daemon', daemon.address]
  const to = ['--otlp-endpoint', collector.url, '--otlp-header', 'x-key=secret']
  const { server, get } = await startOneRoute(t, origin.url, ...words, ...to)
  for (let i = 0; i < CALLS; i++) {
    assert.equal((await get('/pets')).status, 200)
  }
  await until('the first batch', () => collector.requests.length > 0)
  await server.stop()
  await until('every segment', () => daemon.segments.length === CALLS)
  const servers = collector.spans().filter(({ kind }) => kind === 2)
  assert.equal(servers.length, CALLS)
  assert.equal(collector.spans().length, CALLS * 2)
  assert.equal(new Set(servers.map(({ traceId }) => traceId)).size, CALLS)
  assert.deepEqual(
    daemon.segments.map(({ id }) => id).sort(),
    servers.map(({ spanId }) => spanId).sort(),
  )
  assert.equal(collector.requests[0]!.headers['x-key'], 'secret')
  assert.doesNotMatch(server.lines.join('\n'), /secret/)
})

test('o00006 a collector that is not there costs the spans and nothing else', async (t) => {
  const origin = await startEcho(t)
  const words = ['--trace', '1', '--otlp-endpoint', 'http://127.0.0.1:9']
  const { server, get } = await startOneRoute(t, origin.url, ...words)
  for (let i = 0; i < CALLS; i++) {
    assert.equal((await get('/pets')).status, 200)
  }
  await server.stop()
})
