/**
 * Test 14: what a client says about itself under the gateway's names does not pass, in any spelling.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { startEcho } from '../harness/origin.ts'

const NAMES = [
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Server',
  'X-Forwarded-Client-Cert',
  'Forwarded',
  'X-Real-IP',
  'X-Client-IP',
  'True-Client-IP',
  'X-Cluster-Client-IP',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Amzn-Trace-Id-Fake',
  'X-Amzn-Oidc-Data',
  'x-amzn-apigateway-api-id',
  'X-Envoy-External-Address',
  'apigw-requestid',
  'X-Amzn-Remapped-Host',
]
const SECRET = 'forged-by-client'

/** The name as CGI, WSGI and lenient parsers would still read it. */
function spellings(name: string): string[] {
  return [
    name,
    name.toLowerCase(),
    name.toUpperCase(),
    name.replaceAll('-', '_'),
    name.replaceAll('-', '.'),
    name.replace('-', '_'),
    name.replaceAll('-', '_').toUpperCase(),
  ]
}

test('14 forged identity fields do not reach the origin under any spelling', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const client = await gateway.client()
  for (const name of NAMES) {
    for (const spelling of new Set(spellings(name))) {
      await client.get('/', `${spelling}: ${SECRET}`, `${spelling}: ${SECRET} twice`)
      const seen = origin.requests.at(-1)!.fields.filter(([, value]) => value.includes(SECRET))
      assert.deepEqual(seen, [], spelling)
    }
  }
})

test('14 each field of the gateway stands there once, with its own value', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  await gateway.get(
    '/',
    'X-Forwarded-For: 6.6.6.6',
    'x-forwarded-for: 7.7.7.7',
    'Forwarded: for=6.6.6.6',
    'X-Forwarded-Proto: https',
  )
  const request = origin.requests[0]!
  assert.deepEqual(request.all('x-forwarded-for'), ['127.0.0.1'])
  assert.deepEqual(request.all('x-forwarded-proto'), ['http'])
  assert.equal(request.all('forwarded').length, 1)
  assert.match(request.get('forwarded')!, /for=127\.0\.0\.1;/)
})

test('14 an address in front of a trusted proxy is not believed beyond it', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { $default: origin.url },
    trustedProxies: ['127.0.0.1/32'],
  })
  const CASES = [
    ['6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['203.0.113.9, nonsense', '127.0.0.1'],
    ['203.0.113.9,', '127.0.0.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['1.2.3.4.5', '127.0.0.1'],
    ['203.0.113.9:80', '127.0.0.1'],
  ] as const
  for (const [sent, believed] of CASES) {
    await gateway.get('/', `X-Forwarded-For: ${sent}`)
    assert.equal(origin.requests.at(-1)?.get('x-forwarded-for'), believed, sent)
  }
})

test('14 a field that is mapped from a claim holds the claim, or is not there', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    jwt: issuer.authorizer,
    routes: {
      'GET /': {
        uri: origin.url,
        requestParameters: {
          'overwrite:header.x-user': '$context.authorizer.claims.sub',
          'overwrite:header.x-tenant': '${context.authorizer.claims.tenant}',
          'overwrite:querystring.tenant': '$context.authorizer.claims.tenant',
        },
      },
    },
  })
  const forged = ['X-User', 'X-Tenant'].flatMap(spellings).map((name) => `${name}: ${SECRET}`)
  const target = `/?tenant=${SECRET}&a=1&tenant=${SECRET}`
  for (const claims of [{}, { tenant: null }, { tenant: 'north' }]) {
    await gateway.get(target, `Authorization: ${issuer.token(claims)}`, ...forged)
    const { tenant } = { tenant: null, ...claims }
    const request = origin.requests.at(-1)!
    assert.deepEqual(request.all('x-user'), ['jo'])
    assert.deepEqual(request.all('x-tenant'), tenant === null ? [] : [tenant])
    const kept = request.fields.filter(([, value]) => value.includes(SECRET))
    assert.deepEqual(kept, [], 'under no spelling')
    assert.equal(request.target, tenant === null ? '/?a=1' : '/?a=1&tenant=north')
  }
})
