/**
 * Test 21 for user pools: what users and clients must keep to themselves is in no entry of the audit log, in no line that
 * the program writes, and in clear nowhere in the data folder.
 */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { lastCode, poolWithClient, startPools } from '../harness/user-pools.ts'

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname

test('21 passwords, codes, tokens and keys of user pools leak nowhere', async (t) => {
  const pools = await startPools(t)
  const { everybody, admin, server } = pools
  const client: Partial<sdk.CreateUserPoolClientCommandInput> = {
    ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
    RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
  }
  const { UserPoolId, ClientId } = await poolWithClient(pools, {}, client)
  const secret = await poolWithClient(pools, {}, { GenerateSecret: true })
  const passwords = ['Canary-Horse-1', 'Canary-Staple-2', 'Canary-Wrong-3', 'Canary-Temp-4']
  const [first = '', second = '', wrong = '', temporary = ''] = passwords
  const UserAttributes = [{ Name: 'email', Value: 'ada@example.com' }]
  await everybody.send(
    new sdk.SignUpCommand({ ClientId, Username: 'ada', Password: first, UserAttributes }),
  )
  const code = await lastCode(pools, UserPoolId)
  await everybody.send(
    new sdk.ConfirmSignUpCommand({ ClientId, Username: 'ada', ConfirmationCode: code }),
  )
  const signIn = async (PASSWORD: string) => {
    const { AuthenticationResult } = await everybody.send(
      new sdk.InitiateAuthCommand({
        ...{ ClientId, AuthFlow: 'USER_PASSWORD_AUTH' },
        AuthParameters: { USERNAME: 'ada', PASSWORD },
      }),
    )
    return AuthenticationResult!
  }
  await assert.rejects(signIn(wrong))
  const tokens = await signIn(first)
  const { AccessToken } = tokens
  const refreshed = await everybody.send(
    new sdk.GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken: tokens.RefreshToken }),
  )
  await everybody.send(
    new sdk.ChangePasswordCommand({
      ...{ AccessToken, PreviousPassword: first, ProposedPassword: second },
    }),
  )
  await admin.send(
    new sdk.AdminCreateUserCommand({
      ...{ UserPoolId, Username: 'bob', TemporaryPassword: temporary, MessageAction: 'SUPPRESS' },
    }),
  )
  await admin.send(
    new sdk.SetUserPoolMfaConfigCommand({
      ...{ UserPoolId, MfaConfiguration: 'OPTIONAL' },
      SoftwareTokenMfaConfiguration: { Enabled: true },
    }),
  )
  const again = await signIn(second)
  const totp = await everybody.send(
    new sdk.AssociateSoftwareTokenCommand({ AccessToken: again.AccessToken }),
  )
  const results = [tokens, again, refreshed.AuthenticationResult!]
  const tokenTexts = results.flatMap(({ AccessToken, IdToken, RefreshToken }) =>
    [AccessToken, IdToken, RefreshToken].map((token) => token!.split('.').at(-1)!),
  )
  const secrets = [...passwords, totp.SecretCode!, secret.ClientSecret!, ...tokenTexts]
  const words = [MAIN, 'audit', '--last', '1000', '--json', '--data', server.folder]
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 1e8 })
  assert.match(stdout, /cognito-idp:SignUp/, 'the log says what was done')
  assert.match(stdout, /cognito-idp:InitiateAuth/)
  const hidden = [...secrets, code, 'scrypt$', 'sealedVerifier', 'sealedPrivateKey', 'sealedTotp']
  for (const text of hidden) assert.ok(!stdout.includes(text), `the audit log holds ${text}`)
  const said = server.lines.join('\n')
  await server.stop()
  for (const text of secrets) {
    assert.ok(!said.includes(text), 'the log')
    for (const name of readdirSync(server.folder)) {
      const file = join(server.folder, name)
      if (!statSync(file).isFile()) continue
      assert.ok(!readFileSync(file).includes(text), `${name} holds ${text}`)
    }
  }
})
