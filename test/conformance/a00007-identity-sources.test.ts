/** A token stands where the authorizer looks for it, and nowhere else. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { startEcho } from '../harness/origin.ts'

test('a00007 header fields and query parameters', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const token = issuer.token()
  const cases = [
    ['$request.header.X-Token', '/', [`x-TOKEN: ${token}`], ['Authorization: x'], 200],
    ['$request.header.X-Token', '/', [], [`Authorization: ${token}`], 401],
    ['$request.header.X-Token', '/', [`X_Token: ${token}`], [], 401],
    ['$request.querystring.token', `/?token=${token}`, [], [], 200],
    ['$request.querystring.token', `/?token=Bearer%20${token}`, [], [], 200],
    ['$request.querystring.token', `/?Token=${token}`, [], [], 401],
    ['$request.querystring.token', `/?token=${token}&token=${token}`, [], [], 401],
    ['$request.header.Authorization', `/?token=${token}`, [], [], 401],
    ['$request.header.authorization', '/', [`Authorization: ${token}`], [], 200],
    [
      '$request.header.Authorization',
      '/',
      [`Authorization: ${token}`, 'Authorization: a'],
      [],
      401,
    ],
    [
      '$request.header.Authorization',
      '/',
      [`Authorization: ${token}`],
      ['Connection: close, authorization'],
      401,
    ],
  ] as const
  const gateway = await startGateway(t, { routes: {} })
  for (const [identitySource, target, fields, others, status] of cases) {
    const jwt = { ...issuer.authorizer, identitySource }
    gateway.apply({ jwt, routes: { 'GET /': origin.url } })
    const response = await gateway.get(target, ...fields, ...others)
    assert.equal(response.status, status, `${identitySource} ${target.slice(0, 12)} ${fields}`)
  }
})
