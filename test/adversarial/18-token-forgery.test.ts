/**
 * Test 18: tokens that somebody made up. Each is refused with 401, none reaches the origin, and a good one still passes.
 */

import assert from 'node:assert/strict'
import { constants, createPublicKey, privateEncrypt } from 'node:crypto'
import { test } from 'node:test'
import {
  ALGORITHM_NAMES,
  base64url,
  signSegments,
  signToken,
  signWithSecret,
  testKey,
} from '../../src/features/authorize/jwt/token.fake.ts'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { type Issuer, startIssuer } from '../harness/issuer.ts'
import { startEcho } from '../harness/origin.ts'

const RSA = testKey('RS256')
const EC = testKey('ES256')
const ATTACKER = testKey('RS256', 'attacker')

/** Of other registries, other purposes, or by another spelling. */
const UNKNOWN_ALGORITHMS = [
  ...['HS384', 'HS512', 'ES256K', 'RS1', 'RSA-OAEP', 'RSA-OAEP-256', 'dir', 'A128KW'],
  ...['A256GCM', 'PBES2-HS256+A128KW', 'ML-DSA-65', 'rs256', 'RS256 ', 'RS-256', 'SHA256withRSA'],
  ...['__proto__', 'constructor', 'toString'],
]

/** What only the holder of the key can make, but no signature: blocks that are not padded as they have to be. */
function paddings(): string[] {
  const digest = Buffer.alloc(32, 7)
  const information = Buffer.from('3031300d060960864801650304020105000420', 'hex')
  const blocks = [
    [0, 1, 8, information, digest, Buffer.alloc(194)],
    [0, 1, 0, information, digest, Buffer.alloc(202)],
    [0, 2, 202, information, digest],
    [0, 1, 221, digest],
    [1, 1, 202, information, digest],
    [0, 1, 253],
  ] as const
  return blocks.map(([first, type, ones, ...rest]) => {
    const start = Buffer.from([first, type, ...Array<number>(ones).fill(0xff), 0])
    const block = Buffer.concat([start, ...rest])
    assert.equal(block.length, 256)
    const how = { key: RSA.privateKey, padding: constants.RSA_NO_PADDING }
    return privateEncrypt(how, block).toString('base64url')
  })
}

function unsigned(issuer: Issuer, header: object, signature = ''): string {
  const claims = base64url(JSON.stringify(issuer.claims()))
  return `${base64url(JSON.stringify({ kid: RSA.id, ...header }))}.${claims}.${signature}`
}

function confused(issuer: Issuer): string[] {
  const key = createPublicKey({ key: RSA.published, format: 'jwk' })
  const pem = key.export({ type: 'spki', format: 'pem' }) as string
  const secrets: (string | Buffer)[] = [
    ...[pem, pem.trimEnd(), pem.replaceAll('\n', '\r\n'), pem.split('\n').slice(1, -2).join('')],
    key.export({ type: 'pkcs1', format: 'pem' }) as string,
    key.export({ type: 'spki', format: 'der' }),
    ...[JSON.stringify(RSA.published), RSA.published.n!],
    Buffer.from(RSA.published.n!, 'base64url'),
  ]
  return secrets.flatMap((secret) =>
    ['HS256', 'RS256', 'PS256'].map((alg) =>
      signWithSecret(secret, issuer.claims(), { alg, kid: RSA.id }),
    ),
  )
}

function times(issuer: Issuer): string[] {
  const now = Number(issuer.claims()['iat']) + 10
  const changes = [
    ...[now - 30, now - 31, now - 3_600, 0, -1, -now, 0.5, 1e-300].map((exp) => ({ exp })),
    ...[`${now + 60}`, 'never', '', null, true, [now + 60], {}, 1e20, 1e308].map((exp) => ({
      exp,
    })),
    ...[now + 31, now + 3_600, -1, `${now}`, null, [], 1e20].map((nbf) => ({ nbf })),
    ...[now + 31, now + 3_600, -1, `${now}`, null, false, 1e20].map((iat) => ({ iat })),
  ]
  const digits = JSON.stringify(issuer.claims({ exp: 1 }))
  return [
    ...changes.map((change) => issuer.token(change)),
    signToken(RSA, issuer.claims({ exp: undefined })),
    ...[
      `${'9'.repeat(400)}`,
      `${'9'.repeat(5_000)}`,
      '1e999',
      '-1e999',
      `0.${'9'.repeat(900)}`,
    ].map((exp) =>
      signSegments(
        RSA,
        JSON.stringify({ alg: 'RS256', kid: RSA.id }),
        digits.replace('"exp":1', `"exp":${exp}`),
      ),
    ),
  ]
}

function forgeries(issuer: Issuer): string[] {
  const good = issuer.token()
  const [header, claims, signature] = good.split('.') as [string, string, string]
  const twice = JSON.stringify(issuer.claims()).replace('{', '{"sub":"admin",')
  return [
    ...['none', 'None', 'NONE', 'nOnE', 'null', '', 'HS256', ...UNKNOWN_ALGORITHMS].flatMap(
      (alg) => [unsigned(issuer, { alg }), unsigned(issuer, { alg }, signature)],
    ),
    ...paddings().map((forged) => unsigned(issuer, { alg: 'RS256' }, forged)),
    unsigned(issuer, { alg: null }, signature),
    unsigned(issuer, { alg: ['RS256'] }, signature),
    unsigned(issuer, { alg: 'RS256' }),
    unsigned(issuer, { alg: 'RS256' }, 'AA'),
    ...confused(issuer),
    ...ALGORITHM_NAMES.filter((alg) => alg !== 'RS256').map((alg) => issuer.token({}, { alg })),
    ...ALGORITHM_NAMES.map((alg) =>
      signToken(testKey(alg, `attacker ${alg}`), issuer.claims(), { kid: RSA.id }),
    ),
    signToken(EC, issuer.claims(), { kid: RSA.id, alg: 'RS256' }),
    ...[
      '../../dev/null',
      '/etc/passwd',
      "x' UNION SELECT 'k",
      'https://attacker.example/k',
      '',
      '*',
    ]
      .concat(['__proto__', 'constructor', `${RSA.id} `, RSA.id.toLowerCase(), 'k'.repeat(4_000)])
      .map((kid) => signToken(ATTACKER, issuer.claims(), { kid })),
    ...[7, null, [RSA.id], { $ne: '' }].map((kid) => signToken(RSA, issuer.claims(), { kid })),
    ...['jku', 'x5u'].map((name) =>
      signToken(ATTACKER, issuer.claims(), { kid: RSA.id, [name]: `${issuer.url}/attacker` }),
    ),
    signToken(ATTACKER, issuer.claims(), { kid: RSA.id, jwk: ATTACKER.published }),
    signToken(ATTACKER, issuer.claims(), { jwk: ATTACKER.published }),
    signToken(RSA, issuer.claims(), { crit: ['exp'] }),
    signToken(RSA, issuer.claims(), { crit: ['b64'], b64: false }),
    signToken(RSA, issuer.claims(), { b64: false }),
    signSegments(RSA, '{"alg":"RS256","kid":"RS256-1"}', twice),
    signSegments(
      RSA,
      '{"alg":"none","alg":"RS256","kid":"RS256-1"}',
      JSON.stringify(issuer.claims()),
    ),
    signSegments(RSA, '{"alg":"RS256","kid":"RS256-1"}', good),
    signSegments(RSA, '{"alg":"RS256","kid":"RS256-1","cty":"JWT"}', JSON.stringify(good)),
    `${header}.${claims}.${signature}.`,
    `.${good}`,
    `${header}..${claims}.${signature}`,
    `${header}.${base64url(JSON.stringify(issuer.claims({ sub: 'admin' })))}.${signature}`,
    `${good}=`,
    `${header}=.${claims}.${signature}`,
    good.replaceAll('.', '%2E'),
    good.toLowerCase(),
    `${good} ${good}`,
    `"${good}"`,
    JSON.stringify({ payload: claims, protected: header, signature }),
    'a'.repeat(8_000),
    '.'.repeat(8_000),
    `${header}.${'A'.repeat(7_000)}.${signature}`,
    ...times(issuer),
  ]
}

test('18 nothing that was made up passes', async (t) => {
  const clock = new TestClock()
  const issuer = await startIssuer(t, { keys: [RSA, EC], epochMs: () => clock.epochMs() })
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    ...{ clock, routes: { $default: origin.url }, jwt: issuer.authorizer },
  })
  const client = await gateway.client()
  const tokens = forgeries(issuer)
  for (const round of [1, 2]) {
    for (const token of tokens) {
      const response = await client.get('/', `Authorization: Bearer ${token}`)
      assert.equal(response.status, 401, `round ${round}: ${token.slice(0, 200)}`)
      assert.equal(response.text, '{"message":"Unauthorized"}')
    }
  }
  assert.equal(origin.requests.length, 0)
  assert.ok(tokens.length > 120, `${tokens.length} forgeries`)
  assert.deepEqual(
    issuer.asked.filter((target) => target.includes('attacker')),
    [],
  )
  const good = `Authorization: Bearer ${issuer.token()}`
  assert.equal((await client.get('/', good)).status, 200)
})

test('18 the edges of the leeway are where the limits say', async (t) => {
  const clock = new TestClock()
  clock.advanceDate(-1_000)
  const issuer = await startIssuer(t, { epochMs: () => clock.epochMs() })
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    ...{ clock, routes: { $default: origin.url }, jwt: issuer.authorizer },
  })
  const now = Math.floor(clock.epochMs() / 1000)
  const cases = [
    [{ exp: now - 29 }, 200],
    [{ exp: now - 29.999 }, 200],
    [{ exp: now - 30 }, 401],
    [{ nbf: now + 30 }, 200],
    [{ nbf: now + 30.001 }, 401],
    [{ iat: now + 30 }, 200],
    [{ iat: now + 31 }, 401],
  ] as const
  for (const [changes, status] of cases) {
    const field = `Authorization: ${issuer.token(changes)}`
    assert.equal((await gateway.get('/', field)).status, status, JSON.stringify(changes))
  }
})

test('18 a megabyte in the place of a token is refused before it is read', async (t) => {
  const issuer = await startIssuer(t)
  const gateway = await startGateway(t, {
    ...{ routes: { $default: 'http://127.0.0.1:1' }, jwt: issuer.authorizer },
  })
  const response = await gateway.get('/', `Authorization: Bearer ${'a'.repeat(1_000_000)}`)
  assert.equal(response.status, 431)
})
