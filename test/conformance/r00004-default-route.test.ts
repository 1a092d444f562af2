/** The $default route gets everything else, with the full path behind its URI. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

test('r00004 the whole path is appended to the URI of $default', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { $default: `${origin.url}/base`, 'GET /fixed': `${origin.url}/elsewhere` },
  })
  const CASES = [
    ['/a/b?c=d', '/base/a/b?c=d'],
    ['/', '/base/'],
    ['/a/', '/base/a/'],
    ['/fixed', '/elsewhere'],
  ] as const
  for (const [path, target] of CASES) {
    assert.equal(((await gateway.get(path)).json as Echo).target, target)
  }
  assert.equal((await gateway.call('POST', '/fixed', [], 'x')).status, 200)
})
