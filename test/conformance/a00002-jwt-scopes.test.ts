/** A route with scopes takes tokens that have one of them; the same token may pass one route and not the next. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { startEcho } from '../harness/origin.ts'

test('a00002 scopes are asked for route by route', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: {
      'GET /read': { uri: origin.url, scopes: ['shop/read'] },
      'GET /either': { uri: origin.url, scopes: ['shop/write', 'shop/read'] },
      'GET /write': { uri: origin.url, scopes: ['shop/write'] },
      'GET /any': origin.url,
    },
    jwt: issuer.authorizer,
    logFormat: '$context.requestId $context.error.responseType $context.authorizer.error',
  })
  const tokens = [
    issuer.token({ scope: 'openid shop/read' }),
    issuer.token({ scp: ['openid', 'shop/read'] }),
    issuer.token({ scp: 'openid shop/read' }),
  ]
  for (const token of tokens) {
    const field = `Authorization: Bearer ${token}`
    for (const path of ['/read', '/either', '/any', '/read']) {
      assert.equal((await gateway.get(path, field)).status, 200, path)
    }
    const refused = await gateway.get('/write', field)
    assert.equal(refused.status, 403)
    assert.equal(refused.text, '{"message":"Forbidden"}')
    assert.equal(
      refused.get('www-authenticate'),
      'Bearer scope="shop/write" error="insufficient_scope" error_description="the token does not have a required scope"',
    )
    assert.match(gateway.logLines.at(-1)!, /ACCESS_DENIED The token is good and has none/)
  }
})

test('a00002 a token without scopes passes routes that ask for none', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /any': origin.url, 'GET /read': { uri: origin.url, scopes: ['read'] } },
    jwt: issuer.authorizer,
  })
  const field = `Authorization: ${issuer.token()}`
  assert.equal((await gateway.get('/any', field)).status, 200)
  assert.equal((await gateway.get('/read', field)).status, 403)
})
