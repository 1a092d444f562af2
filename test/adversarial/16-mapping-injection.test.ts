/**
 * Test 16: mapped values cannot split a message, and mapping cannot touch the reserved names.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { ok, startEcho, startServing } from '../harness/origin.ts'

const RESERVED = [
  'access-control-allow-origin',
  'apigw-requestid',
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-location',
  'forwarded',
  'keep-alive',
  'origin',
  'proxy-authenticate',
  'te',
  'transfer-encoding',
  'upgrade',
  'x-amz-date',
  'x-amzn-trace-id',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'via',
  'Transfer-Encoding',
  'X-AMZN-Foo',
]

test('16 a mapping onto a reserved name refuses to deploy', async (t) => {
  const gateway = await startGateway(t, { routes: {} })
  for (const name of RESERVED) {
    for (const op of ['append', 'overwrite', 'remove']) {
      const requestParameters = { [`${op}:header.${name}`]: op === 'remove' ? "''" : 'x' }
      assert.throws(
        () =>
          gateway.apply({ routes: { 'GET /': { uri: 'http://127.0.0.1:1/', requestParameters } } }),
        new RegExp(name, 'i'),
        `${op} ${name}`,
      )
    }
  }
})

const ATTACKS = [
  '%0d%0aX-Injected:%20yes',
  '%0aX-Injected:%20yes',
  '%0d',
  '%00',
  'a%0d%0a%0d%0aGET%20/inner%20HTTP/1.1%0d%0aHost:%20a%0d%0a%0d%0a',
  '%01',
  '%7f',
]

test('16 control characters in mapped values end the call', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    stageVariables: { safe: 'ok' },
    routes: {
      'POST /{id}': {
        uri: `${origin.url}/fixed`,
        requestParameters: {
          'overwrite:header.x-query': '$request.querystring.q',
          'overwrite:header.x-path': 'p-${request.path.id}',
          'overwrite:header.x-body': '$request.body.v',
        },
      },
    },
  })
  for (const attack of ATTACKS) {
    for (const [target, body] of [
      [`/a?q=${attack}`, '{}'],
      [`/a${attack}`, '{}'],
      ['/a', JSON.stringify({ v: decodeURIComponent(attack) })],
    ] as const) {
      const response = await gateway.call('POST', target, [], body)
      assert.ok([400, 500].includes(response.status), `${target} ${body} → ${response.status}`)
    }
  }
  assert.equal(origin.requests.length, 0)
})

test('16 a mapped path or query stays a path or query', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: {
      'GET /path': {
        uri: origin.url,
        requestParameters: { 'overwrite:path': '/x/${request.querystring.q}' },
      },
      'GET /query': {
        uri: origin.url,
        requestParameters: { 'overwrite:querystring.k': '$request.querystring.q' },
      },
    },
  })
  for (const attack of [
    ...ATTACKS,
    '..%2f..%2fadmin',
    '%3fa=b',
    '%23a',
    '%26admin=1',
    'a%20HTTP/1.1',
    '%5c..%5c',
    '%25%30%30',
    '%C3%A4',
  ]) {
    await gateway.get(`/path?q=${attack}`)
    await gateway.get(`/query?q=${attack}`)
  }
  for (const request of origin.requests) {
    const { pathname, searchParams } = new URL(request.target, 'http://o')
    assert.ok(pathname.startsWith('/x/') || pathname === '/', request.target)
    if (pathname === '/')
      assert.deepEqual([...searchParams.keys()].toSorted(), ['k', 'q'], request.target)
    assert.equal(request.get('x-injected'), undefined)
  }
  assert.ok(origin.requests.length > 5)
})

test('16 values of an origin cannot split the response', async (t) => {
  const origin = await startServing(t, () => ok('{"v":"a\\r\\nSet-Cookie: b"}'))
  const responseParameters = { 200: { 'append:header.x-value': '$response.body.v' } }
  const gateway = await startGateway(t, {
    routes: { 'GET /': { uri: origin.url, responseParameters } },
  })
  const response = await gateway.get('/')
  assert.ok([500, 502, 503].includes(response.status), String(response.status))
  assert.equal(response.get('set-cookie'), undefined)
})

test('16 claims cannot split the request, wherever they are mapped to', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const claim = '${context.authorizer.claims.name}'
  const keys = ['overwrite:header.x-name', 'overwrite:path', 'overwrite:querystring.n']
  const gateway = await startGateway(t, {
    jwt: issuer.authorizer,
    routes: Object.fromEntries(
      keys.map((key, i) => [
        `GET /${i}`,
        {
          uri: origin.url,
          requestParameters: { [key]: key.endsWith('path') ? `/${claim}` : claim },
        },
      ]),
    ),
  })
  for (const attack of [
    ...ATTACKS.map(decodeURIComponent),
    ['a\r\nX-Injected: yes'],
    { a: '\n' },
  ]) {
    const field = `Authorization: ${issuer.token({ name: attack })}`
    for (const i of keys.keys()) await gateway.get(`/${i}`, field)
    const header = await gateway.get('/0', field)
    const isText = typeof attack !== 'string' && !Array.isArray(attack)
    assert.equal(header.status, isText ? 200 : 400, JSON.stringify(attack))
  }
  for (const request of origin.requests) {
    assert.equal(request.get('x-injected'), undefined)
    assert.match(request.target, /^\/[\w%.{}:"-]*(\?n=[^&\s]*)?$/)
  }
  assert.ok(origin.requests.length > ATTACKS.length, 'queries and paths arrive encoded')
})
