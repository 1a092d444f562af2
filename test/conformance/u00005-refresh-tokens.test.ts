/** Refresh tokens: rotated, reused, revoked, of another client, over. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { type PoolServer, poolWithClient, sharedPools } from '../harness/user-pools.ts'

const PASSWORD = 'Correct-Horse-1'

async function withUser(pools: PoolServer, client: Partial<sdk.CreateUserPoolClientCommandInput>) {
  const made = await poolWithClient(pools, {}, client)
  const user = { UserPoolId: made.UserPoolId, Username: 'ada' }
  const { admin, everybody } = pools
  await admin.send(new sdk.AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }))
  await admin.send(
    new sdk.AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }),
  )
  const signIn = async () => {
    const { AuthenticationResult } = await everybody.send(
      new sdk.InitiateAuthCommand({
        ...{ ClientId: made.ClientId, AuthFlow: 'USER_PASSWORD_AUTH' },
        AuthParameters: { USERNAME: 'ada', PASSWORD },
      }),
    )
    return AuthenticationResult!
  }
  const refresh = async (RefreshToken: string | undefined, ClientId = made.ClientId) => {
    const command = new sdk.GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken })
    return (await everybody.send(command)).AuthenticationResult!
  }
  const me = (AccessToken: string | undefined) =>
    everybody.send(new sdk.GetUserCommand({ AccessToken }))
  return { ...made, signIn, refresh, me }
}

const fails = (name: string) => (error: unknown) => {
  assert.equal((error as Error).name, name, String(error))
  return true
}

const ROTATING: Partial<sdk.CreateUserPoolClientCommandInput> = {
  ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
}

test('u00005 each use makes a new token; whoever shows a used one ends the whole sign-in', async () => {
  const pools = await sharedPools()
  const { signIn, refresh, me } = await withUser(pools, {
    ...ROTATING,
    RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
  })
  const first = await signIn()
  const second = await refresh(first.RefreshToken)
  assert.ok(second.RefreshToken && second.RefreshToken !== first.RefreshToken)
  const third = await refresh(second.RefreshToken)
  await me(third.AccessToken)
  await assert.rejects(refresh(first.RefreshToken), fails('RefreshTokenReuseException'))
  await assert.rejects(refresh(third.RefreshToken), fails('NotAuthorizedException'))
  await assert.rejects(me(third.AccessToken), fails('NotAuthorizedException'))
  await me((await signIn()).AccessToken)
})

test('u00005 two uses at once: one of them wins, and within the grace period both', async () => {
  const pools = await sharedPools()
  const strict = await withUser(pools, {
    ...ROTATING,
    RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
  })
  const { RefreshToken } = await strict.signIn()
  const both = await Promise.allSettled([
    strict.refresh(RefreshToken),
    strict.refresh(RefreshToken),
  ])
  assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1)
  const patient = await withUser(pools, {
    ...ROTATING,
    RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 60 },
  })
  const token = (await patient.signIn()).RefreshToken
  await Promise.all([patient.refresh(token), patient.refresh(token)])
})

test('u00005 a revoked sign-in gives no tokens, and its access tokens are void at the API', async () => {
  const pools = await sharedPools()
  const { everybody, admin } = pools
  const { UserPoolId, ClientId, signIn, refresh, me } = await withUser(pools, {})
  const { RefreshToken: Token, AccessToken } = await signIn()
  const kept = await signIn()
  assert.equal((await refresh(Token)).RefreshToken, undefined, 'it stays the same')
  const other = await admin.send(
    new sdk.CreateUserPoolClientCommand({ UserPoolId, ClientName: 'other' }),
  )
  const OtherId = other.UserPoolClient!.ClientId!
  await assert.rejects(refresh(Token, OtherId), fails('NotAuthorizedException'))
  const revoke = (token: string | undefined, client = ClientId) =>
    everybody.send(new sdk.RevokeTokenCommand({ ClientId: client, Token: token }))
  await assert.rejects(revoke(Token, OtherId), fails('UnauthorizedException'))
  await assert.rejects(revoke(AccessToken), fails('UnsupportedTokenTypeException'))
  await revoke(`${Token!.slice(0, -4)}AAAA`)
  await me(AccessToken)
  await revoke(Token)
  await revoke(Token)
  await assert.rejects(refresh(Token), fails('NotAuthorizedException'))
  await assert.rejects(me(AccessToken), fails('NotAuthorizedException'))
  await me(kept.AccessToken)
  await admin.send(new sdk.AdminDisableUserCommand({ UserPoolId, Username: 'ada' }))
  await assert.rejects(me(kept.AccessToken), fails('NotAuthorizedException'))
  await assert.rejects(signIn(), fails('NotAuthorizedException'))
  await admin.send(new sdk.AdminEnableUserCommand({ UserPoolId, Username: 'ada' }))
  await me((await signIn()).AccessToken)
  await assert.rejects(me(kept.AccessToken), fails('NotAuthorizedException'), 'it stays over')
})
