/**
 * Test 13: which API or custom domain name a Host field selects, among more than a hundred, and what the name of the TLS
 * handshake has to do with it.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type DomainDescription, startGateway, type TestGateway } from '../harness/gateway.ts'
import { getNamed, localTls } from '../harness/local-tls.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const APIS = 120

function apiId(index: number): string {
  return `api${String(index).padStart(7, '0')}`
}

async function startMany(t: TestContext): Promise<TestGateway> {
  const origin = await startEcho(t)
  const stages = Array.from({ length: APIS }, (_, index) => ({
    apiId: apiId(index),
    routes: { $default: `${origin.url}/${apiId(index)}` },
  }))
  return startGateway(t, { stages })
}

test('13 case, trailing dot and port make no difference, at any number of APIs', async (t) => {
  const gateway = await startMany(t)
  const client = await gateway.client()
  for (let index = 0; index < APIS; index++) {
    const name = `${apiId(index)}.execute-api.localhost`
    const host = [
      name,
      name.toUpperCase(),
      `${name}.`,
      `${name}:8080`,
      `${name.toUpperCase()}.:80`,
    ][index % 5]
    const echo = (await client.get('/x', `Host: ${host}`)).json as Echo
    assert.equal(echo.target, `/${apiId(index)}/x`, host)
  }
})

const NOBODY = [
  'localhost',
  '127.0.0.1',
  '[::1]',
  'execute-api.localhost',
  '.execute-api.localhost'.slice(1),
  'api0000000',
  'api0000000.localhost',
  'xapi0000000.execute-api.localhost',
  'x.api0000000.execute-api.localhost',
  'api0000000x.execute-api.localhost',
  'xn--api0000000-x.execute-api.localhost',
  'api0000000-vpce.execute-api.localhost',
  '__proto__.execute-api.localhost',
  'constructor.execute-api.localhost',
]

test('13 names that only resemble an API belong to nobody', async (t) => {
  const gateway = await startMany(t)
  for (const host of NOBODY) {
    const response = await gateway.get('/x', `Host: ${host}`)
    assert.equal(response.status, 404, host)
    assert.equal(response.text, '{"message":"Not Found"}')
  }
})

test('13 hosts that are none are refused', async (t) => {
  const gateway = await startMany(t)
  const name = `${apiId(0)}.execute-api.localhost`
  for (const host of [
    `${name}..`,
    `a..${name}`,
    `${name}:`.repeat(2),
    `${name}:x`,
    `u@${name}`,
    `${name}/x`,
    `[${name}]`,
    '[::1',
    `${name} x`,
    `\xe9.${name}`,
  ]) {
    const response = await gateway.get('/x', `Host: ${host}`)
    assert.equal(response.status, 400, host)
  }
})

const DOMAINS = 150

/** The API of the index-th domain; a domain leads to the API with its own number. */
function domainNames(): string[] {
  const special = ['*.example.com', 'xn--bcher-kva.example.com', '*.b.example.com', 'example.com']
  return Array.from({ length: DOMAINS }, (_, i) => special[i] ?? `shop-${i}.example.com`)
}

function domainsOf(names: readonly string[]): DomainDescription[] {
  return names.map((domainName, index) => ({
    domainName,
    mappings: [{ key: '', apiId: apiId(index), stageName: '$default' }],
  }))
}

async function startDomains(t: TestContext, names: readonly string[]): Promise<TestGateway> {
  const origin = await startEcho(t)
  const stages = names.map((_, index) => ({
    apiId: apiId(index),
    disableExecuteApiEndpoint: true,
    routes: { $default: `${origin.url}/${index}` },
  }))
  return startGateway(t, { stages, domains: domainsOf(names) })
}

test('13 more than a hundred domains: exact beats wildcard, and spelling makes no difference', async (t) => {
  const names = domainNames()
  const gateway = await startDomains(t, names)
  const client = await gateway.client()
  const CASES: (readonly [host: string, domain: string])[] = [
    ['a.example.com', '*.example.com'],
    ['A.EXAMPLE.COM.:443', '*.example.com'],
    ['XN--BCHER-KVA.example.com', 'xn--bcher-kva.example.com'],
    ['xn--bcher-kva.example.com.', 'xn--bcher-kva.example.com'],
    ['b.example.com', '*.example.com'],
    ['a.b.example.com', '*.b.example.com'],
    ['example.com:80', 'example.com'],
    ['xn--other.example.com', '*.example.com'],
    ...names.slice(4).map((name) => [name, name] as const),
  ]
  for (const [host, domain] of CASES) {
    const echo = (await client.get('/x', `Host: ${host}`)).json as Echo
    assert.equal(echo.target, `/${names.indexOf(domain)}/x`, host)
  }
})

test('13 names that only resemble a domain belong to nobody', async (t) => {
  const gateway = await startDomains(t, domainNames())
  const nobody = [
    'a.a.example.com',
    'a.b.b.example.com',
    'aexample.com',
    'example.com.evil.test',
    'example.co',
    'com',
    '127.0.0.1',
    '[::1]',
    '[::ffff:1.2.3.4]',
    'localhost',
    '__proto__',
    'constructor',
  ]
  for (const host of nobody) {
    assert.equal((await gateway.get('/x', `Host: ${host}`)).status, 404, host)
  }
  for (const host of ['*.example.com', 'bücher.example.com', '.example.com..', 'a.example.com:x']) {
    const { status } = await gateway.get('/x', `Host: ${Buffer.from(host).toString('latin1')}`)
    assert.ok(status === 400 || status === 404 || host === '*.example.com', `${host} → ${status}`)
  }
})

/** [handshake, Host, status]; the access modes of the domains are below. */
const NAMED: readonly (readonly [serverName: string | undefined, host: string, status: number])[] =
  [
    ['one.localhost', 'one.localhost', 200],
    ['ONE.localhost', 'One.LOCALHOST.:8443', 200],
    ['one.localhost', 'two.localhost', 421],
    ['two.localhost', 'one.localhost', 421],
    ['one.localhost', 'localhost', 421],
    ['one.localhost', 'one1one1on.execute-api.localhost', 421],
    ['localhost', 'one.localhost', 421],
    ['one1one1on.execute-api.localhost', 'one.localhost', 421],
    [undefined, 'one.localhost', 200],
    [undefined, 'two.localhost', 421],
    ['two.localhost', 'two.localhost', 200],
    ['a.wild.localhost', 'b.wild.localhost', 200],
    ['a.strict.localhost', 'a.strict.localhost', 200],
    ['a.strict.localhost', 'b.strict.localhost', 421],
    ['a.wild.localhost', 'one.localhost', 421],
  ]

test('13 the handshake names the domain that the Host field names, or the answer is 421', async (t) => {
  const origin = await startEcho(t)
  const pair = await localTls(t)
  const mappings = [{ key: '', apiId: 'one1one1on', stageName: '$default' }]
  const strict = { endpointAccessMode: 'STRICT', mappings } as const
  const gateway = await startGateway(t, {
    ...{ apiId: 'one1one1on', routes: { $default: origin.url }, tls: pair },
    domains: [
      { domainName: 'one.localhost', mappings },
      { domainName: 'two.localhost', ...strict },
      { domainName: '*.wild.localhost', mappings },
      { domainName: '*.strict.localhost', ...strict },
    ],
  })
  const port = await gateway.plane.listenHttps({ port: 0, host: '127.0.0.1' })
  for (const [serverName, host, status] of NAMED) {
    const answer = await getNamed({ port, serverName, host })
    assert.equal(answer.status, status, `${serverName} and ${host}: ${answer.body}`)
    if (status === 421) assert.equal(answer.body, '{"message":"Misdirected Request"}')
  }
  // Without TLS there is no handshake to compare with.
  assert.equal((await gateway.get('/', 'Host: one.localhost')).status, 200)
  const refused = await gateway.get('/', 'Host: two.localhost')
  assert.deepEqual([refused.status, refused.text], [403, '{"message":"Forbidden"}'])
  assert.equal(gateway.explain(refused).reasonCode, 'TLS_REQUIRED')
})
