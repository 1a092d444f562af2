/**
 * Every row of the table of reasons is provoked over the wire, in one gateway, and explain tells of that very reason. A new
 * row without a case fails to compile here, and fails the test.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { SessionSeal } from '../../src/aws/iam-identity/session-token.ts'
import {
  CLIENT_AUTHENTICATION,
  type FakeCertificate,
  fakeCertificate,
} from '../../src/certificates/authority.fake.ts'
import type { IamDocument, IamIdentity } from '../../src/domain/iam.ts'
import type { LinkDocument } from '../../src/domain/link.ts'
import { REASON_CODES, REASONS, type ReasonCode } from '../../src/observability/explain/reasons.ts'
import { documentOf, groupOf, LISTENER, UNCHECKED } from '../harness/balancing.ts'
import { type StageDescription, startGateway, type TestGateway } from '../harness/gateway.ts'
import { type Issuer, startIssuer } from '../harness/issuer.ts'
import { localTls } from '../harness/local-tls.ts'
import type { Message } from '../harness/message.ts'
import { type Origin, ok, startOrigin } from '../harness/origin.ts'
import { type ApiCall, sendTo, signCall } from '../harness/signed-call.ts'

/** What a client sees of an answer, by whatever way it came. */
type Answer = Pick<Message, 'status' | 'get'>

interface World {
  readonly t: TestContext
  readonly gateway: TestGateway
  readonly issuer: Issuer
  readonly tlsPort: number
}

type Provoke = (world: World) => Promise<Answer>

const ACCOUNT = '123456789012'
const MAIN = 'main000000'
const TOKENS = 'tokens0000'
const SIGNED = 'signed0000'
const NEVER = { ratePerSecond: 0.001, burst: 1 }
/** Calls of one account that are let in; the whole table needs fewer. */
const ACCOUNT_BURST = 400

const CASES: Readonly<Record<ReasonCode, Provoke>> = {
  API_NOT_FOUND: get('/', 'nobody000x'),
  ENDPOINT_DISABLED: get('/', 'hidden0000'),
  STAGE_NOT_FOUND: get('/test/', 'staged0000'),
  ROUTE_NOT_FOUND: get('/nowhere'),
  PATH_REFUSED: get('/a/../b'),
  HEAD_INVALID: raw('GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n'),
  BODY_INVALID: raw(
    `POST /echo HTTP/1.1\r\nHost: ${hostOf(MAIN)}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
  ),
  MAPPED_VALUE_INVALID: get('/mapped?a=b%0Ac'),

  TOKEN_MISSING: get('/', TOKENS),
  TOKEN_NOT_A_JWT: bearer(() => 'opaque'),
  TOKEN_MALFORMED: bearer(() => 'a.b.c'),
  TOKEN_ALGORITHM_REFUSED: bearer(({ issuer }) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    return `${part({ alg: 'none' })}.${part(issuer.claims())}.`
  }),
  TOKEN_ISSUER_WRONG: bearer(({ issuer }) => issuer.token({ iss: 'https://other.test' })),
  TOKEN_AUDIENCE_WRONG: bearer(({ issuer }) => issuer.token({ aud: 'bakery' })),
  TOKEN_EXPIRED: bearer(({ issuer }) => issuer.token({ exp: 1_577_836_800, nbf: 1, iat: 1 })),
  TOKEN_NOT_YET_VALID: bearer(({ issuer }) =>
    issuer.token({ nbf: 32_503_680_000, exp: 32_503_680_001 }),
  ),
  TOKEN_KEY_UNKNOWN: bearer(({ issuer }) => issuer.token({}, { kid: 'lost' })),
  TOKEN_SIGNATURE_WRONG: bearer(({ issuer }) => {
    const [head, , signature] = issuer.token().split('.')
    return [head, issuer.token({ sub: 'eve' }).split('.')[1], signature].join('.')
  }),
  ISSUER_UNREACHABLE: bearer(
    ({ issuer }) => issuer.token({ iss: 'http://127.0.0.1:1' }),
    'lonely0000',
  ),
  SCOPE_MISSING: bearer(({ issuer }) => issuer.token({ scope: 'read' }), TOKENS, '/scoped'),

  IAM_CREDENTIALS_MISSING: get('/', SIGNED),
  IAM_SIGNATURE_MALFORMED: get('/', SIGNED, 'Authorization: Bearer abc'),
  IAM_SCOPE_WRONG: signed('ada', { options: { service: 's3' } }),
  IAM_TIME_WRONG: signed('ada', { options: { epochMs: Date.now() - 3_600_000 } }),
  IAM_KEY_UNKNOWN: signed('nobody'),
  IAM_KEY_INACTIVE: signed('idle'),
  IAM_SESSION_INVALID: signed('ada', { key: { accessKeyId: 'ASPOX', sessionToken: 'made up' } }),
  IAM_SESSION_EXPIRED: expiredSession,
  IAM_SIGNATURE_WRONG: signed('ada', { key: { secretAccessKey: 'another' } }),
  IAM_BODY_CHANGED: async ({ gateway }) => {
    const call = { method: 'POST', body: 'signed' }
    const request = await sign('ada', call, { options: { checksum: true } })
    return sendTo(gateway, { ...request, body: Buffer.from('forged') })
  },
  IAM_DENIED: signed('denied'),
  IAM_NOT_ALLOWED: signed('powerless'),

  REQUEST_TIMEOUT: raw('GET / HTTP/1.1\r\nHost: a\r\n'),
  REQUEST_TOO_LARGE: raw(
    `POST /echo HTTP/1.1\r\nHost: ${hostOf(MAIN)}\r\nContent-Length: 2000\r\n\r\n`,
  ),
  URI_TOO_LONG: raw(`GET /${'a'.repeat(5_000)} HTTP/1.1\r\nHost: a\r\n\r\n`),
  MISDIRECTED: overTls({ serverName: 'open.test', host: 'mine.test' }),
  MAPPING_NOT_FOUND: get('/', 'open.test'),
  MAPPED_STAGE_NOT_SERVED: get('/lost', 'open.test'),
  TLS_REQUIRED: get('/', 'mine.test'),
  CLIENT_CERTIFICATE_REFUSED: (world) =>
    overTls({ serverName: 'mine.test', host: 'mine.test', client: EVE })(world),
  API_KEY_INVALID: get('/keyed', MAIN, 'X-API-Key: unknown'),
  CLIENT_THROTTLED: second('/slow'),
  QUOTA_EXCEEDED: second('/rare'),
  ROUTE_THROTTLED: second('/narrow'),
  STAGE_THROTTLED: second('/', 'narrow0000'),
  HEADERS_TOO_LARGE: raw(`GET / HTTP/1.1\r\nHost: a\r\n${'a: b\r\n'.repeat(200)}\r\n`),
  CLIENT_GONE: async ({ gateway }) => {
    const client = (await gateway.client()).ask('GET', '/silent', [`Host: ${hostOf(MAIN)}`])
    await new Promise((resolve) => setTimeout(resolve, 20))
    client.reset()
    return untilExplained(gateway, '499')
  },
  INTERNAL_ERROR: async (world) => {
    const answer = await signed('broken')(world)
    // Its line in the log is what a harness without bugs expects to be empty.
    const [bug] = world.gateway.fatal.splice(0)
    assert.match(String(bug), /a bug of this test/)
    return answer
  },
  RESPONSE_MAPPING_INVALID: get('/odd'),
  INTEGRATION_UNREACHABLE: get('/gone'),
  LINK_UNAVAILABLE: get('/linked'),
  LINK_TARGET_REFUSED: get('/forbidden'),
  INTEGRATION_TIMEOUT: get('/late'),
  INTEGRATION_FAILURE: get('/nonsense'),
  INTEGRATION_RESPONSE_TOO_LARGE: get('/huge'),
  NO_TARGET: get('/nobody'),
  TARGETS_BUSY: whileHeld('/busy'),
  OVERLOADED: async (world) => {
    world.gateway.press(0.93, 12)
    const answer = await get('/fine')(world)
    world.gateway.press(0.1, 40)
    return answer
  },
  // Last: nobody of the account is let in afterwards.
  ACCOUNT_THROTTLED: async ({ gateway }) => {
    const client = await gateway.client()
    for (let i = 0; i <= ACCOUNT_BURST; i++) {
      const answer = await client.get('/fine', `Host: ${hostOf(MAIN)}`)
      if (answer.status === 429) return answer
    }
    return assert.fail('nobody was refused')
  },
}

test('o00103 every reason is provoked over the wire, and explained', async (t) => {
  assert.deepEqual(Object.keys(CASES).toSorted(), REASON_CODES.toSorted())
  const world = await begin(t)
  for (const [code, provoke] of Object.entries(CASES) as [ReasonCode, Provoke][]) {
    await t.test(code, async () => {
      const answer = await provoke(world)
      const told = world.gateway.explain(answer)
      assert.deepEqual([told.reasonCode, told.status], [code, REASONS[code].status])
      assert.equal(answer.status, REASONS[code].status)
      assert.equal(told.reason, REASONS[code].sentence)
      const deciding = told.steps.filter(({ outcome }) => outcome === 'decided')
      assert.deepEqual(
        deciding.map(({ step }) => step),
        [told.step],
      )
    })
  }
})

function hostOf(api: string): string {
  return api.includes('.') ? api : `${api}.execute-api.localhost`
}

function get(target: string, api = MAIN, ...fields: string[]): Provoke {
  return ({ gateway }) => gateway.get(target, `Host: ${hostOf(api)}`, ...fields)
}

function second(target: string, api = MAIN): Provoke {
  return async (world) => {
    assert.equal((await get(target, api)(world)).status, 200)
    return get(target, api)(world)
  }
}

function raw(bytes: string): Provoke {
  return async ({ gateway }) => (await gateway.client()).send(bytes).response()
}

function bearer(token: (world: World) => string, api = TOKENS, target = '/'): Provoke {
  return (world) => get(target, api, `Authorization: Bearer ${token(world)}`)(world)
}

/** While one call to it is under way, the next. */
function whileHeld(target: string): Provoke {
  return async (world) => {
    const held = (await world.gateway.client()).ask('GET', target, [`Host: ${hostOf(MAIN)}`])
    await new Promise((resolve) => setTimeout(resolve, 50))
    const answer = await get(target)(world)
    held.socket.destroy()
    return answer
  }
}

interface SignedCase {
  readonly key?: Readonly<Record<string, string>>
  readonly options?: object
}

function sign(
  who: string,
  call: Partial<ApiCall> = {},
  { key = {}, options = {} }: SignedCase = {},
) {
  const credentials = { accessKeyId: `AKPO${who}`, secretAccessKey: `${who}/secret`, ...key }
  const at = { epochMs: Date.now(), region: 'eu-west-1', ...options }
  return signCall({ apiId: SIGNED, path: '/', ...call }, credentials, at)
}

function signed(who: string, given: SignedCase = {}): Provoke {
  return async ({ gateway }) => sendTo(gateway, await sign(who, {}, given))
}

const SESSION_KEY = Buffer.alloc(32, 7).toString('base64')

async function expiredSession({ gateway }: World): Promise<Answer> {
  const seal = new SessionSeal(SESSION_KEY)
  const claims = { key: 'ASPOOLD', account: ACCOUNT, id: 'IDada', issuedMs: 1, expiresMs: 2 }
  const sessionToken = seal.seal(claims, Buffer.alloc(12, 1))
  const key = { accessKeyId: 'ASPOOLD', secretAccessKey: seal.secretOf('ASPOOLD'), sessionToken }
  return sendTo(gateway, await sign('ada', {}, { key }))
}

interface NamedCall {
  readonly serverName: string
  readonly host: string
  readonly client?: FakeCertificate
}

function overTls({ serverName, host, client }: NamedCall): Provoke {
  return async ({ tlsPort }) => {
    const socket = tls.connect({
      ...{ port: tlsPort, host: '127.0.0.1', servername: serverName, rejectUnauthorized: false },
      ...(client === undefined ? {} : { cert: client.pem, key: client.keyPem }),
    })
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    let text = ''
    for await (const chunk of socket) text += (chunk as Buffer).toString('latin1')
    const id = /^apigw-requestid: (.+)$/im.exec(text)?.[1]?.trim()
    return { status: Number(text.split(' ', 2)[1]), get: () => id }
  }
}

async function untilExplained(gateway: TestGateway, status: string): Promise<Answer> {
  for (let i = 0; i < 200; i++) {
    const [call] = gateway.explainLast(status)
    if (call !== undefined) return { status: call.status, get: () => call.requestId }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return assert.fail(`no call with status ${status}`)
}

const ROOT = fakeCertificate({ name: 'Root', authority: true })
const PAIR = fakeCertificate({ name: 'server' })
const STRANGER = fakeCertificate({ name: 'Stranger', authority: true })
const EVE = fakeCertificate({ name: 'Eve', issuer: STRANGER, usages: [CLIENT_AUTHENTICATION] })

function policy(Effect: 'Allow' | 'Deny', more: object = {}): string {
  const Statement = [{ Effect, Action: 'execute-api:*', Resource: '*', ...more }]
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

function identity(name: string, policies: string[], tags: IamIdentity['tags'] = {}): IamIdentity {
  const arn = `arn:aws:iam::${ACCOUNT}:user/${name}`
  return { kind: 'user', accountId: ACCOUNT, id: `ID${name}`, name, arn, tags, policies }
}

const IDENTITIES: IamDocument = {
  revision: 1,
  sessionKey: SESSION_KEY,
  policies: {
    anything: policy('Allow'),
    nothing: policy('Deny'),
    team: policy('Allow', { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'a' } } }),
  },
  identities: [
    identity('ada', ['anything']),
    identity('denied', ['anything', 'nothing']),
    identity('powerless', []),
    identity('broken', ['team'], {
      get team(): string {
        throw new Error('a bug of this test')
      },
    }),
  ],
  keys: ['ada', 'denied', 'powerless', 'broken', 'idle'].map((name) => ({
    ...{ accessKeyId: `AKPO${name}`, secretAccessKey: `${name}/secret`, accountId: ACCOUNT },
    ...{ active: name !== 'idle', userId: name === 'idle' ? 'IDada' : `ID${name}` },
    readOnly: false,
  })),
}

const LINKS: LinkDocument = {
  revision: 1,
  links: [
    {
      ...{ vpcLinkId: 'link00', name: 'cellar', accountId: ACCOUNT, region: 'eu-west-1' },
      ...{ reach: 'AGENT', revokedAgents: [], hasAgents: false },
      allow: [{ host: 'inside.internal', port: 80, pathPrefix: '/' }],
    },
  ],
}

function stages({ url }: Origin, issuer: Issuer): StageDescription[] {
  const fine = `${url}/fine`
  const each = { client: '$context.identity.sourceIp', metered: true, clients: {} }
  const through = (path: string) => ({ uri: `http://inner.internal${path}`, listenerArn: LISTENER })
  return [
    {
      apiId: MAIN,
      usagePlans: [],
      routes: {
        'GET /fine': fine,
        'POST /echo': `${url}/silent`,
        'GET /mapped': {
          uri: fine,
          requestParameters: { 'overwrite:header.x-a': '$request.querystring.a' },
        },
        'GET /keyed': { uri: fine, apiKeyRequired: true },
        'GET /slow': { uri: fine, clientLimits: { ...each, throttle: NEVER } },
        'GET /rare': {
          uri: fine,
          clientLimits: { ...each, quota: { limit: 1, period: 'MONTH', offset: 0 } },
        },
        'GET /narrow': { uri: fine, throttle: NEVER },
        'GET /silent': `${url}/silent`,
        'GET /odd': {
          uri: `${url}/odd`,
          responseParameters: { 200: { 'overwrite:statuscode': '$response.header.x-status' } },
        },
        'GET /gone': 'http://127.0.0.1:1/',
        'GET /linked': { uri: 'http://inside.internal/', vpcLinkId: 'link00' },
        'GET /forbidden': { uri: 'http://outside.internal/', vpcLinkId: 'link00' },
        'GET /late': { uri: `${url}/silent`, timeoutInMillis: 100 },
        'GET /nonsense': `${url}/nonsense`,
        'GET /huge': `${url}/huge`,
        'GET /nobody': through('/nobody'),
        'GET /busy': through('/busy'),
      },
    },
    {
      apiId: TOKENS,
      jwt: issuer.authorizer,
      routes: { 'GET /': fine, 'GET /scoped': { uri: fine, scopes: ['write'] } },
    },
    { apiId: 'lonely0000', jwt: { issuer: 'http://127.0.0.1:1' }, routes: { 'GET /': fine } },
    { apiId: SIGNED, iam: true, routes: { 'ANY /': fine } },
    { apiId: 'hidden0000', disableExecuteApiEndpoint: true, routes: { 'GET /': fine } },
    { apiId: 'staged0000', stage: 'prod', routes: { 'GET /': fine } },
    { apiId: 'narrow0000', throttle: NEVER, routes: { 'GET /': fine } },
  ]
}

async function begin(t: TestContext): Promise<World> {
  const issuer = await startIssuer(t)
  const origin = await startOrigin(t, answers)
  const busy = groupOf('busy', [origin.port], { healthCheck: UNCHECKED, targetConcurrencyMax: 1 })
  const empty = groupOf('empty', [])
  const to = (path: string, group: typeof busy) => ({
    arn: `${LISTENER}/${group.name}`,
    conditions: [{ field: 'path-pattern', values: [path] } as const],
    action: { type: 'forward', targetGroups: [{ arn: group.arn, weight: 1 }] } as const,
  })
  const trust = { authorities: ROOT.pem, revocationLists: [], version: '1' }
  const host = {
    certificate: PAIR.pem,
    privateKey: PAIR.keyPem,
    securityPolicy: 'TLS_1_2',
  } as const
  const gateway = await startGateway(t, {
    stages: stages(origin, issuer),
    identities: IDENTITIES,
    links: LINKS,
    balancing: documentOf([busy, empty], [to('*nobody*', empty), to('*busy*', busy)]),
    tls: await localTls(t),
    hosts: [
      { ...host, serverNames: ['mine.test'], clientTrust: trust },
      { ...host, serverNames: ['open.test'] },
    ],
    domains: [
      {
        domainName: 'mine.test',
        mutualTls: true,
        mappings: [{ key: '', apiId: MAIN, stageName: '$default' }],
      },
      {
        domainName: 'open.test',
        mappings: [{ key: 'lost', apiId: MAIN, stageName: 'gone' }],
      },
    ],
    limits: {
      ...{ headTimeoutMs: 200, requestBodyBytes: 1_000, requestHeadBytes: 4_096 },
      ...{ responseBodyBytes: 5_000, accountRatePerSecond: 1, accountBurst: ACCOUNT_BURST },
    },
  })
  const tlsPort = await gateway.plane.listenHttps({ port: 0, host: '127.0.0.1' })
  return { t, gateway, issuer, tlsPort }
}

const answers: Parameters<typeof startOrigin>[1] = async (connection) => {
  while (await connection.stream.more()) {
    const { target } = await connection.requestHead()
    if (target === '/silent' || target.includes('busy')) {
      await new Promise((resolve) => connection.socket.once('close', resolve))
    } else if (target === '/nonsense') connection.send('nonsense\r\n\r\n')
    else if (target === '/odd') connection.send(ok('', 'X-Status: 999'))
    else if (target === '/huge') connection.send(ok('x'.repeat(5_001)))
    else connection.send(ok('fine'))
  }
}
