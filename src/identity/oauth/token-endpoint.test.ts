import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { AuthorizationCodes } from './authorization-codes.ts'
import type { AuthorizeRequest } from './authorize-request.ts'
import type { OAuthClient } from './oauth-client.ts'
import { FAKE_CLIENT, FakePool } from './pool.fake.ts'
import { answerRevoke, answerToken, answerUserInfo } from './token-endpoint.ts'
import type { WebAnswer, WebRequest } from './web-message.ts'

const VERIFIER = 'v'.repeat(43)
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')
const CALLBACK = FAKE_CLIENT.callbackUrls[0]!
const OTHER: OAuthClient = { ...FAKE_CLIENT, clientId: 'client-2', secret: 's3cret' }
const MACHINE: OAuthClient = {
  ...FAKE_CLIENT,
  clientId: 'machine',
  secret: 'm/1',
  flows: ['client_credentials'],
  scopes: ['orders/read', 'orders/write'],
}

const REQUEST: AuthorizeRequest = {
  clientId: FAKE_CLIENT.clientId,
  redirectUri: CALLBACK,
  redirectUriGiven: true,
  scopes: ['openid', 'email'],
  state: undefined,
  nonce: 'n-1',
  codeChallenge: CHALLENGE,
  prompt: undefined,
  maxAge: undefined,
  loginHint: undefined,
}

class World {
  readonly pool = new FakePool()
  nowMs = 1_000_000
  readonly codes = new AuthorizationCodes({ randomBytes, nowMs: () => this.nowMs, countMax: 100 })

  constructor() {
    this.pool.users.set('ana@example.com', { password: 'p', state: 'good' })
    this.pool.clients.set('client-2', OTHER).set('machine', MACHINE)
  }

  code(request: Partial<AuthorizeRequest> = {}): string {
    const { poolId } = this.pool
    const signedIn = { poolId, username: 'ana@example.com', sub: 'sub-ana', authTimeMs: 1_000_000 }
    return this.codes.issue({ signedIn, request: { ...REQUEST, ...request } })
  }

  token(fields: Readonly<Record<string, string>>, authorization?: string) {
    return answerToken(this.pool, post(fields, authorization), this.codes)
  }

  exchange(code: string, changes: Readonly<Record<string, string>> = {}) {
    return this.token({
      grant_type: 'authorization_code',
      client_id: FAKE_CLIENT.clientId,
      code,
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
      ...changes,
    })
  }
}

function post(fields: Readonly<Record<string, string>>, authorization?: string): WebRequest {
  return {
    method: 'POST',
    query: new URLSearchParams(),
    search: '',
    form: new URLSearchParams(fields),
    header: (name) => (name === 'authorization' ? authorization : undefined),
    sourceIp: '127.0.0.1',
    base: 'http://localhost:9090/eu-central-1_abc',
  }
}

const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`

function body({ body: text }: WebAnswer): Record<string, unknown> {
  return JSON.parse(String(text))
}

async function refused(answer: Promise<WebAnswer>, error: string): Promise<void> {
  const got = await answer
  assert.deepEqual([got.status, body(got)], [400, { error }])
}

test('a code becomes tokens once, and nothing is kept by a cache', async () => {
  const world = new World()
  const answer = await world.exchange(world.code())
  assert.equal(answer.status, 200)
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.deepEqual(body(answer), {
    id_token: 'id n-1',
    access_token: 'access ana@example.com openid email',
    refresh_token: 'refresh-1',
    expires_in: 3_600,
    token_type: 'Bearer',
  })
})

test('a code that comes again takes back what it gave', async () => {
  const world = new World()
  const code = world.code()
  assert.equal((await world.exchange(code)).status, 200)
  assert.equal(world.pool.refreshTokens.size, 1)
  await refused(world.exchange(code), 'invalid_grant')
  assert.equal(world.pool.refreshTokens.size, 0, 'revoked')
})

test('of two exchanges at the same time none keeps anything', async () => {
  const world = new World()
  const code = world.code()
  const answers = await Promise.all([world.exchange(code), world.exchange(code)])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [400, 400],
  )
  assert.equal(world.pool.refreshTokens.size, 0)
})

test('a code is for its client, its address and its verifier', async () => {
  const wrong: Readonly<Record<string, string>>[] = [
    { client_id: 'client-2', client_secret: 's3cret' },
    { redirect_uri: `${CALLBACK}/` },
    { redirect_uri: '' },
    { code_verifier: 'w'.repeat(43) },
    { code_verifier: CHALLENGE },
    { code: 'unknown' },
  ]
  for (const changes of wrong) {
    const world = new World()
    await refused(world.exchange(world.code(), changes), 'invalid_grant')
  }
})

test('a wrong verifier burns the code; another client does not', async () => {
  const world = new World()
  const code = world.code()
  await refused(
    world.exchange(code, { client_id: 'client-2', client_secret: 's3cret' }),
    'invalid_grant',
  )
  await refused(world.exchange(code, { code_verifier: 'w'.repeat(43) }), 'invalid_grant')
  await refused(world.exchange(code), 'invalid_grant')
})

test('a code is good for five minutes', async () => {
  const world = new World()
  const [late, good] = [world.code(), world.code()]
  world.nowMs += 299_999
  assert.equal((await world.exchange(good)).status, 200)
  world.nowMs += 1
  await refused(world.exchange(late), 'invalid_grant')
})

test('one user cannot push the codes of others out', async () => {
  const world = new World()
  const other = world.codes.issue({
    signedIn: { poolId: world.pool.poolId, username: 'ben', sub: 'sub-ben', authTimeMs: 1 },
    request: REQUEST,
  })
  world.pool.users.set('ben', { password: 'p', state: 'good' })
  for (let i = 0; i < 200; i++) world.code()
  assert.equal((await world.exchange(other)).status, 200)
})

test('a deleted user gets no tokens', async () => {
  const world = new World()
  const code = world.code()
  world.pool.users.clear()
  await refused(world.exchange(code), 'invalid_grant')
})

test('a refresh token works for its own client', async () => {
  const world = new World()
  await world.exchange(world.code())
  const fields = { grant_type: 'refresh_token', refresh_token: 'refresh-1' }
  const answer = await world.token({ ...fields, client_id: FAKE_CLIENT.clientId })
  assert.equal(answer.status, 200)
  await refused(world.token(fields, basic('client-2', 's3cret')), 'invalid_grant')
  await refused(
    world.token({ ...fields, refresh_token: 'x', client_id: 'client-1' }),
    'invalid_grant',
  )
})

test('a client gets a token for its own scopes', async () => {
  const world = new World()
  const auth = basic('machine', 'm/1')
  const grant = { grant_type: 'client_credentials' }
  const all = await world.token(grant, auth)
  assert.deepEqual(body(all), {
    access_token: 'access machine orders/read orders/write',
    expires_in: 3_600,
    token_type: 'Bearer',
  })
  const one = await world.token({ ...grant, scope: 'orders/read' }, auth)
  assert.equal(body(one)['access_token'], 'access machine orders/read')
  await refused(world.token({ ...grant, scope: 'orders/admin' }, auth), 'invalid_scope')
  await refused(world.token({ ...grant, scope: 'openid' }, auth), 'invalid_scope')
  await refused(world.token(grant, basic('machine', 'wrong')), 'invalid_client')
  await refused(world.token({ ...grant, client_id: 'client-1' }), 'unauthorized_client')
})

test('what is malformed is refused', async () => {
  const world = new World()
  await refused(world.token({ client_id: 'client-1' }), 'invalid_request')
  await refused(
    world.token({ client_id: 'client-1', grant_type: 'password' }),
    'unsupported_grant_type',
  )
  await refused(
    world.token({ client_id: 'client-1', grant_type: '__proto__' }),
    'unsupported_grant_type',
  )
  await refused(world.token({ client_id: 'nobody', grant_type: 'refresh_token' }), 'invalid_client')
  const twice = post({ client_id: 'client-1', grant_type: 'authorization_code' })
  twice.form.append('code', 'a')
  twice.form.append('code', 'b')
  await refused(answerToken(world.pool, twice, world.codes), 'invalid_request')
  const query = { ...post({ client_id: 'client-1' }), query: new URLSearchParams('code=x') }
  await refused(answerToken(world.pool, query, world.codes), 'invalid_request')
})

test('revocation: a refresh token of the client, quietly also what is not known', async () => {
  const world = new World()
  await world.exchange(world.code())
  const revoke = (token: string, clientId = 'client-1', authorization?: string) =>
    answerRevoke(world.pool, post({ token, client_id: clientId }, authorization))
  const foreign = revoke('refresh-1', 'client-2', basic('client-2', 's3cret'))
  await refused(foreign, 'unauthorized_client')
  assert.equal((await revoke('refresh-1')).status, 200)
  assert.equal(world.pool.refreshTokens.size, 0)
  assert.equal((await revoke('refresh-1')).status, 200)
  await refused(revoke('a.b.c'), 'unsupported_token_type')
  await refused(revoke(''), 'invalid_request')
})

test('userInfo: for an access token with openid', async () => {
  const world = new World()
  const ask = (authorization?: string) => answerUserInfo(world.pool, post({}, authorization))
  const good = await ask('Bearer good-openid.email')
  assert.deepEqual(body(good), {
    sub: 'sub-ana',
    email: 'ana@example.com',
    email_verified: 'true',
    username: 'ana@example.com',
  })
  for (const authorization of [undefined, 'Basic x', 'Bearer bad', 'Bearer good-email']) {
    const answer = await ask(authorization)
    assert.equal(answer.status, 401, authorization)
    assert.match(answer.headers['www-authenticate']!, /^Bearer error="/)
  }
  world.pool.users.clear()
  assert.equal((await ask('Bearer good-openid')).status, 401)
})
