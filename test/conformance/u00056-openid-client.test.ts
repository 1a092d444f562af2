/** A user pool with `openid-client` as its relying party, unmodified: everything it needs comes from discovery. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import * as oidc from 'openid-client'
import { type HostedPool, PASSWORD, startHostedPool } from '../harness/hosted-pool.ts'

const plain = { execute: [oidc.allowInsecureRequests] }

/** What a person does in between, without a browser: the page, its form, the way back. */
async function signInAt(url: URL): Promise<URL> {
  const jar = new Map<string, string>()
  const go = async (to: URL | string, form?: URLSearchParams): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const init = form === undefined ? {} : { method: 'POST', body: form }
    const response = await fetch(to, { ...init, headers: { cookie }, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    return response
  }
  const authorize = await go(url)
  const login = authorize.headers.get('location')!
  const html = await (await go(login)).text()
  const csrf = /name="csrf" value="([^"]+)"/.exec(html)![1]!
  const done = await go(login, new URLSearchParams({ csrf, username: 'ana', password: PASSWORD }))
  assert.equal(done.status, 302, await done.text())
  return new URL(done.headers.get('location')!)
}

async function discover(hosted: HostedPool): Promise<oidc.Configuration> {
  const issuer = new URL(hosted.issuer)
  const authentication =
    hosted.secret === undefined ? oidc.None() : oidc.ClientSecretBasic(hosted.secret)
  return oidc.discovery(issuer, hosted.clientId, undefined, authentication, plain)
}

test('u00056 discovery, code with PKCE, tokens, userinfo, refresh, revocation', async (t) => {
  const hosted = await startHostedPool(t, {
    client: { ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] },
  })
  await hosted.addUser('ana', PASSWORD)
  const config = await discover(hosted)
  const { supportsPKCE } = config.serverMetadata() as { supportsPKCE?: () => boolean }
  assert.ok(supportsPKCE?.call(config.serverMetadata()), 'discovery says S256')
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const nonce = oidc.randomNonce()
  const url = oidc.buildAuthorizationUrl(config, {
    ...{ redirect_uri: hosted.app.callback, scope: 'openid email', state, nonce },
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const back = await signInAt(url)
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce }
  const tokens = await oidc.authorizationCodeGrant(config, back, checks)
  const claims = tokens.claims()!
  assert.equal(claims['cognito:username'], 'ana')
  assert.equal(claims['email'], 'ana@example.com')
  assert.equal(claims['token_use'], 'id')
  assert.equal(tokens.token_type, 'bearer')
  const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
  assert.deepEqual(info, {
    ...{ sub: claims.sub, email: 'ana@example.com', email_verified: 'true', username: 'ana' },
  })
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token!)
  assert.notEqual(again.access_token, tokens.access_token)
  assert.equal(again.claims()?.sub, claims.sub)
  await oidc.tokenRevocation(config, tokens.refresh_token!)
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token!), {
    error: 'invalid_grant',
  })
  await assert.rejects(
    oidc.fetchUserInfo(config, again.access_token, claims.sub),
    'revoked with it',
  )
  await assert.rejects(oidc.authorizationCodeGrant(config, back, checks), {
    error: 'invalid_grant',
  })
})

test('u00056 a refresh token that rotates is good once, and its second use ends all', async (t) => {
  const hosted = await startHostedPool(t, {
    client: {
      GenerateSecret: true,
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
    },
  })
  await hosted.addUser('ana', PASSWORD)
  const config = await discover(hosted)
  const url = oidc.buildAuthorizationUrl(config, {
    ...{ redirect_uri: hosted.app.callback, scope: 'openid' },
  })
  const first = await oidc.authorizationCodeGrant(config, await signInAt(url))
  const second = await oidc.refreshTokenGrant(config, first.refresh_token!)
  assert.notEqual(second.refresh_token, first.refresh_token)
  await assert.rejects(oidc.refreshTokenGrant(config, first.refresh_token!), {
    error: 'invalid_grant',
  })
  await assert.rejects(oidc.refreshTokenGrant(config, second.refresh_token!), {
    error: 'invalid_grant',
  })
})

test('u00056 client credentials, for scopes of a resource server', async (t) => {
  const hosted = await startHostedPool(t)
  const UserPoolId = hosted.poolId
  await hosted.admin.send(
    new sdk.CreateResourceServerCommand({
      ...{ UserPoolId, Identifier: 'orders', Name: 'Orders' },
      Scopes: [{ ScopeName: 'read', ScopeDescription: 'Read orders' }],
    }),
  )
  const { UserPoolClient } = await hosted.admin.send(
    new sdk.CreateUserPoolClientCommand({
      ...{ UserPoolId, ClientName: 'robot', GenerateSecret: true },
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthScopes: ['orders/read'],
    }),
  )
  const { ClientId, ClientSecret } = UserPoolClient!
  const issuer = new URL(hosted.issuer)
  for (const way of [oidc.ClientSecretBasic, oidc.ClientSecretPost]) {
    const config = await oidc.discovery(issuer, ClientId!, undefined, way(ClientSecret), plain)
    const tokens = await oidc.clientCredentialsGrant(config, { scope: 'orders/read' })
    const [, body = ''] = tokens.access_token.split('.')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
    assert.deepEqual(
      [claims.client_id, claims.scope, claims.token_use, claims.iss],
      [ClientId, 'orders/read', 'access', hosted.issuer],
    )
    await assert.rejects(oidc.clientCredentialsGrant(config, { scope: 'orders/write' }), {
      error: 'invalid_scope',
    })
  }
})
