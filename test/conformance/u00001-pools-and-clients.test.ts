/** Pools and app clients by the official client, their issuer's two pages, and all of it again after a restart. */

import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { createRemoteJWKSet } from 'jose'
import { connectClient } from '../harness/client.ts'
import { type PoolServer, startPools } from '../harness/user-pools.ts'

const json = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>

async function newPool({ admin }: PoolServer, input: Partial<sdk.CreateUserPoolCommandInput> = {}) {
  const { UserPool } = await admin.send(
    new sdk.CreateUserPoolCommand({ PoolName: 'shop', ...input }),
  )
  return UserPool!
}

test('u00001 an installation without pools has no port; the first pool brings it', async (t) => {
  const pools = await startPools(t)
  const keyFile = join(pools.server.folder, 'installation.key')
  await assert.rejects(fetch(pools.identityUrl), 'nobody listens')
  const { Id } = await newPool(pools)
  assert.match(Id!, new RegExp(`^${pools.server.endpoint.region}_[0-9A-Za-z]{9}$`))
  assert.equal(statSync(keyFile).mode & 0o777, 0o600)
  const issuer = `${pools.identityUrl}/${Id}`
  const discovery = await json(`${issuer}/.well-known/openid-configuration`)
  assert.equal(discovery['issuer'], issuer)
  assert.equal(discovery['jwks_uri'], `${issuer}/.well-known/jwks.json`)
  const { keys } = (await json(String(discovery['jwks_uri']))) as { keys: object[] }
  assert.equal(keys.length, 1)
  assert.deepEqual(Object.keys(keys[0]!).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
  assert.equal(
    (await fetch(`${pools.identityUrl}/eu-west-1_AAAAAAAAA/.well-known/jwks.json`)).status,
    404,
  )
  assert.equal((await fetch(`${issuer}/other`)).status, 404)
  assert.equal((await fetch(`${issuer}/.well-known/jwks.json`, { method: 'POST' })).status, 405)
  createRemoteJWKSet(new URL(String(discovery['jwks_uri'])))
})

test('u00001 the same pool, keys and clients are there after a restart', async (t) => {
  const first = await startPools(t)
  const { Id } = await newPool(first)
  const { UserPoolClient } = await first.admin.send(
    new sdk.CreateUserPoolClientCommand({
      UserPoolId: Id,
      ClientName: 'web',
      GenerateSecret: true,
    }),
  )
  const jwks = `/${Id}/.well-known/jwks.json`
  const before = await json(first.identityUrl + jwks)
  await first.server.stop()
  const again = await startPools(t, first.server.folder)
  assert.deepEqual(await json(again.identityUrl + jwks), before)
  const { ClientId } = UserPoolClient!
  const described = await again.admin.send(
    new sdk.DescribeUserPoolClientCommand({ UserPoolId: Id, ClientId }),
  )
  assert.deepEqual(described.UserPoolClient, UserPoolClient)
})

test('u00001 pools: create, describe, list, update, delete', async (t) => {
  const pools = await startPools(t)
  const { admin } = pools
  const made = await newPool(pools, {
    UsernameAttributes: ['email'],
    Schema: [{ Name: 'plan', AttributeDataType: 'String', Mutable: true }],
  })
  const UserPoolId = made.Id!
  assert.deepEqual(made.Policies?.PasswordPolicy, {
    ...{ MinimumLength: 8, RequireUppercase: true, RequireLowercase: true, RequireNumbers: true },
    ...{ RequireSymbols: true, TemporaryPasswordValidityDays: 7 },
  })
  await newPool(pools, { PoolName: 'bank' })
  const page = await admin.send(new sdk.ListUserPoolsCommand({ MaxResults: 1 }))
  assert.deepEqual(
    page.UserPools?.map(({ Name }) => Name),
    ['shop'],
  )
  const { NextToken } = page
  const rest = await admin.send(new sdk.ListUserPoolsCommand({ MaxResults: 9, NextToken }))
  assert.deepEqual(
    rest.UserPools?.map(({ Name }) => Name),
    ['bank'],
  )
  await admin.send(
    new sdk.AddCustomAttributesCommand({
      UserPoolId,
      CustomAttributes: [{ Name: 'age', AttributeDataType: 'Number' }],
    }),
  )
  await admin.send(new sdk.UpdateUserPoolCommand({ UserPoolId, DeletionProtection: 'ACTIVE' }))
  const { UserPool } = await admin.send(new sdk.DescribeUserPoolCommand({ UserPoolId }))
  assert.equal(UserPool?.EstimatedNumberOfUsers, 0)
  assert.deepEqual(UserPool?.UsernameAttributes, ['email'], 'an update leaves it')
  const names = UserPool?.SchemaAttributes?.map(({ Name }) => Name)
  assert.equal(names?.length, 22)
  assert.deepEqual(names?.slice(-2), ['custom:plan', 'custom:age'])
  await assert.rejects(
    admin.send(new sdk.DeleteUserPoolCommand({ UserPoolId })),
    (error) => error instanceof sdk.InvalidParameterException && /protection/.test(error.message),
  )
  await admin.send(new sdk.UpdateUserPoolCommand({ UserPoolId, DeletionProtection: 'INACTIVE' }))
  await admin.send(new sdk.DeleteUserPoolCommand({ UserPoolId }))
  await assert.rejects(
    admin.send(new sdk.DescribeUserPoolCommand({ UserPoolId })),
    (error) =>
      error instanceof sdk.ResourceNotFoundException &&
      error.message === `User pool ${UserPoolId} does not exist.`,
  )
})

test('u00001 clients: create, list, update, delete, and what they may not be', async (t) => {
  const pools = await startPools(t)
  const { admin } = pools
  const UserPoolId = (await newPool(pools)).Id!
  const { UserPoolClient } = await admin.send(
    new sdk.CreateUserPoolClientCommand({ UserPoolId, ClientName: 'web', GenerateSecret: true }),
  )
  assert.match(UserPoolClient!.ClientId!, /^[a-z0-9]{26}$/)
  assert.match(UserPoolClient!.ClientSecret!, /^[a-z0-9]{51}$/)
  assert.equal(UserPoolClient!.PreventUserExistenceErrors, 'ENABLED')
  const { ClientId } = UserPoolClient!
  const updated = await admin.send(
    new sdk.UpdateUserPoolClientCommand({
      ...{ UserPoolId, ClientId, ClientName: 'shop' },
      AccessTokenValidity: 10,
      TokenValidityUnits: { AccessToken: 'minutes' },
    }),
  )
  assert.equal(updated.UserPoolClient?.ClientSecret, UserPoolClient!.ClientSecret)
  const { UserPoolClients } = await admin.send(
    new sdk.ListUserPoolClientsCommand({ UserPoolId, MaxResults: 10 }),
  )
  assert.deepEqual(UserPoolClients, [{ ClientId, ClientName: 'shop', UserPoolId }])
  const refused: readonly (readonly [object, RegExp])[] = [
    [
      { AccessTokenValidity: 1, TokenValidityUnits: { AccessToken: 'minutes' } },
      /Access.* 5 minutes/,
    ],
    [{ CallbackURLs: ['http://shop.example/back'] }, /Invalid redirect URI/],
    [{ CallbackURLs: ['javascript:alert(1)'] }, /Invalid redirect URI/],
    [{ AllowedOAuthFlows: ['client_credentials'] }, /client secret/],
    [{ AllowedOAuthScopes: ['shop/read'] }, /Scope does not exist/],
    [{ SupportedIdentityProviders: ['Google'] }, /not supported/],
    [{ ReadAttributes: ['custom:none'] }, /Invalid write attributes/],
    [{ ExplicitAuthFlows: ['USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH'] }, /together/],
  ]
  for (const [settings, message] of refused) {
    const ClientName = 'bad'
    const attempt = new sdk.CreateUserPoolClientCommand({ UserPoolId, ClientName, ...settings })
    await assert.rejects(admin.send(attempt), message)
  }
  await admin.send(new sdk.DeleteUserPoolClientCommand({ UserPoolId, ClientId }))
  const gone = new sdk.DescribeUserPoolClientCommand({ UserPoolId, ClientId })
  await assert.rejects(admin.send(gone), /User pool client .* does not exist/)
})

test('u00001 a pool that nobody could reach is not made', async (t) => {
  const off = await startPools(t, undefined, '--identity', 'off')
  await assert.rejects(newPool(off), /User pools need the identity port/)
  const blocker = createServer()
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  t.after(() => blocker.close())
  const { port } = blocker.address() as { port: number }
  const taken = await startPools(t, undefined, '--identity', String(port))
  await assert.rejects(newPool(taken), /identity port \d+ cannot be opened/)
  const page = new sdk.ListUserPoolsCommand({ MaxResults: 1 })
  for (const { admin } of [off, taken]) assert.deepEqual((await admin.send(page)).UserPools, [])
})

test('u00001 a public address becomes the issuer; a domain leads to its pool', async (t) => {
  const pools = await startPools(t, undefined, '--identity-url', 'https://login.example.com/')
  const { Id: UserPoolId } = await newPool(pools)
  const path = '/.well-known/openid-configuration'
  const document = await json(`${pools.identityUrl}/${UserPoolId}${path}`)
  assert.equal(document['issuer'], `https://login.example.com/${UserPoolId}`)
  await pools.admin.send(new sdk.CreateUserPoolDomainCommand({ UserPoolId, Domain: 'shop' }))
  const client = await connectClient(t, Number(new URL(pools.identityUrl).port))
  const byName = await client.call('GET', path, ['Host: shop.auth.localhost'])
  assert.deepEqual(JSON.parse(byName.text), document)
  const preflight = await fetch(pools.identityUrl, { method: 'OPTIONS' })
  assert.equal(preflight.headers.get('access-control-allow-origin'), '*')
})
