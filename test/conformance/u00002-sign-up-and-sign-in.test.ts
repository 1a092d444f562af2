/** A user makes himself, proves his address, signs in with his password, changes it, forgets it, and leaves; by the SDK. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { lastCode, messagesOf, poolWithClient, sharedPools } from '../harness/user-pools.ts'

const PASSWORD = 'Correct-Horse-1'
const NEXT = 'Battery-Staple-2'

const passwordFlow = (ClientId: string, USERNAME: string, PASSWORD: string) =>
  new sdk.InitiateAuthCommand({
    ClientId,
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME, PASSWORD },
  })

const fails = (name: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof sdk.CognitoIdentityProviderServiceException, String(error))
  assert.equal(error.name, name, error.message)
  assert.match(error.message, message)
  return true
}

test("u00002 sign-up, code, sign-in; Cognito's claims in both tokens", async () => {
  const pools = await sharedPools()
  const { everybody, admin, identityUrl } = pools
  const { UserPoolId, ClientId } = await poolWithClient(pools)
  const signUp = {
    ...{ ClientId, Username: 'ada', Password: PASSWORD },
    UserAttributes: [
      { Name: 'email', Value: 'ada@example.com' },
      { Name: 'given_name', Value: 'Ada' },
    ],
  }
  const made = await everybody.send(new sdk.SignUpCommand(signUp))
  assert.equal(made.UserConfirmed, false)
  assert.deepEqual(made.CodeDeliveryDetails, {
    ...{ AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'a***@e***' },
  })
  await assert.rejects(
    everybody.send(passwordFlow(ClientId, 'ada', PASSWORD)),
    fails('UserNotConfirmedException', /^User is not confirmed\.$/),
  )
  await assert.rejects(
    everybody.send(new sdk.SignUpCommand(signUp)),
    fails('UsernameExistsException', /^User already exists$/),
  )
  const ConfirmationCode = await lastCode(pools, UserPoolId)
  const wrong = ConfirmationCode === '000000' ? '111111' : '000000'
  const confirm = (code: string) =>
    everybody.send(
      new sdk.ConfirmSignUpCommand({ ClientId, Username: 'ada', ConfirmationCode: code }),
    )
  await assert.rejects(confirm(wrong), fails('CodeMismatchException', /Invalid verification code/))
  await confirm(ConfirmationCode)
  await admin.send(new sdk.CreateGroupCommand({ UserPoolId, GroupName: 'buyers', Precedence: 2 }))
  await admin.send(
    new sdk.CreateGroupCommand({
      ...{
        UserPoolId,
        GroupName: 'staff',
        Precedence: 1,
        RoleArn: 'arn:aws:iam::000000000000:role/s',
      },
    }),
  )
  for (const GroupName of ['buyers', 'staff']) {
    await admin.send(new sdk.AdminAddUserToGroupCommand({ UserPoolId, Username: 'ada', GroupName }))
  }
  const before = Math.floor(Date.now() / 1_000)
  const { AuthenticationResult, ChallengeParameters } = await everybody.send(
    passwordFlow(ClientId, 'ada', PASSWORD),
  )
  assert.deepEqual(ChallengeParameters, {})
  const { IdToken, AccessToken, ExpiresIn, TokenType, RefreshToken } = AuthenticationResult!
  assert.deepEqual([ExpiresIn, TokenType], [3_600, 'Bearer'])
  assert.ok(RefreshToken)
  const issuer = `${identityUrl}/${UserPoolId}`
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`))
  const id = await jwtVerify(IdToken!, keys, { issuer, audience: ClientId, algorithms: ['RS256'] })
  const {
    iat,
    exp,
    auth_time: authTime,
    jti,
    event_id: eventId,
    origin_jti: originJti,
    ...rest
  } = id.payload
  assert.ok(iat! >= before && exp === iat! + 3_600 && Number(authTime) >= before)
  assert.notEqual(jti, originJti)
  assert.deepEqual(rest, {
    ...{ sub: made.UserSub, iss: issuer, aud: ClientId, token_use: 'id' },
    ...{ email: 'ada@example.com', email_verified: true, given_name: 'Ada' },
    ...{ 'cognito:username': 'ada', 'cognito:groups': ['staff', 'buyers'] },
    'cognito:roles': ['arn:aws:iam::000000000000:role/s'],
    'cognito:preferred_role': 'arn:aws:iam::000000000000:role/s',
  })
  const access = await jwtVerify(AccessToken!, keys, { issuer, algorithms: ['RS256'] })
  const { iat: _i, exp: _e, auth_time: _a, jti: _j, ...said } = access.payload
  assert.deepEqual(said, {
    ...{ sub: made.UserSub, iss: issuer, client_id: ClientId, token_use: 'access' },
    ...{ scope: 'aws.cognito.signin.user.admin', username: 'ada' },
    ...{ 'cognito:groups': ['staff', 'buyers'], origin_jti: originJti, event_id: eventId },
  })
})

test('u00002 change, forget and reset a password; sign-out ends what was signed in', async () => {
  const pools = await sharedPools()
  const { everybody, admin } = pools
  const { UserPoolId, ClientId } = await poolWithClient(pools, { UsernameAttributes: ['email'] })
  const Username = 'Ada@example.com'
  const { UserSub } = await everybody.send(
    new sdk.SignUpCommand({ ClientId, Username, Password: PASSWORD }),
  )
  await everybody.send(new sdk.ResendConfirmationCodeCommand({ ClientId, Username }))
  assert.equal((await messagesOf(pools, UserPoolId)).length, 2)
  const ConfirmationCode = await lastCode(pools, UserPoolId)
  await everybody.send(new sdk.ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode }))
  const signIn = async (password: string) =>
    (await everybody.send(passwordFlow(ClientId, 'ada@example.com', password)))
      .AuthenticationResult!
  const { AccessToken } = await signIn(PASSWORD)
  const me = await everybody.send(new sdk.GetUserCommand({ AccessToken }))
  assert.equal(me.Username, UserSub, 'where people sign up with an address, the name is the sub')
  const attribute = (name: string) => me.UserAttributes?.find(({ Name }) => Name === name)?.Value
  assert.deepEqual([attribute('email'), attribute('email_verified')], [Username, 'true'])
  const change = (PreviousPassword: string, ProposedPassword: string) =>
    everybody.send(
      new sdk.ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword }),
    )
  await assert.rejects(
    change('wrong', NEXT),
    fails('NotAuthorizedException', /^Incorrect username or password\.$/),
  )
  await assert.rejects(
    change(PASSWORD, 'short'),
    fails('InvalidPasswordException', /not long enough/),
  )
  await change(PASSWORD, NEXT)
  await assert.rejects(signIn(PASSWORD), fails('NotAuthorizedException', /Incorrect/))
  await signIn(NEXT)

  const forgot = await everybody.send(new sdk.ForgotPasswordCommand({ ClientId, Username }))
  assert.equal(forgot.CodeDeliveryDetails?.Destination, 'A***@e***')
  const confirm = new sdk.ConfirmForgotPasswordCommand({
    ...{ ClientId, Username, Password: PASSWORD },
    ConfirmationCode: await lastCode(pools, UserPoolId),
  })
  await everybody.send(confirm)
  await assert.rejects(
    everybody.send(confirm),
    fails('CodeMismatchException', /Invalid/),
    'a code is good once',
  )
  const again = await signIn(PASSWORD)
  await everybody.send(new sdk.GlobalSignOutCommand({ AccessToken: again.AccessToken }))
  for (const token of [AccessToken, again.AccessToken]) {
    await assert.rejects(
      everybody.send(new sdk.GetUserCommand({ AccessToken: token })),
      fails('NotAuthorizedException', /revoked/),
    )
  }
  const refresh = new sdk.InitiateAuthCommand({
    ClientId,
    AuthFlow: 'REFRESH_TOKEN_AUTH',
    AuthParameters: { REFRESH_TOKEN: again.RefreshToken! },
  })
  await assert.rejects(everybody.send(refresh), fails('NotAuthorizedException', /revoked/))
  await admin.send(new sdk.AdminResetUserPasswordCommand({ UserPoolId, Username }))
  await assert.rejects(signIn(PASSWORD), fails('PasswordResetRequiredException', /reset/))
  await everybody.send(
    new sdk.ConfirmForgotPasswordCommand({
      ...{ ClientId, Username, Password: NEXT },
      ConfirmationCode: await lastCode(pools, UserPoolId),
    }),
  )
  const last = await signIn(NEXT)
  await everybody.send(new sdk.DeleteUserCommand({ AccessToken: last.AccessToken }))
  await assert.rejects(signIn(NEXT), fails('NotAuthorizedException', /Incorrect/))
})

test('u00002 a user changes his attributes and proves a new address', async () => {
  const pools = await sharedPools()
  const { everybody, admin } = pools
  const { UserPoolId, ClientId } = await poolWithClient(
    pools,
    {
      Schema: [{ Name: 'plan', AttributeDataType: 'String', Mutable: true }],
    },
    { WriteAttributes: ['email', 'name'], ReadAttributes: ['email', 'email_verified', 'name'] },
  )
  const user = { UserPoolId, Username: 'ada' }
  await admin.send(
    new sdk.AdminCreateUserCommand({
      ...user,
      MessageAction: 'SUPPRESS',
      UserAttributes: [
        { Name: 'email', Value: 'ada@example.com' },
        { Name: 'email_verified', Value: 'true' },
        { Name: 'custom:plan', Value: 'gold' },
      ],
    }),
  )
  await admin.send(
    new sdk.AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }),
  )
  const { AuthenticationResult } = await everybody.send(passwordFlow(ClientId, 'ada', PASSWORD))
  const { AccessToken } = AuthenticationResult!
  assert.equal(decodeJwt(AuthenticationResult!.IdToken!)['custom:plan'], undefined, 'not readable')
  const update = (Name: string, Value: string) =>
    everybody.send(
      new sdk.UpdateUserAttributesCommand({ AccessToken, UserAttributes: [{ Name, Value }] }),
    )
  await assert.rejects(
    update('custom:plan', 'free'),
    fails('NotAuthorizedException', /unauthorized attribute/),
  )
  await assert.rejects(
    update('email_verified', 'true'),
    fails('NotAuthorizedException', /unauthorized attribute/),
  )
  await assert.rejects(
    update('email', 'nonsense'),
    fails('InvalidParameterException', /Invalid email/),
  )
  const { CodeDeliveryDetailsList } = await update('email', 'new@example.org')
  assert.equal(CodeDeliveryDetailsList?.[0]?.Destination, 'n***@e***')
  const emailOf = async () => {
    const { UserAttributes = [] } = await everybody.send(new sdk.GetUserCommand({ AccessToken }))
    return ['email', 'email_verified', 'custom:plan'].map(
      (name) => UserAttributes.find(({ Name }) => Name === name)?.Value,
    )
  }
  assert.deepEqual(await emailOf(), ['new@example.org', 'false', undefined])
  await everybody.send(
    new sdk.GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName: 'email' }),
  )
  const Code = await lastCode(pools, UserPoolId)
  await everybody.send(
    new sdk.VerifyUserAttributeCommand({ AccessToken, AttributeName: 'email', Code }),
  )
  assert.deepEqual(await emailOf(), ['new@example.org', 'true', undefined])
  await update('name', 'Ada L.')
  await everybody.send(
    new sdk.DeleteUserAttributesCommand({ AccessToken, UserAttributeNames: ['name'] }),
  )
})

test('u00002 a client with a secret shows its hash, and goes no flow that it was not given', async () => {
  const pools = await sharedPools()
  const { everybody, admin } = pools
  const { UserPoolId, ClientId, ClientSecret } = await poolWithClient(
    pools,
    {},
    {
      GenerateSecret: true,
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    },
  )
  const hash = (name: string) =>
    createHmac('sha256', ClientSecret!)
      .update(name + ClientId)
      .digest('base64')
  const signUp = { ClientId, Username: 'ada', Password: PASSWORD }
  await assert.rejects(
    everybody.send(new sdk.SignUpCommand(signUp)),
    fails('NotAuthorizedException', /SECRET_HASH was not received/),
  )
  await assert.rejects(
    everybody.send(new sdk.SignUpCommand({ ...signUp, SecretHash: hash('eve') })),
    fails('NotAuthorizedException', /SecretHash does not match/),
  )
  await everybody.send(new sdk.SignUpCommand({ ...signUp, SecretHash: hash('ada') }))
  await admin.send(new sdk.AdminConfirmSignUpCommand({ UserPoolId, Username: 'ada' }))
  await assert.rejects(
    everybody.send(passwordFlow(ClientId, 'ada', PASSWORD)),
    fails('InvalidParameterException', /^USER_PASSWORD_AUTH flow not enabled for this client$/),
  )
  const AuthParameters = { USERNAME: 'ada', PASSWORD, SECRET_HASH: hash('ada') }
  const { AuthenticationResult } = await admin.send(
    new sdk.AdminInitiateAuthCommand({
      ...{ UserPoolId, ClientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters },
    }),
  )
  const refreshed = await everybody.send(
    new sdk.InitiateAuthCommand({
      ...{ ClientId, AuthFlow: 'REFRESH_TOKEN_AUTH' },
      AuthParameters: {
        REFRESH_TOKEN: AuthenticationResult!.RefreshToken!,
        SECRET_HASH: hash('ada'),
      },
    }),
  )
  assert.equal(refreshed.AuthenticationResult?.RefreshToken, undefined)
  const [first, second] = [AuthenticationResult, refreshed.AuthenticationResult].map((result) =>
    decodeJwt(result!.AccessToken!),
  )
  assert.equal(second!['origin_jti'], first!['origin_jti'])
  assert.equal(second!['auth_time'], first!['auth_time'])
  await assert.rejects(
    admin.send(
      new sdk.AdminInitiateAuthCommand({
        ...{ UserPoolId: `${UserPoolId}x`, ClientId },
        ...{ AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters },
      }),
    ),
    fails('ResourceNotFoundException', /User pool/),
  )
  await assert.rejects(
    everybody.send(new sdk.AdminGetUserCommand({ UserPoolId, Username: 'ada' })),
    fails('MissingAuthenticationTokenException', /control port/),
  )
})
