/** Who guesses learns nothing: not who exists, not from the time it takes, and not for long. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { lastCode, messagesOf, poolWithClient, sharedPools } from '../harness/user-pools.ts'

const PASSWORD = 'Correct-Horse-1'

const outcome = async (work: Promise<object>) => {
  try {
    const { $metadata: _, ...rest } = (await work) as { $metadata: object }
    return rest
  } catch (error) {
    const { name, message } = error as Error
    return { name, message }
  }
}

test('u00006 a user who is not there is answered as one who is', async () => {
  const pools = await sharedPools()
  const { admin, everybody } = pools
  const { UserPoolId, ClientId } = await poolWithClient(pools)
  const user = { UserPoolId, Username: 'ada' }
  const UserAttributes = [
    { Name: 'email', Value: 'ada@example.com' },
    { Name: 'email_verified', Value: 'true' },
  ]
  await admin.send(
    new sdk.AdminCreateUserCommand({ ...user, UserAttributes, MessageAction: 'SUPPRESS' }),
  )
  await admin.send(
    new sdk.AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }),
  )
  const commands = (Username: string) => [
    new sdk.InitiateAuthCommand({
      ...{ ClientId, AuthFlow: 'USER_PASSWORD_AUTH' },
      AuthParameters: { USERNAME: Username, PASSWORD: 'Wrong-Password-1' },
    }),
    new sdk.ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode: '123456' }),
    new sdk.ConfirmForgotPasswordCommand({
      ...{ ClientId, Username, ConfirmationCode: '123456', Password: PASSWORD },
    }),
  ]
  for (const [i, command] of commands('ada').entries()) {
    const known = await outcome(everybody.send(command as sdk.InitiateAuthCommand))
    const unknown = await outcome(everybody.send(commands('eve')[i] as sdk.InitiateAuthCommand))
    assert.deepEqual(unknown, known)
  }
  const srp = (USERNAME: string) =>
    everybody.send(
      new sdk.InitiateAuthCommand({
        ...{ ClientId, AuthFlow: 'USER_SRP_AUTH' },
        AuthParameters: { USERNAME, SRP_A: 'abcdef12' },
      }),
    )
  const shapes = []
  const salts = []
  for (const name of ['ada', 'eve', 'eve']) {
    const { ChallengeName, ChallengeParameters: given = {} } = await srp(name)
    salts.push(given['SALT'])
    shapes.push([ChallengeName, Object.keys(given).sort(), given['SALT']?.length])
    assert.equal(given['USER_ID_FOR_SRP'], name)
  }
  assert.deepEqual(shapes[1], shapes[0])
  assert.equal(salts[2], salts[1], 'asked again, the salt is the same')
  const forgot = async (Username: string) => {
    const answer = await everybody.send(new sdk.ForgotPasswordCommand({ ClientId, Username }))
    return { ...answer.CodeDeliveryDetails, Destination: '' }
  }
  assert.deepEqual(await forgot('eve'), await forgot('ada'))
  assert.deepEqual(
    (await messagesOf(pools, UserPoolId)).map(({ username }) => username),
    ['ada'],
  )
})

test('u00006 an older client is told, when it asks for that', async () => {
  const pools = await sharedPools()
  const { ClientId } = await poolWithClient(pools, {}, { PreventUserExistenceErrors: 'LEGACY' })
  const AuthParameters = { USERNAME: 'eve', PASSWORD }
  const signIn = new sdk.InitiateAuthCommand({
    ...{ ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters },
  })
  assert.deepEqual(await outcome(pools.everybody.send(signIn)), {
    ...{ name: 'UserNotFoundException', message: 'User does not exist.' },
  })
})

test('u00006 after five wrong guesses even the right password waits, for a name that exists or not', async () => {
  const pools = await sharedPools()
  const { admin, everybody } = pools
  const { UserPoolId, ClientId } = await poolWithClient(pools)
  const user = { UserPoolId, Username: 'ada' }
  await admin.send(new sdk.AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }))
  await admin.send(
    new sdk.AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }),
  )
  const signIn = (USERNAME: string, password: string) =>
    outcome(
      everybody.send(
        new sdk.InitiateAuthCommand({
          ...{ ClientId, AuthFlow: 'USER_PASSWORD_AUTH' },
          AuthParameters: { USERNAME, PASSWORD: password },
        }),
      ),
    )
  const wrong = { name: 'NotAuthorizedException', message: 'Incorrect username or password.' }
  const tooMany = { name: 'NotAuthorizedException', message: 'Password attempts exceeded' }
  for (const [name, last] of [
    ['eve', 'guess'],
    ['ada', PASSWORD],
  ] as const) {
    const guesses = Array.from({ length: 12 }, (_, i) => signIn(name, `guess ${i}`))
    const answers = await Promise.all(guesses)
    // They came before the first of them was over: all are counted.
    assert.ok(answers.every((answer) => JSON.stringify(answer) === JSON.stringify(wrong)))
    assert.deepEqual(await signIn(name, last), tooMany, name)
  }
})

test("u00006 whoever is given a name that was somebody else's inherits neither tokens nor codes", async () => {
  const pools = await sharedPools()
  const { admin, everybody } = pools
  const { UserPoolId, ClientId } = await poolWithClient(pools)
  const user = { UserPoolId, Username: 'ada' }
  const make = async (email: string) => {
    const UserAttributes = [
      { Name: 'email', Value: email },
      { Name: 'email_verified', Value: 'true' },
    ]
    await admin.send(
      new sdk.AdminCreateUserCommand({ ...user, UserAttributes, MessageAction: 'SUPPRESS' }),
    )
    await admin.send(
      new sdk.AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }),
    )
  }
  await make('old@example.com')
  const { AuthenticationResult } = await everybody.send(
    new sdk.InitiateAuthCommand({
      ...{ ClientId, AuthFlow: 'USER_PASSWORD_AUTH' },
      AuthParameters: { USERNAME: 'ada', PASSWORD },
    }),
  )
  const { AccessToken, RefreshToken } = AuthenticationResult!
  await everybody.send(new sdk.ForgotPasswordCommand({ ClientId, Username: 'ada' }))
  const ConfirmationCode = await lastCode(pools, UserPoolId)
  await everybody.send(new sdk.DeleteUserCommand({ AccessToken }))
  await make('new@example.com')
  const attempts = [
    new sdk.GetUserCommand({ AccessToken }),
    new sdk.GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken }),
    new sdk.ConfirmForgotPasswordCommand({
      ...{ ClientId, Username: 'ada', ConfirmationCode, Password: 'Other-Horse-1' },
    }),
  ]
  const names = []
  for (const attempt of attempts) {
    names.push(((await outcome(everybody.send(attempt as sdk.GetUserCommand))) as Error).name)
  }
  assert.deepEqual(names, [
    'NotAuthorizedException',
    'NotAuthorizedException',
    'CodeMismatchException',
  ])
  await everybody.send(new sdk.ForgotPasswordCommand({ ClientId, Username: 'ada' }))
  const later = await lastCode(pools, UserPoolId)
  await admin.send(
    new sdk.AdminUpdateUserAttributesCommand({
      ...user,
      UserAttributes: [{ Name: 'email', Value: 'newer@example.com' }],
    }),
  )
  const late = new sdk.ConfirmForgotPasswordCommand({
    ...{ ClientId, Username: 'ada', ConfirmationCode: later, Password: 'Other-Horse-1' },
  })
  assert.equal(
    ((await outcome(everybody.send(late))) as Error).name,
    'ExpiredCodeException',
    'it went to an address that is not his any more',
  )
})
