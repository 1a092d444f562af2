/**
 * Test 19: well-signed tokens of the right issuer's key that are meant for something else.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { startEcho } from '../harness/origin.ts'

test('19 an issuer is compared to the byte', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { $default: origin.url },
    jwt: issuer.authorizer,
  })
  const { url } = issuer
  const wrong = [
    ...[`${url}/`, `${url}/pool`, `${url}.evil.example`, url.toUpperCase(), ` ${url}`, `${url} `],
    ...[url.replace('http', 'https'), url.replace('127.0.0.1', 'localhost'), `${url}\0`, `${url}#`],
    ...[`https://evil.example/${url}`, '', null, [url], { iss: url }],
  ]
  for (const iss of wrong) {
    const response = await gateway.get('/', `Authorization: ${issuer.token({ iss })}`)
    assert.equal(response.status, 401, JSON.stringify(iss))
  }
  assert.equal(origin.requests.length, 0)
  assert.equal((await gateway.get('/', `Authorization: ${issuer.token()}`)).status, 200)
})

test('19 aud counts where it is, client_id only where it is not', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { $default: origin.url },
    jwt: { ...issuer.authorizer, audience: ['shop', 'till'] },
  })
  const cases: [claims: object, status: number][] = [
    [{ aud: 'shop' }, 200],
    [{ aud: ['bank', 'till'] }, 200],
    [{ aud: undefined, client_id: 'shop', token_use: 'access' }, 200],
    [{ aud: 'bank', client_id: 'shop' }, 401],
    [{ aud: '', client_id: 'shop' }, 401],
    [{ aud: [], client_id: 'shop' }, 401],
    [{ aud: null, client_id: 'shop' }, 401],
    [{ aud: undefined, client_id: ['shop'] }, 401],
    [{ aud: undefined, azp: 'shop', appid: 'shop' }, 401],
    [{ aud: undefined }, 401],
    [{ aud: 'sho' }, 401],
    [{ aud: 'shops' }, 401],
    [{ aud: 'shop till' }, 401],
    [{ aud: 'Shop' }, 401],
    [{ aud: ['bank'] }, 401],
    [{ aud: [['shop']] }, 401],
    [{ aud: { 0: 'shop' } }, 401],
  ]
  for (const [claims, status] of cases) {
    const response = await gateway.get('/', `Authorization: ${issuer.token(claims)}`)
    assert.equal(response.status, status, JSON.stringify(claims))
  }
})

test('19 a scope is one whole word of the token', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { $default: { uri: origin.url, scopes: ['orders:read', 'a b'] } },
    jwt: issuer.authorizer,
  })
  const cases: [claims: object, status: number][] = [
    [{ scope: 'orders:read' }, 200],
    [{ scope: 'x orders:read y' }, 200],
    [{ scope: ['x', 'orders:read'] }, 200],
    [{ scp: ['a b'] }, 200],
    [{ scope: 'a b' }, 403],
    [{ scope: '' }, 403],
    [{}, 403],
    [{ scope: 'orders' }, 403],
    [{ scope: 'orders:' }, 403],
    [{ scope: 'orders:readwrite' }, 403],
    [{ scope: 'xorders:read' }, 403],
    [{ scope: 'Orders:Read' }, 403],
    [{ scope: 'orders:*' }, 403],
    [{ scope: 'x,orders:read' }, 403],
    [{ scope: 'x\torders:read' }, 403],
    [{ scope: ['x orders:read'] }, 403],
    [{ scopes: 'orders:read', roles: ['orders:read'] }, 403],
    [{ scope: { 'orders:read': true } }, 401],
    [{ scope: [['orders:read']] }, 401],
    [{ scope: 7, scp: ['orders:read'] }, 401],
  ]
  for (const [claims, status] of cases) {
    const response = await gateway.get('/', `Authorization: ${issuer.token(claims)}`)
    assert.equal(response.status, status, JSON.stringify(claims))
  }
})

test("19 one pool's token does not open another pool's API", async (t) => {
  const [ours, theirs] = [await startIssuer(t), await startIssuer(t)]
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url }, jwt: ours.authorizer })
  const tokens = [theirs.token(), theirs.token({ iss: ours.url }, { kid: 'theirs' })]
  for (const token of tokens) {
    assert.equal((await gateway.get('/', `Authorization: ${token}`)).status, 401)
  }
  assert.deepEqual(theirs.asked, [])
})
