import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { checkAuthorizeRequest } from './authorize-request.ts'
import { presentedClient, requireClient } from './client-authentication.ts'
import type { OAuthClient } from './oauth-client.ts'
import { OAuthError } from './oauth-error.ts'
import { provesCodeChallenge } from './pkce.ts'

const CALLBACK = 'https://app.example/callback?tenant=7'
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

const CLIENT: OAuthClient = {
  clientId: 'client-1',
  name: 'Shop',
  secret: undefined,
  callbackUrls: [CALLBACK, 'shop://signed-in'],
  defaultRedirectUri: undefined,
  logoutUrls: [],
  flows: ['code'],
  scopes: ['openid', 'email', 'orders/read'],
  hasOwnUsers: true,
}

const GOOD: Readonly<Record<string, string>> = {
  response_type: 'code',
  client_id: 'client-1',
  redirect_uri: CALLBACK,
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
  state: 'a b&c',
}

function ask(changes: Readonly<Record<string, string | undefined>> = {}, client = CLIENT) {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...GOOD, ...changes })) {
    if (value !== undefined) query.append(name, value)
  }
  return checkAuthorizeRequest(query, client)
}

test('a good request is taken, with every scope when it names none', () => {
  const verdict = ask({ nonce: 'n', prompt: 'login', max_age: '60' })
  assert.ok(verdict.kind === 'good')
  assert.deepEqual(verdict.request.scopes, CLIENT.scopes)
  assert.equal(verdict.request.maxAge, 60)
  const scoped = ask({ scope: 'orders/read  openid' })
  assert.ok(scoped.kind === 'good')
  assert.deepEqual(scoped.request.scopes, ['openid', 'orders/read'])
})

const REDIRECTED: readonly [Readonly<Record<string, string | undefined>>, string][] = [
  [{ response_type: undefined }, 'invalid_request'],
  [{ response_type: 'token' }, 'unsupported_response_type'],
  [{ response_type: 'code id_token' }, 'unsupported_response_type'],
  [{ scope: 'admin' }, 'invalid_scope'],
  [{ scope: 'email' }, 'invalid_scope'],
  [{ scope: ' ' }, 'invalid_scope'],
  [{ code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
  [{ code_challenge_method: 'plain' }, 'invalid_request'],
  [{ code_challenge_method: undefined }, 'invalid_request'],
  [{ code_challenge: 'short' }, 'invalid_request'],
  [{ prompt: 'consent' }, 'invalid_request'],
  [{ max_age: '-1' }, 'invalid_request'],
  [{ identity_provider: 'Google' }, 'invalid_request'],
  [{ idp_identifier: 'example.com' }, 'invalid_request'],
  [{ request: 'eyJ' }, 'request_not_supported'],
  [{ request_uri: 'https://evil.example/r' }, 'request_uri_not_supported'],
  [{ response_mode: 'fragment' }, 'invalid_request'],
]

test('what is wrong with a request of a known client goes to the client, with its state', () => {
  for (const [changes, error] of REDIRECTED) {
    const verdict = ask(changes)
    assert.ok(verdict.kind === 'redirect', JSON.stringify(changes))
    const url = new URL(verdict.location)
    assert.equal(url.origin + url.pathname, 'https://app.example/callback')
    assert.equal(url.searchParams.get('tenant'), '7', 'what the address had stays')
    assert.equal(url.searchParams.get('error'), error, JSON.stringify(changes))
    assert.equal(url.searchParams.get('state'), 'a b&c')
  }
})

test('nobody is sent to an address that does not belong to the client', () => {
  for (const redirect_uri of [
    'https://evil.example/',
    `${CALLBACK}&x=1`,
    'https://app.example/callback',
    'https://APP.example/callback?tenant=7',
    `${CALLBACK}#`,
    'https://app.example/callback/../evil?tenant=7',
    'javascript:alert(1)',
    '//evil.example',
    '',
  ]) {
    assert.equal(ask({ redirect_uri }).kind, 'page', redirect_uri)
  }
  assert.equal(ask({ redirect_uri: undefined }).kind, 'page')
  const query = new URLSearchParams(GOOD)
  assert.equal(checkAuthorizeRequest(query, undefined).kind, 'page')
  query.append('redirect_uri', 'https://evil.example/')
  assert.equal(checkAuthorizeRequest(query, CLIENT).kind, 'page', 'given twice')
  assert.equal(ask({ state: 'x'.repeat(3_000) }).kind, 'page', 'too long')
})

test('the default address stands in for one that is not named', () => {
  const verdict = ask({ redirect_uri: undefined }, { ...CLIENT, defaultRedirectUri: CALLBACK })
  assert.ok(verdict.kind === 'good')
  assert.equal(verdict.request.redirectUriGiven, false)
})

test('a client with a secret may do without PKCE; one without the code flow may not come', () => {
  const none = { code_challenge: undefined, code_challenge_method: undefined }
  assert.equal(ask(none, { ...CLIENT, secret: 's' }).kind, 'good')
  const verdict = ask({}, { ...CLIENT, flows: ['client_credentials'] })
  assert.ok(verdict.kind === 'redirect')
  assert.match(verdict.location, /error=unauthorized_client/)
})

test('a code challenge is proved by its verifier only', () => {
  assert.equal(createHash('sha256').update(VERIFIER).digest('base64url'), CHALLENGE)
  assert.equal(provesCodeChallenge(CHALLENGE, VERIFIER), true)
  assert.equal(provesCodeChallenge(undefined, undefined), true)
  assert.equal(provesCodeChallenge(CHALLENGE, undefined), false)
  assert.equal(provesCodeChallenge(undefined, VERIFIER), false)
  assert.equal(provesCodeChallenge(CHALLENGE, CHALLENGE), false)
  assert.equal(provesCodeChallenge(CHALLENGE, `${VERIFIER}x`), false)
})

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const form = (text = '') => new URLSearchParams(text)

test('a client is named by Basic or by the form, never by both', () => {
  assert.deepEqual(presentedClient(basic('a%2Fb:s%3At'), form()), {
    clientId: 'a/b',
    secret: 's:t',
  })
  assert.deepEqual(presentedClient(undefined, form('client_id=a&client_secret=s')), {
    clientId: 'a',
    secret: 's',
  })
  assert.deepEqual(presentedClient(undefined, form('client_id=a')), {
    clientId: 'a',
    secret: undefined,
  })
  const refused: [string | undefined, string, string][] = [
    [undefined, '', 'invalid_request'],
    [basic('a:s'), 'client_secret=s', 'invalid_request'],
    [basic('a:s'), 'client_id=b', 'invalid_client'],
    ['Bearer x', '', 'invalid_client'],
    [basic('nothing'), '', 'invalid_client'],
    [basic('a%:s'), '', 'invalid_client'],
  ]
  for (const [authorization, body, code] of refused) {
    assert.throws(() => presentedClient(authorization, form(body)), new OAuthError(code as never))
  }
})

test('a secret has to fit, and a public client has to come without one', () => {
  const secret = { ...CLIENT, secret: 'right' }
  assert.equal(requireClient({ clientId: 'client-1', secret: 'right' }, secret), secret)
  assert.equal(requireClient({ clientId: 'client-1', secret: undefined }, CLIENT), CLIENT)
  const wrong: [string | undefined, OAuthClient | undefined][] = [
    ['wrong', secret],
    [undefined, secret],
    ['', secret],
    ['any', CLIENT],
    ['right', undefined],
    [undefined, undefined],
  ]
  for (const [given, client] of wrong) {
    assert.throws(
      () => requireClient({ clientId: 'client-1', secret: given }, client),
      new OAuthError('invalid_client'),
    )
  }
})
