/**
 * Test 12: what is behind `/api/*` leads to `/private/*` at the origin and to nothing else, however it is spelt.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'
import { ESCAPES } from './base-path-escapes.ts'

test('12 every target at the origin lies below the base path', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'ANY /api/{proxy+}': `${origin.url}/private/{proxy}` },
  })
  for (const path of ESCAPES) {
    const client = await gateway.client()
    const response = await client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).response()
    assert.ok([200, 400, 404].includes(response.status), `${path} → ${response.status}`)
  }
  assert.ok(origin.requests.length > 3)
  for (const { target, fields } of origin.requests) {
    assert.match(target, /^\/private\/(?!\.{1,2}(\/|$))/)
    const resolved = new URL(target.replaceAll(/;[^/]*/g, ''), 'http://o').pathname
    assert.ok(resolved.startsWith('/private/'), target)
    assert.equal(fields.filter(([name]) => name.toLowerCase() === 'x').length, 0)
  }
})

test('12 the same with the whole path behind the URI of $default', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: `${origin.url}/private` } })
  for (const path of ESCAPES) {
    await (await gateway.client()).send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).response()
  }
  await (await gateway.client()).send('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n').response()
  for (const { target } of origin.requests) {
    assert.match(target, /^\/private(\/|$)/)
    assert.ok(new URL(target, 'http://o').pathname.startsWith('/private'), target)
  }
})

test('12 a path parameter cannot leave its segment', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /u/{id}': `${origin.url}/users/{id}/profile` },
  })
  for (const id of [
    '..',
    '%2e%2e',
    '..%2f..%2fadmin',
    'a%2fb',
    'a%5cb',
    '.',
    '%2e',
    '..;',
    'a%3fb',
    'a%23b',
    'a%3bb',
    'a%20b',
  ]) {
    await (await gateway.client()).send(`GET /u/${id} HTTP/1.1\r\nHost: a\r\n\r\n`).response()
  }
  for (const { target } of origin.requests) assert.match(target, /^\/users\/[^/?#]+\/profile$/)
  assert.ok(origin.requests.length >= 3)
})

test('12 a base path of a domain leads to its API and to nothing else, however it is spelt', async (t) => {
  const origin = await startEcho(t)
  const stages = ['public', 'private'].map((name) => ({
    apiId: `${name}api`,
    routes: { $default: `${origin.url}/${name}` },
  }))
  const mappings = ['public', 'private'].map((name) => ({
    key: name === 'public' ? 'api' : 'admin',
    apiId: `${name}api`,
    stageName: '$default',
  }))
  const domains = [{ domainName: 'a.example.com', mappings }]
  const gateway = await startGateway(t, { stages, domains })
  for (const path of ESCAPES) {
    const client = await gateway.client()
    const sent = `GET ${path} HTTP/1.1\r\nHost: a.example.com\r\n\r\n`
    const response = await client.send(sent).response()
    assert.ok([200, 400, 403].includes(response.status), `${path} → ${response.status}`)
    // What another server would take for /api is the API's, or is refused.
    if (/^\/(?:apiX|API)/.test(path)) assert.equal(response.status, 403, path)
  }
  assert.ok(origin.requests.length > 3)
  for (const { target } of origin.requests) {
    assert.match(target, /^\/public(\/|$)/)
    const resolved = new URL(target.replaceAll(/;[^/]*/g, ''), 'http://o').pathname
    assert.ok(resolved.startsWith('/public'), target)
    assert.ok(!resolved.startsWith('/public/api'), `the base path is stripped: ${target}`)
  }
})
