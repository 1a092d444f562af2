/**
 * Test 20: issuers whose documents are slow, huge, wrong, or lead elsewhere, and floods of unknown keys. Nobody gets in by
 * it, nobody else waits for it, and the issuer is not hammered.
 */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { keySetOf, type TestKey, testKey } from '../../src/features/authorize/jwt/token.fake.ts'
import { type GatewayDescription, startGateway, TestClock } from '../harness/gateway.ts'
import { type Issuer, startIssuer } from '../harness/issuer.ts'
import { ok, startEcho } from '../harness/origin.ts'

const KEY = testKey('RS256')

async function started(t: TestContext, description: GatewayDescription = {}) {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /': origin.url, 'GET /open': { uri: origin.url, open: true } },
    jwt: issuer.authorizer,
    logFormat: '$context.requestId $context.authorizer.error',
    ...description,
  })
  const ask = (token = issuer.token()) => gateway.get('/', `Authorization: ${token}`)
  return { issuer, origin, gateway, ask }
}

/** [what the issuer does, how it is made to, what the log says] */
const BROKEN: [name: string, breakIt: (issuer: Issuer) => void, told: RegExp][] = [
  [
    'a slow discovery document',
    (issuer) => issuer.answerDiscovery(() => undefined),
    /within 120 ms/,
  ],
  ['slow keys', (issuer) => issuer.answerKeys(() => undefined), /keys\S*: no answer within 120 ms/],
  [
    'keys that never end',
    (issuer) => issuer.answerKeys(() => 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{'),
    /within 120 ms/,
  ],
  [
    'keys of 150 001 bytes',
    (issuer) => issuer.answerKeys(() => ok(keySetOf(KEY).padEnd(150_001))),
    /longer than 150000 bytes/,
  ],
  [
    'a gigabyte that is only promised',
    (issuer) =>
      issuer.answerKeys(
        () => `HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n${' '.repeat(200_000)}`,
      ),
    /longer than 150000 bytes/,
  ],
  [
    'an error with good keys in it',
    (issuer) => issuer.answerKeys(() => ok(keySetOf(KEY)).replace('200 OK', '500 No')),
    /status 500/,
  ],
  [
    'a redirect to the metadata of the cloud',
    (issuer) => issuer.answerKeys(redirect('http://169.254.169.254/latest/meta-data/')),
    /status 302; redirects are not followed/,
  ],
  [
    'a redirect of the discovery document',
    (issuer) => issuer.answerDiscovery(redirect('http://127.0.0.1:1/')),
    /status 302/,
  ],
  [
    'keys at the metadata of the cloud',
    (issuer) => issuer.answerDiscovery(discoveryOf(issuer, 'https://169.254.169.254/keys')),
    /address 169\.254\.169\.254 is not public/,
  ],
  [
    'keys in a private network',
    (issuer) => issuer.answerDiscovery(discoveryOf(issuer, 'https://10.0.0.1/keys')),
    /address 10\.0\.0\.1 is not public/,
  ],
  [
    'keys at an address in disguise',
    (issuer) => issuer.answerDiscovery(discoveryOf(issuer, 'https://0xa9fea9fe/keys')),
    /address 169\.254\.169\.254 is not public/,
  ],
  [
    'keys at an IPv6 address that holds another',
    (issuer) => issuer.answerDiscovery(discoveryOf(issuer, 'https://[::ffff:169.254.169.254]/')),
    /is not public/,
  ],
  [
    'keys over http elsewhere',
    (issuer) => issuer.answerDiscovery(discoveryOf(issuer, 'http://keys.example/')),
    /is not https/,
  ],
  [
    'a file',
    (issuer) => issuer.answerDiscovery(discoveryOf(issuer, 'file:///etc/passwd')),
    /https/,
  ],
  [
    'the document of another issuer',
    (issuer) => issuer.answerDiscovery(() => issuer.discovery({ issuer: 'https://other.example' })),
    /it is of the issuer \S*https:\/\/other\.example/,
  ],
  ['keys that are a page', (issuer) => issuer.answerKeys(() => ok('<html>')), /no key set/],
  [
    'too many keys',
    (issuer) => {
      const keys = Array.from({ length: 101 }, (_, i) => ({ ...KEY.published, kid: `${i}` }))
      issuer.answerKeys(() => ok(JSON.stringify({ keys: [KEY.published, ...keys] })))
    },
    /more than 100 keys/,
  ],
]

function redirect(to: string) {
  return () => `HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`
}

function discoveryOf(issuer: Issuer, keysAddress: string) {
  return () => issuer.discovery({ jwks_uri: keysAddress })
}

for (const [name, breakIt, told] of BROKEN) {
  test(`20 ${name}: everybody with a token is refused, the others are served`, async (t) => {
    const { issuer, origin, gateway, ask } = await started(t, { limits: { issuerTimeoutMs: 120 } })
    breakIt(issuer)
    const [refused, open] = await Promise.all([ask(), gateway.get('/open')])
    assert.equal(open.status, 200)
    assert.equal(refused.status, 401)
    assert.doesNotMatch(refused.get('www-authenticate')!, /issuer|keys|169|https/)
    assert.ok(
      gateway.logLines.some((line) => told.test(line)),
      gateway.logLines.join('\n'),
    )
    assert.equal((await ask()).status, 401)
    assert.equal(origin.requests.length, 1)
  })
}

/** A key as its issuer publishes it, changed. */
function published(changes: object, key = KEY): TestKey {
  return { ...key, published: { ...key.published, ...changes } }
}

function weak(modulusLength: number): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
  const members = { ...publicKey.export({ format: 'jwk' }), kid: 'weak', use: 'sig' }
  return { id: 'weak', algorithm: 'RS256', privateKey, published: members }
}

const BAD_KEYS: [name: string, key: TestKey][] = [
  ['to encrypt with', published({ use: 'enc' })],
  ['of another type', published({ kty: 'EC' })],
  ['that is a secret', published({ kty: 'oct', k: 'c2VjcmV0' })],
  ['for another algorithm', published({ alg: 'RS512' })],
  ['for PSS', published({ alg: 'PS256' })],
  ['for other operations', published({ key_ops: ['encrypt', 'wrapKey'] })],
  ['whose secret half is published', published(KEY.privateKey.export({ format: 'jwk' }))],
  ['without an id', published({ kid: undefined })],
  ['of 512 bits', weak(512)],
  ['of 1024 bits', weak(1024)],
]

for (const [name, key] of BAD_KEYS) {
  test(`20 a key ${name} opens nothing`, async (t) => {
    const { issuer, ask } = await started(t)
    issuer.keys = [key, testKey('ES256')]
    assert.equal((await ask()).status, 401)
    const good = issuer.token({}, {}, testKey('ES256'))
    assert.equal((await ask(good)).status, 200, 'the key beside it does')
  })
}

test('20 one id for two keys: each signs for itself', async (t) => {
  const other = testKey('RS256', 'other')
  const twin = published({ kid: KEY.id }, other)
  const { issuer, ask } = await started(t)
  issuer.keys = [KEY, twin]
  const attacker = testKey('RS256', 'attacker')
  const sign = (key: TestKey) => issuer.token({}, { kid: KEY.id }, key)
  assert.equal((await ask(sign(KEY))).status, 200)
  assert.equal((await ask(sign(other))).status, 200)
  assert.equal((await ask(sign(attacker))).status, 401)
})

test('20 a flood of unknown key ids asks the issuer hardly ever', async (t) => {
  const clock = new TestClock()
  const issuer = await startIssuer(t, { epochMs: () => clock.epochMs() })
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    ...{ clock, routes: { 'GET /': origin.url }, jwt: issuer.authorizer },
  })
  const clients = await Promise.all(Array.from({ length: 8 }, () => gateway.client()))
  const unsigned = `${'A'.repeat(342)}`
  const forged = (kid: string) => {
    const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid })).toString('base64url')
    const claims = Buffer.from(JSON.stringify(issuer.claims())).toString('base64url')
    return `Authorization: ${header}.${claims}.${unsigned}`
  }
  const good = `Authorization: ${issuer.token()}`
  for (let round = 0; round < 50; round++) {
    clock.advanceDate(1_000)
    const answers = await Promise.all([
      ...clients.slice(1).map((client, i) => client.get('/', forged(`${round} ${i}`))),
      clients[0]!.get('/', good),
    ])
    const statuses = answers.map((answer) => answer.status)
    assert.deepEqual(statuses, [...Array(clients.length - 1).fill(401), 200])
  }
  assert.ok(issuer.keysAsked <= 11, `${issuer.keysAsked} questions in 50 s`)
})

test('20 keys that change in the middle of everything', async (t) => {
  const clock = new TestClock()
  const keys = ['ES256-1', 'ES256-2', 'ES256-3'].map((id) => testKey('ES256', id))
  const issuer = await startIssuer(t, { keys: keys.slice(0, 1), epochMs: () => clock.epochMs() })
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    ...{ clock, routes: { 'GET /': origin.url }, jwt: issuer.authorizer },
  })
  const clients = await Promise.all(Array.from({ length: 6 }, () => gateway.client()))
  const ask = (key: TestKey) =>
    Promise.all(
      clients.map(async (client, i) => {
        const token = issuer.token({ jti: `${key.id} ${i % 3}` }, {}, key)
        return (await client.get('/', `Authorization: ${token}`)).status
      }),
    )
  for (const [i, key] of keys.entries()) {
    issuer.keys = keys.slice(Math.max(0, i - 1), i + 1)
    clock.advanceDate(5_000)
    assert.deepEqual(new Set(await ask(key)), new Set([200]))
    if (i > 0) assert.deepEqual(new Set(await ask(keys[i - 1]!)), new Set([200]), 'the one before')
    if (i > 1) assert.deepEqual(new Set(await ask(keys[i - 2]!)), new Set([401]), 'two before')
  }
})

test('20 keys serve while the issuer is down, for a while, and then nothing passes', async (t) => {
  const clock = new TestClock()
  const issuer = await startIssuer(t, { epochMs: () => clock.epochMs() })
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    ...{ clock, routes: { 'GET /': origin.url }, jwt: issuer.authorizer },
    limits: { issuerKeysMs: 60_000, issuerKeysStaleMs: 120_000, issuerRetryMs: 5_000 },
  })
  let count = 0
  const ask = async () => {
    const field = `Authorization: ${issuer.token({ jti: `${count++}` })}`
    return (await gateway.get('/', field)).status
  }
  assert.equal(await ask(), 200)
  issuer.fall()
  const asked = issuer.asked.length
  for (let second = 1; second < 120; second++) {
    clock.advanceDate(1_000)
    assert.equal(await ask(), 200, `${second} s`)
  }
  assert.ok(issuer.asked.length - asked <= 19, 'from half of the age on, once in five seconds')
  clock.advanceDate(1_000)
  for (let second = 120; second < 140; second++) {
    assert.equal(await ask(), 401, `${second} s`)
    clock.advanceDate(1_000)
  }
  const reached = origin.requests.length
  issuer.rise()
  clock.advanceDate(5_000)
  assert.equal(await ask(), 200)
  assert.equal(origin.requests.length, reached + 1)
})
