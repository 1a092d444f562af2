/**
 * Test 10: spellings of a protected path. Each is refused, or route, log and origin agree on one canonical path; none
 * gets to the protected origin as anything else than the protected route.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteDescription } from '../harness/gateway.ts'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

/** Put between, before and behind the segments of the protected path. */
const SPELLINGS = [
  '/',
  '//',
  '/./',
  '/../',
  '/%2e/',
  '/%2e%2e/',
  '/%2E%2e/',
  '/.%2e/',
  '/%2f/',
  '%2f',
  '%2F',
  '%5c',
  '\\',
  '%00',
  '%0a',
  ';x=y',
  ';',
  '/;/',
  '/..;/',
  '/..;foo=bar/',
  '/.;/',
  '%3b',
  '%3bx',
  '%3f',
  '%23',
  '#',
  '%252f',
  '%252e%252e/',
  '%2500',
  '%c0%af',
  '%c0%ae%c0%ae/',
  '%e0%80%af',
  '%ef%bc%8f',
  '%ef%bc%8e%ef%bc%8e/',
  '/x/../',
  '/x/%2e%2e/',
  '/.',
  '/..',
  '.',
  '%2e',
  '%20',
  '+',
  '%',
  '%4',
  '%zz',
  '%u002f',
  ',',
  '@',
  ':',
  '~',
  '?',
  '?/../',
  '*',
  '!',
  "'",
  '(',
  ')',
  '$',
  '&',
  '=',
]

const PROTECTED = ['accounts', 'private']

/** Every place for a spelling, and the usual games with the letters themselves. */
function mutations(): string[] {
  const [first, second] = PROTECTED as [string, string]
  const paths = new Set<string>()
  for (const s of SPELLINGS) {
    paths.add(`${s}${first}/${second}`.replace(/^(?!\/)/, '/'))
    paths.add(`/${s}${first}/${second}`)
    paths.add(`/${first}${s}${second}`)
    paths.add(`/${first}/${s}${second}`)
    paths.add(`/${first}${s}/${second}`)
    paths.add(`/${first}/${second}${s}`)
    paths.add(`/${first}/${second}/${s}`)
    paths.add(`/public${s}../${first}/${second}`)
    paths.add(`/public/${s}/${first}/${second}`)
  }
  for (const other of [
    '/ACCOUNTS/private',
    '/Accounts/Private',
    '/%61ccounts/private',
    '/accounts/%70rivate',
  ])
    paths.add(other)
  return [...paths]
}

const ROUTES = {
  exact: ['GET /accounts/private'],
  parameter: ['GET /accounts/private', 'GET /accounts/{id}', 'GET /{a}/{b}'],
  greedy: ['GET /accounts/private', 'ANY /public/{proxy+}', 'ANY /{proxy+}'],
  default: ['GET /accounts/private', '$default'],
} as const

/** What a lenient origin makes of a path: decodes it, takes `\\` for `/`, drops parameters, resolves dots. */
function lenient(path: string): string {
  const decoded = path.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  const kept: string[] = []
  for (const segment of decoded.replaceAll('\\', '/').split('/')) {
    const name = segment.split(';')[0]!
    if (name === '..') kept.pop()
    else if (name !== '' && name !== '.') kept.push(name)
  }
  return `/${kept.join('/')}`
}

/** Once decoded, no spelling may hide in front of an origin that reads paths in the usual way. */
function strictReading(path: string): string {
  const decoded = decodeURIComponent(path.split('?')[0]!)
  return decoded
    .split('/')
    .map((segment) => segment.split(';')[0]!)
    .join('/')
    .replace(/(.)\/$/, '$1')
}

for (const [kind, keys] of Object.entries(ROUTES)) {
  test(`10 spellings of a protected path beside ${kind} routes`, async (t) => {
    const guarded = await startEcho(t, 'guarded')
    const open = await startEcho(t, 'open')
    const routes: Record<string, RouteDescription> = {}
    for (const key of keys) {
      const uri = key === keys[0] ? guarded.url : open.url
      routes[key] = { uri, requestParameters: { 'overwrite:path': '$request.path' } }
    }
    const gateway = await startGateway(t, {
      routes,
      logFormat: '$context.routeKey|$context.path|$context.requestId',
    })
    let answered = 0
    for (const path of mutations()) {
      const client = await gateway.client()
      const response = await client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).response()
      if (response.status !== 200) {
        assert.ok([400, 404].includes(response.status), `${path} → ${response.status}`)
        continue
      }
      answered++
      assertAgreement(path, response.json as Echo, gateway.logLines.at(-1)!)
    }
    assert.ok(answered > 5, 'some spellings are harmless')
    assert.deepEqual(guarded.faults.concat(open.faults), [])
  })
}

function assertAgreement(sent: string, echo: Echo, line: string): void {
  const [routeKey, logged] = line.split('|')
  const atOrigin = echo.target.split('?')[0]!
  assert.equal(logged, atOrigin, `${sent}: the log and the origin see the same path`)
  const guardedPath = strictReading(atOrigin) === '/accounts/private'
  const guardedRoute = routeKey === 'GET /accounts/private'
  assert.equal(echo.origin === 'guarded', guardedRoute, sent)
  assert.equal(guardedPath, guardedRoute, `${sent} was ${atOrigin} for ${routeKey}`)
  assert.doesNotMatch(atOrigin, /\/\.{1,2}(\/|$)|\/\/|%2f|%5c|%00|\\/i, sent)
  assert.equal(lenient(atOrigin) === '/accounts/private', guardedPath, sent)
}
