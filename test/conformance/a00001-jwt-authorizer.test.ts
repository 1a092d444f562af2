/** A route with a JWT authorizer: who has a good token gets through, and everybody else is told what is wrong with theirs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testKey } from '../../src/features/authorize/jwt/token.fake.ts'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { type Issuer, startIssuer } from '../harness/issuer.ts'
import { startEcho } from '../harness/origin.ts'

/** [what is wrong, the token, what the client is told of it, the reason in the log] */
const REFUSED: [name: string, token: (issuer: Issuer) => string, told: string, reason: RegExp][] = [
  ['a word', () => 'hello', 'invalid number of segments', /three segments/],
  ['an encrypted token', () => 'a.b.c.d.e', 'invalid number of segments', /three segments/],
  ['three words', () => 'a.b.c', 'unable to decode the token', /cannot be read/],
  [
    'expired',
    (issuer) => issuer.token({ exp: Math.floor(Date.UTC(2025, 11, 31) / 1000) }),
    'the token has expired',
    /exp is over.*86401 s ago/,
  ],
  [
    'not yet valid',
    (issuer) => issuer.token({ nbf: Math.floor(Date.UTC(2026, 0, 2) / 1000) }),
    'the token is not valid yet',
    /nbf or iat lies ahead.*86399 s ahead/,
  ],
  [
    'issued in the future',
    (issuer) => issuer.token({ iat: Math.floor(Date.UTC(2026, 0, 2) / 1000) }),
    'the token is not valid yet',
    /nbf or iat lies ahead/,
  ],
  [
    'for somebody else',
    (issuer) => issuer.token({ aud: 'bank' }),
    'the token does not have a valid audience',
    /none of the authorizer's audiences/,
  ],
  [
    'of somebody else',
    (issuer) => issuer.token({ iss: 'https://other.example' }),
    'the token does not have a valid issuer',
    /is not the issuer/,
  ],
  [
    'by a key that the issuer does not have',
    (issuer) => issuer.token({}, {}, testKey('RS256', 'other')),
    'kid not found',
    /none of the keys/,
  ],
  [
    'by another key under the same name',
    (issuer) => issuer.token({}, { kid: 'RS256-1' }, testKey('RS256', 'other')),
    'the signature of the token is invalid',
    /not signed by the key/,
  ],
  [
    'by another method than its key is for',
    (issuer) => issuer.token({}, { alg: 'PS256' }),
    'signing method invalid',
    /its key is not for PS256/,
  ],
]

test('a00001 a good token gets through, as the client sent it', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url }, jwt: issuer.authorizer })
  const token = issuer.token()
  for (const value of [`Bearer ${token}`, token, `bearer   ${token}`]) {
    const response = await gateway.get('/', `Authorization: ${value}`)
    assert.equal(response.status, 200, value.slice(0, 8))
    assert.equal(origin.requests.at(-1)!.get('authorization'), value)
  }
  assert.deepEqual(issuer.asked.length, 2, 'the issuer is asked once, for two documents')
})

test('a00001 without a token: 401, and which scheme is expected', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'POST /': origin.url, 'GET /open': { uri: origin.url, open: true } },
    jwt: issuer.authorizer,
    logFormat: '$context.requestId $context.error.responseType $context.authorizer.error',
  })
  for (const fields of [
    [],
    ['Authorization: Bearer'],
    ['Authorization: Bearer '],
    ['X-Token: a'],
  ]) {
    const response = await gateway.call('POST', '/', fields, 'a body that nobody reads')
    assert.equal(response.status, 401)
    assert.equal(response.text, '{"message":"Unauthorized"}')
    assert.equal(response.get('www-authenticate'), 'Bearer')
    assert.equal(response.get('content-type'), 'application/json')
    assert.match(gateway.logLines.at(-1)!, /UNAUTHORIZED The request has no token/)
  }
  assert.equal((await gateway.get('/open')).status, 200)
  assert.deepEqual(issuer.asked, [], 'nobody was asked for keys')
  assert.equal(origin.requests.length, 1)
})

for (const [name, tokenOf, told, reason] of REFUSED) {
  test(`a00001 refused: ${name}`, async (t) => {
    const clock = new TestClock()
    const issuer = await startIssuer(t, { epochMs: () => clock.epochMs() })
    const origin = await startEcho(t)
    const gateway = await startGateway(t, {
      ...{ clock, routes: { 'GET /': origin.url }, jwt: issuer.authorizer },
      logFormat: '$context.requestId $context.authorizer.error',
    })
    const token = tokenOf(issuer)
    const response = await gateway.get('/', `Authorization: Bearer ${token}`)
    assert.equal(response.status, 401)
    assert.equal(response.text, '{"message":"Unauthorized"}')
    assert.equal(
      response.get('www-authenticate'),
      `Bearer scope="" error="invalid_token" error_description="${told}"`,
    )
    assert.match(gateway.logLines[0]!, reason)
    assert.equal(origin.requests.length, 0)
    assert.equal((await gateway.get('/', `Authorization: ${issuer.token()}`)).status, 200)
  })
}
