/**
 * `amazon-cognito-identity-js`, as browsers run it, unmodified: SRP, a first password, TOTP, refresh, change, forgotten
 * password. Nothing but its `endpoint` is set.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  type CognitoUserSession,
} from 'amazon-cognito-identity-js'
import { codeAt } from '../../src/identity/user-pools/totp.ts'
import { lastCode, poolWithClient, sharedPools } from '../harness/user-pools.ts'

const PASSWORD = 'Correct-Horse-1'
const NEXT = 'Battery-Staple-2'

/** Where it keeps tokens; there is no window. */
class MemoryStorage {
  readonly #items = new Map<string, string>()
  setItem = (key: string, value: string) => this.#items.set(key, value)
  getItem = (key: string) => this.#items.get(key) ?? null
  removeItem = (key: string) => void this.#items.delete(key)
  clear = () => this.#items.clear()
}

type Ended =
  | { readonly kind: 'signed in'; readonly session: CognitoUserSession }
  | { readonly kind: 'new password'; readonly attributes: Record<string, string> }
  | { readonly kind: 'totp' }
  | { readonly kind: 'set up' }

type Callbacks = Parameters<CognitoUser['authenticateUser']>[1]

function ending(run: (callbacks: Callbacks) => void): Promise<Ended> {
  return new Promise((resolve, reject) =>
    run({
      onSuccess: (session) => resolve({ kind: 'signed in', session }),
      onFailure: reject,
      newPasswordRequired: (attributes) => resolve({ kind: 'new password', attributes }),
      totpRequired: () => resolve({ kind: 'totp' }),
      mfaSetup: () => resolve({ kind: 'set up' }),
    }),
  )
}

const done = <T>(run: (callback: (error: Error | undefined, result: T) => void) => void) =>
  new Promise<T>((resolve, reject) =>
    run((error, result) => (error ? reject(error) : resolve(result))),
  )

test('u00003 SRP sign-in from the invitation to a refreshed session, with TOTP on the way', async () => {
  const pools = await sharedPools()
  const { admin, identityUrl } = pools
  const { UserPoolId, ClientId } = await poolWithClient(
    pools,
    {},
    {
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    },
  )
  const named = { UserPoolId, Username: 'ada' }
  const email = { Name: 'email', Value: 'ada@example.com' }
  const created = await admin.send(
    new sdk.AdminCreateUserCommand({ ...named, UserAttributes: [email] }),
  )
  assert.equal(created.User?.UserStatus, 'FORCE_CHANGE_PASSWORD')
  const temporary = await lastCode(pools, UserPoolId)
  const Storage = new MemoryStorage()
  const Pool = new CognitoUserPool({ UserPoolId, ClientId, endpoint: identityUrl, Storage })
  const user = new CognitoUser({ Username: 'ada', Pool, Storage })
  const signIn = (Password: string) => {
    const details = new AuthenticationDetails({ Username: 'ada', Password })
    return ending((callbacks) => user.authenticateUser(details, callbacks))
  }
  await assert.rejects(signIn('Wrong-Password-1'), {
    name: 'NotAuthorizedException',
    message: 'Incorrect username or password.',
  })
  const first = await signIn(temporary)
  assert.ok(first.kind === 'new password', first.kind)
  assert.equal(first.attributes['email'], 'ada@example.com')
  await assert.rejects(
    ending((callbacks) => user.completeNewPasswordChallenge('short', {}, callbacks)),
    { name: 'InvalidPasswordException' },
  )
  assert.equal(
    (await ending((callbacks) => user.completeNewPasswordChallenge(PASSWORD, {}, callbacks))).kind,
    'signed in',
  )
  for (const wrong of [temporary, `${PASSWORD}x`]) {
    await assert.rejects(signIn(wrong), { name: 'NotAuthorizedException' })
  }
  const second = await signIn(PASSWORD)
  assert.ok(second.kind === 'signed in', second.kind)
  const { session } = second
  assert.equal(session.getIdToken().payload['cognito:username'], 'ada')
  assert.ok(session.isValid())
  const attributes = await done<{ getName(): string; getValue(): string }[] | undefined>(
    (callback) => user.getUserAttributes(callback as never),
  )
  assert.ok(attributes?.some((one) => one.getName() === 'email' && one.getValue() === email.Value))
  assert.equal(
    await done<unknown>((callback) => user.changePassword(PASSWORD, NEXT, callback as never)),
    'SUCCESS',
  )
  const refreshed = await done<CognitoUserSession>((callback) =>
    user.refreshSession(session.getRefreshToken(), callback),
  )
  assert.notEqual(refreshed.getAccessToken().getJwtToken(), session.getAccessToken().getJwtToken())

  await admin.send(
    new sdk.SetUserPoolMfaConfigCommand({
      ...{ UserPoolId, MfaConfiguration: 'OPTIONAL' },
      SoftwareTokenMfaConfiguration: { Enabled: true },
    }),
  )
  const secret = await new Promise<string>((associateSecretCode, onFailure) =>
    user.associateSoftwareToken({ associateSecretCode, onFailure }),
  )
  const step = () => Math.floor(Date.now() / 30_000)
  const verify = (code: string) =>
    new Promise<unknown>((onSuccess, onFailure) =>
      user.verifySoftwareToken(code, 'phone', { onSuccess, onFailure }),
    )
  await assert.rejects(verify(codeAt(secret, step() - 100)), {
    name: 'EnableSoftwareTokenMFAException',
  })
  await verify(codeAt(secret, step() - 1))
  const settings = { PreferredMfa: true, Enabled: true }
  assert.equal(
    await done<unknown>((callback) => user.setUserMfaPreference(null, settings, callback as never)),
    'SUCCESS',
  )
  assert.equal((await signIn(NEXT)).kind, 'totp')
  const sendCode = (code: string) =>
    ending((callbacks) => user.sendMFACode(code, callbacks, 'SOFTWARE_TOKEN_MFA'))
  await assert.rejects(sendCode(codeAt(secret, step() - 100)), { name: 'CodeMismatchException' })
  const code = codeAt(secret, step())
  assert.equal((await sendCode(code)).kind, 'signed in')
  assert.equal((await signIn(NEXT)).kind, 'totp')
  await assert.rejects(sendCode(code), { name: 'CodeMismatchException' }, 'a code is good once')
  await new Promise<unknown>((onSuccess, onFailure) => user.globalSignOut({ onSuccess, onFailure }))
})

test('u00003 a pool that insists on TOTP has it set up at sign-in; a forgotten password is replaced', async () => {
  const pools = await sharedPools()
  const { admin, identityUrl } = pools
  const { UserPoolId, ClientId } = await poolWithClient(pools)
  await admin.send(
    new sdk.SetUserPoolMfaConfigCommand({
      ...{ UserPoolId, MfaConfiguration: 'ON' },
      SoftwareTokenMfaConfiguration: { Enabled: true },
    }),
  )
  const Storage = new MemoryStorage()
  const Pool = new CognitoUserPool({ UserPoolId, ClientId, endpoint: identityUrl, Storage })
  const { CognitoUserAttribute } = await import('amazon-cognito-identity-js')
  const email = new CognitoUserAttribute({ Name: 'email', Value: 'ada@example.com' })
  await done<unknown>((callback) => Pool.signUp('ada', PASSWORD, [email], [], callback as never))
  const user = new CognitoUser({ Username: 'ada', Pool, Storage })
  const first = await lastCode(pools, UserPoolId)
  await done<unknown>((callback) => user.confirmRegistration(first, true, callback))
  const signIn = (Password: string) => {
    const details = new AuthenticationDetails({ Username: 'ada', Password })
    return ending((callbacks) => user.authenticateUser(details, callbacks))
  }
  assert.equal((await signIn(PASSWORD)).kind, 'set up')
  const secret = await new Promise<string>((associateSecretCode, onFailure) =>
    user.associateSoftwareToken({ associateSecretCode, onFailure }),
  )
  const code = codeAt(secret, Math.floor(Date.now() / 30_000))
  const session = await new Promise<CognitoUserSession>((onSuccess, onFailure) =>
    user.verifySoftwareToken(code, 'phone', { onSuccess, onFailure }),
  )
  assert.ok(session.isValid())
  await new Promise<unknown>((inputVerificationCode, onFailure) =>
    user.forgotPassword({ onSuccess: inputVerificationCode, onFailure, inputVerificationCode }),
  )
  const reset = await lastCode(pools, UserPoolId)
  await new Promise<unknown>((onSuccess, onFailure) =>
    user.confirmPassword(reset, NEXT, { onSuccess, onFailure }),
  )
  assert.equal((await signIn(NEXT)).kind, 'totp')
})
