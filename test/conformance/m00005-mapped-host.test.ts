/** A mapping may choose the Host that an origin sees; there is always exactly one. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

const CASES = [
  ['overwrite:header.host', 'tenant.internal:8080', 'tenant.internal:8080'],
  ['overwrite:header.Host', '$request.header.x-tenant', undefined],
  ['overwrite:header.host', '$context.domainName', 'api.test'],
  ['remove:header.host', "''", undefined],
] as const

for (const [rule, value, expected] of CASES) {
  test(`m00005 ${rule} ${value}`, async (t) => {
    const origin = await startEcho(t)
    const gateway = await startGateway(t, {
      routes: { 'GET /': { uri: origin.url, requestParameters: { [rule]: value } } },
    })
    assert.equal((await gateway.get('/')).status, 200)
    const hosts = origin.requests[0]!.all('host')
    assert.deepEqual(hosts, [expected ?? `127.0.0.1:${origin.port}`])
  })
}

for (const value of ['a b', 'a,b', 'a/b', '']) {
  test(`m00005 "${value}" is no host: the call ends`, async (t) => {
    const origin = await startEcho(t)
    const requestParameters = { 'overwrite:header.host': '$request.header.x-tenant' }
    const gateway = await startGateway(t, {
      routes: { 'GET /': { uri: origin.url, requestParameters } },
    })
    assert.equal((await gateway.get('/', `X-Tenant: ${value}`)).status, 400)
    assert.equal(origin.requests.length, 0)
  })
}
