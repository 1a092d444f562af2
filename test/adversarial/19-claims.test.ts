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

test('19 tokens as Cognito makes them: of either use, of another client, pool or region', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const scopes = ['orders/read']
  const routes = { 'GET /any': origin.url, 'GET /orders': { uri: origin.url, scopes } }
  const gateway = await startGateway(t, {
    ...{ routes, jwt: { ...issuer.authorizer, audience: ['7client'] } },
  })
  const id = { aud: '7client', token_use: 'id', 'cognito:username': 'jo', email: 'jo@shop.example' }
  const access = {
    ...{ aud: undefined, client_id: '7client', token_use: 'access', username: 'jo' },
    ...{ scope: 'aws.cognito.signin.user.admin orders/read', version: 2 },
  }
  const pool = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc'
  /** [what it is, its claims, without a scope to ask for, with one] */
  const cases: [name: string, claims: object, any: number, orders: number][] = [
    ['id token', id, 200, 403],
    ['access token', access, 200, 200],
    ['access token of a sign-in', { ...access, scope: 'aws.cognito.signin.user.admin' }, 200, 403],
    ['id token with a scope that no pool puts there', { ...id, scope: 'orders/read' }, 200, 200],
    ['id token of another client', { ...id, aud: '7other' }, 401, 401],
    ['access token of another client', { ...access, client_id: '7other' }, 401, 401],
    ['access token with a scope of another server', { ...access, scope: 'bills/read' }, 200, 403],
    ['access token with half a scope', { ...access, scope: 'orders/ read /read' }, 200, 403],
    ['id token whose client stands beside it', { ...id, aud: 'x', client_id: '7client' }, 401, 401],
    ['of another pool', { ...access, iss: `${issuer.url}/eu-central-1_xyz` }, 401, 401],
    ['of a pool in AWS', { ...access, iss: pool }, 401, 401],
    ['of its twin elsewhere', { ...access, iss: pool.replaceAll('central', 'west') }, 401, 401],
  ]
  for (const [name, claims, any, orders] of cases) {
    const field = `Authorization: Bearer ${issuer.token(claims)}`
    assert.equal((await gateway.get('/any', field)).status, any, name)
    assert.equal((await gateway.get('/orders', field)).status, orders, `${name}, with a scope`)
  }
})

test('19 a token needs one of the scopes of its route, and more harm nothing', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: {
      'GET /': { uri: origin.url, scopes: ['read', 'admin'] },
      'POST /': { uri: origin.url, scopes: ['write'] },
    },
    jwt: issuer.authorizer,
  })
  const cases: [scope: unknown, get: number, post: number][] = [
    ['read', 200, 403],
    ['write', 403, 200],
    [['read', 'write'], 200, 200],
    ['admin  read write', 200, 200],
    ['read-write', 403, 403],
    ['readwrite', 403, 403],
    [[], 403, 403],
  ]
  for (const name of ['scope', 'scp']) {
    for (const [scope, get, post] of cases) {
      const field = `Authorization: ${issuer.token({ [name]: scope })}`
      const told = `${name} ${JSON.stringify(scope)}`
      assert.equal((await gateway.get('/', field)).status, get, told)
      const refused = await gateway.call('POST', '/', [field])
      assert.equal(refused.status, post, told)
      if (post === 403) {
        assert.match(refused.get('www-authenticate')!, /scope="write" error="insufficient_scope"/)
      }
    }
  }
})
