/**
 * For every status that Postern itself answers with: the answer is provoked over the wire, and `postern explain` with the id
 * that the client saw tells the true cause.
 */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runWords } from '../../src/cli/terminal.fake.ts'
import type { ExplainedCall } from '../../src/observability/explain/explained-call.ts'
import { REASONS, type ReasonCode } from '../../src/observability/explain/reasons.ts'
import { connectClient } from '../harness/client.ts'
import { type Issuer, startIssuer } from '../harness/issuer.ts'
import type { Message } from '../harness/message.ts'
import { type Origin, ok, startOrigin } from '../harness/origin.ts'
import { startServer, type TestServer } from '../harness/server.ts'

interface World {
  readonly t: TestContext
  readonly server: TestServer
  readonly issuer: Issuer
  readonly folder: string
}

interface Cause {
  readonly what: string
  readonly status: number
  readonly code: ReasonCode
  readonly step: string
  /** Parts of what is told. */
  readonly tells: Partial<Record<'rule' | 'seen' | 'passes' | 'detail' | 'path', RegExp>>
  readonly provoke: (world: World) => Promise<Message>
}

/** A GET with these fields, on a connection of its own. */
function get(target: string, ...fields: string[]) {
  return async ({ t, server }: World): Promise<Message> =>
    (await connectClient(t, server.port)).get(target, ...fields)
}

function raw(bytes: string) {
  return async ({ t, server }: World): Promise<Message> =>
    (await connectClient(t, server.port)).send(bytes).response()
}

function withToken(target: string, claims: object, header: object = {}) {
  return async (world: World): Promise<Message> =>
    get(target, `Authorization: Bearer ${world.issuer.token(claims, header)}`)(world)
}

const CAUSES: readonly Cause[] = [
  {
    ...{ what: 'a head that is not HTTP', status: 400, code: 'HEAD_INVALID', step: 'engine' },
    tells: { rule: /RFC 9112/, detail: /malformed field/ },
    provoke: raw('GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n'),
  },
  {
    ...{ what: 'a path with two readings', status: 400, code: 'PATH_REFUSED', step: 'path' },
    tells: { seen: /^\/a\/\.\.\/b$/, passes: /\.\./ },
    provoke: get('/a/../b'),
  },
  {
    ...{ what: 'a mapping of an impossible value', status: 400, code: 'MAPPED_VALUE_INVALID' },
    step: 'map-request',
    tells: { rule: /requestParameters/, seen: /overwrite:header\.x-a: .* U\+000A at 1$/ },
    provoke: get('/mapped?a=b%0Ac'),
  },
  {
    ...{ what: 'a body that ends too early', status: 400, code: 'BODY_INVALID', step: 'integrate' },
    tells: { passes: /Content-Length/ },
    provoke: async ({ t, server }) =>
      (await connectClient(t, server.port))
        .send('POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')
        .response(),
  },
  {
    ...{ what: 'no token', status: 401, code: 'TOKEN_MISSING', step: 'authorize' },
    tells: { rule: /issuer http/, seen: /nothing/, passes: /\$request\.header\.Authorization/ },
    provoke: get('/guarded'),
  },
  {
    ...{ what: 'a token of yesterday', status: 401, code: 'TOKEN_EXPIRED', step: 'authorize' },
    tells: { seen: /^exp 2020-01-01T00:00:00\.000Z \(/, passes: /^exp later than 20/ },
    provoke: withToken('/guarded', { exp: 1_577_836_800, nbf: 1, iat: 1 }),
  },
  {
    ...{ what: 'a token for others', status: 401, code: 'TOKEN_AUDIENCE_WRONG', step: 'authorize' },
    tells: { seen: /^aud bakery$/, passes: /^aud shop$/ },
    provoke: withToken('/guarded', { aud: 'bakery' }),
  },
  {
    ...{ what: 'a token of others', status: 401, code: 'TOKEN_ISSUER_WRONG', step: 'authorize' },
    tells: { seen: /^iss https:\/\/other\.test$/, passes: /^iss http:.*, exactly$/ },
    provoke: withToken('/guarded', { iss: 'https://other.test' }),
  },
  {
    ...{ what: 'a key nobody has', status: 401, code: 'TOKEN_KEY_UNKNOWN', step: 'authorize' },
    tells: { seen: /^kid lost$/, passes: /^kid RS256-1$/ },
    provoke: withToken('/guarded', {}, { kid: 'lost' }),
  },
  {
    ...{ what: 'an issuer that is gone', status: 401, code: 'ISSUER_UNREACHABLE' },
    step: 'authorize',
    tells: { passes: /\.well-known\/openid-configuration/ },
    provoke: async (world) =>
      get('/lonely', `Authorization: Bearer ${world.issuer.token({ iss: GONE })}`)(world),
  },
  {
    ...{ what: 'a scope that is missing', status: 403, code: 'SCOPE_MISSING', step: 'authorize' },
    tells: { seen: /^scopes read$/, passes: /^one of write, admin$/ },
    provoke: withToken('/scoped', { scope: 'read' }),
  },
  {
    ...{ what: 'no signature', status: 403, code: 'IAM_CREDENTIALS_MISSING', step: 'authorize' },
    tells: { rule: /^AWS_IAM: /, passes: /signed for execute-api/ },
    provoke: get('/signed'),
  },
  {
    ...{ what: 'no route', status: 404, code: 'ROUTE_NOT_FOUND', step: 'route' },
    tells: { seen: /^GET \/gaurded$/, passes: /GET \/guarded/, path: /^\/gaurded$/ },
    provoke: get('/gaurded'),
  },
  {
    ...{ what: 'no such method', status: 404, code: 'ROUTE_NOT_FOUND', step: 'route' },
    tells: { seen: /^DELETE \/guarded$/, passes: /^this path with GET$/ },
    provoke: async ({ t, server }) =>
      (await connectClient(t, server.port)).call('DELETE', '/guarded'),
  },
  {
    ...{ what: 'no such API', status: 404, code: 'API_NOT_FOUND', step: 'host' },
    tells: { seen: /other\.execute-api\.localhost/, passes: /\.execute-api\.localhost/ },
    provoke: get('/', 'Host: other.execute-api.localhost'),
  },
  {
    ...{ what: 'a head that never ends', status: 408, code: 'REQUEST_TIMEOUT', step: 'engine' },
    tells: { rule: /^limit headTimeoutMs: 400$/ },
    provoke: raw('GET / HTTP/1.1\r\nHost: a\r\n'),
  },
  {
    ...{ what: 'a body that stops', status: 408, code: 'REQUEST_TIMEOUT', step: 'integrate' },
    tells: { passes: /400 ms/ },
    provoke: raw('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na'),
  },
  {
    ...{ what: 'a body that is too large', status: 413, code: 'REQUEST_TOO_LARGE', step: 'admit' },
    tells: { rule: /^limit requestBodyBytes: 1000$/, seen: /2000 bytes/, passes: /at most 1000/ },
    provoke: raw('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n'),
  },
  {
    ...{ what: 'a long target', status: 414, code: 'URI_TOO_LONG', step: 'engine' },
    tells: { rule: /^limit requestHeadBytes: 4096$/ },
    provoke: raw(`GET /${'a'.repeat(5_000)} HTTP/1.1\r\nHost: a\r\n\r\n`),
  },
  {
    ...{ what: 'a client that is too fast', status: 429, code: 'CLIENT_THROTTLED' },
    step: 'throttle',
    tells: { rule: /burst 1/, passes: /later/ },
    provoke: async (world) => {
      assert.equal((await get('/slow')(world)).status, 200)
      return get('/slow')(world)
    },
  },
  {
    ...{ what: 'many header fields', status: 431, code: 'HEADERS_TOO_LARGE', step: 'engine' },
    tells: { rule: /^limit requestHeaderCount: 100$/ },
    provoke: raw(`GET / HTTP/1.1\r\nHost: a\r\n${'a: b\r\n'.repeat(200)}\r\n`),
  },
  {
    ...{ what: 'a mapped status of 999', status: 500, code: 'RESPONSE_MAPPING_INVALID' },
    step: 'map-response',
    tells: { rule: /responseParameters/, seen: /^overwrite:statuscode: 999$/ },
    provoke: get('/odd'),
  },
  {
    ...{ what: 'nobody there', status: 503, code: 'INTEGRATION_UNREACHABLE', step: 'integrate' },
    tells: { rule: /^integration http:\/\/127\.0\.0\.1:1\/$/, seen: /ECONNREFUSED/ },
    provoke: get('/gone'),
  },
  {
    ...{ what: 'nobody answers', status: 503, code: 'INTEGRATION_TIMEOUT', step: 'integrate' },
    tells: { passes: /timeoutInMillis \(300 ms\)/ },
    provoke: get('/silent'),
  },
  {
    ...{ what: 'no HTTP', status: 503, code: 'INTEGRATION_FAILURE', step: 'integrate' },
    tells: { passes: /complete HTTP\/1\.1 response/ },
    provoke: get('/nonsense'),
  },
]

const GONE = 'http://127.0.0.1:1'
const IAM = {
  ...{ type: 'apiKey', name: 'Authorization', in: 'header' },
  'x-amazon-apigateway-authtype': 'awsSigv4',
}

for (const limits of ['one worker', 'two workers'] as const) {
  test(`o00101 every status of the gateway's own is explained, with ${limits}`, async (t) => {
    const world = await begin(t, limits === 'one worker' ? '1' : '2')
    for (const { what, provoke, ...expected } of CAUSES) {
      await t.test(`${expected.status} ${what}`, async () => {
        const answer = await provoke(world)
        assert.equal(answer.status, expected.status)
        const call = await explain(world, answer.get('apigw-requestid')!)
        const { status, reasonCode, step, reason } = call
        assert.deepEqual(
          [status, reasonCode, step],
          [expected.status, expected.code, expected.step],
        )
        assert.equal(reason, REASONS[expected.code].sentence)
        for (const [name, pattern] of Object.entries(expected.tells)) {
          assert.match(call[name as keyof Cause['tells']] ?? '', pattern, name)
        }
        const deciding = call.steps.filter(({ outcome }) => outcome === 'decided')
        assert.deepEqual(
          deciding.map((each) => each.step),
          [expected.step],
        )
      })
    }
    await t.test('what an integration answers itself is said to be its own', async () => {
      for (const status of [403, 502, 504]) {
        const answer = await get(`/answers/${status}`)(world)
        const call = await explain(world, answer.get('apigw-requestid')!)
        assert.deepEqual(
          [call.status, call.reasonCode, call.integrationStatus],
          [status, undefined, status],
        )
        assert.match(call.summary, new RegExp(`^The integration itself answered ${status}`))
      }
    })
    await t.test('a good call is explained, and an id that never was is not', async () => {
      const answer = await get('/answers/200')(world)
      const call = await explain(world, answer.get('apigw-requestid')!)
      assert.deepEqual(
        [call.status, call.step, call.routeKey],
        [200, 'integrate', 'GET /answers/{status}'],
      )
      const { code, err } = await run(world, 'nobodysCall1234=')
      assert.equal(code, 1)
      assert.match(err, /is remembered\n {2}→ \d+ calls are, back to 20/)
    })
    await t.test('the last with a status, in words for people', async () => {
      const { code, out } = await run(world, '--last', '403', '--route', 'GET /scoped')
      assert.equal(code, 0)
      assert.match(out, /^403 {2}GET api\.test\/scoped/)
      assert.match(out, /▶ authorize {5}JWT authorizer/)
      assert.match(out, /would pass {4}one of write, admin/)
      assert(!out.includes('Bearer'))
    })
  })
}

test('o00101 no reason answers 502 or 504', () => {
  const statuses = new Set<number>(Object.values(REASONS).map(({ status }) => status))
  assert.deepEqual([statuses.has(502), statuses.has(504)], [false, false])
  const provoked = new Set<number>(CAUSES.map(({ status }) => status))
  // 421 needs two names in TLS, and nobody sees a 499: o00103 has every reason.
  for (const status of statuses)
    assert(provoked.has(status) || [421, 499].includes(status), `${status}`)
})

async function explain(world: World, requestId: string): Promise<ExplainedCall> {
  const { code, out, err } = await run(world, requestId, '--json')
  assert.equal(code, 0, err)
  return JSON.parse(out) as ExplainedCall
}

function run({ folder }: World, ...words: string[]) {
  return runWords({ words: ['explain', ...words, '--data', folder] })
}

async function begin(t: TestContext, workers: string): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-explain-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const issuer = await startIssuer(t)
  const origin = await startOrigin(t, answers)
  writeFileSync(join(folder, 'api.json'), JSON.stringify(definition(origin, issuer)))
  const limits = ['headTimeoutMs=400', 'bodyTimeoutMs=400', 'requestBodyBytes=1000']
  const flags = [...limits, 'requestHeadBytes=4096'].flatMap((limit) => ['--limit', limit])
  const server = await startServer(t, folder, 'api.json', '--workers', workers, ...flags)
  return { t, server, issuer, folder }
}

/** `/answers/403` is answered so; some paths have ways of their own. */
const answers: Parameters<typeof startOrigin>[1] = async (connection) => {
  while (await connection.stream.more()) {
    const head = await connection.requestHead()
    const [, , status] = head.target.split('/')
    if (head.target === '/silent')
      await new Promise((resolve) => connection.socket.once('close', resolve))
    else if (head.target === '/nonsense') connection.send('nonsense\r\n\r\n')
    else if (head.target === '/odd') connection.send(ok('', 'X-Status: 999'))
    else if (status !== undefined)
      connection.send(`HTTP/1.1 ${status} So\r\nContent-Length: 0\r\n\r\n`)
    else connection.send(ok('fine'))
  }
}

function definition(origin: Origin, issuer: Issuer): object {
  const route = (path: string, more: object = {}, uri = `${origin.url}${path}`) => ({
    responses: { 200: { description: 'ok' } },
    'x-amazon-apigateway-integration': {
      ...{ type: 'http_proxy', httpMethod: 'ANY', payloadFormatVersion: '1.0', uri, ...more },
    },
  })
  const guarded = (path: string, scheme: string, scopes: readonly string[]) => ({
    ...route(path),
    security: [{ [scheme]: scopes }],
  })
  const scheme = (url: string) => ({
    type: 'oauth2',
    'x-amazon-apigateway-authorizer': {
      type: 'jwt',
      identitySource: '$request.header.Authorization',
      jwtConfiguration: { issuer: url, audience: ['shop'] },
    },
  })
  return {
    openapi: '3.0.1',
    info: { title: 'causes', version: '1' },
    paths: {
      '/mapped': {
        get: route('/fine', {
          requestParameters: { 'overwrite:header.x-a': '$request.querystring.a' },
        }),
      },
      '/echo': { post: route('/silent') },
      '/guarded': { get: guarded('/fine', 'login', []) },
      '/scoped': { get: guarded('/fine', 'login', ['write', 'admin']) },
      '/signed': { get: { ...route('/fine'), security: [{ iam: [] }] } },
      '/lonely': { get: guarded('/fine', 'gone', []) },
      '/slow': {
        get: {
          ...route('/fine'),
          'x-postern-limits': { client: '$context.identity.sourceIp', rate: 0.01, burst: 1 },
        },
      },
      '/odd': {
        get: route('/odd', {
          responseParameters: { 200: { 'overwrite:statuscode': '$response.header.x-status' } },
        }),
      },
      '/gone': { get: route('/', {}, 'http://127.0.0.1:1/') },
      '/silent': { get: route('/silent', { timeoutInMillis: 300 }) },
      '/nonsense': { get: route('/nonsense') },
      '/answers/{status}': { get: route('/answers/{status}') },
    },
    components: { securitySchemes: { login: scheme(issuer.url), gone: scheme(GONE), iam: IAM } },
  }
}
