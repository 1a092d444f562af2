/** Every answer has its own apigw-requestid, which is also in the log. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startAnswering } from '../harness/origin.ts'

test("i00003 the request id is the gateway's own", async (t) => {
  const origin = await startAnswering(t, ok('x', 'apigw-requestid: FORGED'))
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = await gateway.client()
  const ids = new Set<string>()
  for (const path of ['/', '/', '/missing']) {
    const response = await client.get(path, 'apigw-requestid: FORGED')
    const [id = '', ...others] = response.all('apigw-requestid')
    assert.match(id, /^[\w+/-]{15}=$/)
    assert.deepEqual(others, [])
    ids.add(id)
  }
  assert.equal(ids.size, 3)
  assert.deepEqual(gateway.logLines, [...ids])
  assert.doesNotMatch(origin.recorded[0]!, /FORGED/)
})
