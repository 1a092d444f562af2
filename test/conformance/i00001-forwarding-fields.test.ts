/** What the origin is told about the client: written by the gateway alone (RFC 7239, RFC 9110 §7.6.3). */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

test('i00001 Forwarded, X-Forwarded-* and Via', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const { fields } = (await gateway.get('/', 'Host: api.test', 'Via: 1.1 before')).json as Echo
  assert.match(
    fields['forwarded'] ?? '',
    /^by=127\.0\.0\.1;for=127\.0\.0\.1;host=api\.test;proto=http$/,
  )
  assert.equal(fields['x-forwarded-for'], '127.0.0.1')
  assert.equal(fields['x-forwarded-proto'], 'http')
  assert.equal(fields['x-forwarded-port'], String(gateway.port))
  assert.equal(fields['x-forwarded-host'], 'api.test')
  assert.match(fields['via'] ?? '', /^1\.1 before, 1\.1 \S+$/)
})

test('i00001 an address behind a trusted proxy is believed, from the right', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /': origin.url },
    trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'],
  })
  const sent = 'X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3'
  const { fields } = (await gateway.get('/', sent)).json as Echo
  assert.equal(fields['x-forwarded-for'], '203.0.113.9')
  assert.match(fields['forwarded'] ?? '', /;for=203\.0\.113\.9;/)
})
