/** What an administrator does by the SDK: users, groups, scopes, domains, tags, second factors. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { codeAt } from '../../src/identity/user-pools/totp.ts'
import { lastCode, messagesOf, poolWithClient, sharedPools } from '../harness/user-pools.ts'

const PASSWORD = 'Correct-Horse-1'

const fails =
  (name: string, message = /./) =>
  (error: unknown) => {
    assert.equal((error as Error).name, name, String(error))
    assert.match((error as Error).message, message)
    return true
  }

test('u00007 users: make, look at, search, change, lock out, delete', async () => {
  const pools = await sharedPools()
  const { admin } = pools
  const { UserPoolId } = await poolWithClient(pools, {
    AliasAttributes: ['email', 'preferred_username'],
    Schema: [
      { Name: 'email', Required: true, Mutable: true },
      { Name: 'level', AttributeDataType: 'Number', NumberAttributeConstraints: { MaxValue: '9' } },
    ],
  })
  const make = (Username: string, ...more: sdk.AttributeType[]) =>
    admin.send(
      new sdk.AdminCreateUserCommand({
        ...{ UserPoolId, Username },
        UserAttributes: [
          { Name: 'email', Value: `${Username}@example.com` },
          { Name: 'email_verified', Value: 'true' },
          ...more,
        ],
      }),
    )
  const { User } = await make('ada', { Name: 'custom:level', Value: '3' })
  assert.deepEqual([User?.Enabled, User?.UserStatus], [true, 'FORCE_CHANGE_PASSWORD'])
  const invitation = (await messagesOf(pools, UserPoolId)).at(-1)!
  assert.deepEqual([invitation.medium, invitation.destination], ['EMAIL', 'ada@example.com'])
  assert.ok(invitation.body.includes(`ada and temporary password is ${invitation.code}`))
  await admin.send(
    new sdk.AdminCreateUserCommand({ UserPoolId, Username: 'ada', MessageAction: 'RESEND' }),
  )
  assert.notEqual(await lastCode(pools, UserPoolId), invitation.code)
  for (const name of ['bob', 'abe']) await make(name)
  await assert.rejects(make('ada'), fails('UsernameExistsException'))
  await assert.rejects(make('a@b.example'), fails('InvalidParameterException', /email format/))
  await assert.rejects(
    make('cy', { Name: 'custom:level', Value: '10' }),
    fails('InvalidParameterException', /no larger than 9/),
  )
  await assert.rejects(
    make('cy', { Name: 'custom:other', Value: '1' }),
    fails('InvalidParameterException'),
  )
  await assert.rejects(
    admin.send(new sdk.AdminCreateUserCommand({ UserPoolId, Username: 'cy' })),
    fails('InvalidParameterException', /email is required/),
  )
  const get = (Username: string) =>
    admin.send(new sdk.AdminGetUserCommand({ UserPoolId, Username }))
  const byAlias = await get('ADA@example.com')
  assert.equal(byAlias.Username, 'ada')
  const sub = byAlias.UserAttributes?.find(({ Name }) => Name === 'sub')?.Value
  assert.equal((await get(sub!)).Username, 'ada')
  await assert.rejects(get('eve'), fails('UserNotFoundException', /^User does not exist\.$/))

  const list = async (input: Partial<sdk.ListUsersCommandInput>) => {
    const { Users = [], PaginationToken } = await admin.send(
      new sdk.ListUsersCommand({ UserPoolId, ...input }),
    )
    return { names: Users.map(({ Username }) => Username), PaginationToken }
  }
  const filtered = async (Filter: string) => (await list({ Filter })).names
  assert.deepEqual(await filtered('username ^= "a"'), ['ada', 'abe'])
  assert.deepEqual(await filtered('email = "bob@example.com"'), ['bob'])
  assert.deepEqual(await filtered('cognito:user_status = "CONFIRMED"'), [])
  await assert.rejects(filtered('birthdate = "x"'), fails('InvalidParameterException'))
  await assert.rejects(filtered('nonsense'), fails('InvalidParameterException'))
  const page = await list({ Limit: 2 })
  assert.deepEqual(page.names, ['ada', 'bob'])
  const { PaginationToken } = page
  assert.deepEqual((await list({ PaginationToken: PaginationToken! })).names, ['abe'])
  await assert.rejects(list({ PaginationToken: 'x' }), fails('InvalidParameterException'))

  const attributes = (...UserAttributes: sdk.AttributeType[]) =>
    admin.send(
      new sdk.AdminUpdateUserAttributesCommand({ UserPoolId, Username: 'ada', UserAttributes }),
    )
  await attributes({ Name: 'preferred_username', Value: 'countess' })
  assert.equal((await get('countess')).Username, 'ada')
  await assert.rejects(
    attributes(
      { Name: 'email', Value: 'bob@example.com' },
      { Name: 'email_verified', Value: 'true' },
    ),
    fails('AliasExistsException'),
  )
  await assert.rejects(attributes({ Name: 'sub', Value: 'x' }), fails('InvalidParameterException'))
  await admin.send(
    new sdk.AdminDeleteUserAttributesCommand({
      ...{ UserPoolId, Username: 'ada', UserAttributeNames: ['preferred_username'] },
    }),
  )
  await assert.rejects(get('countess'), fails('UserNotFoundException'))
  await admin.send(new sdk.AdminDisableUserCommand({ UserPoolId, Username: 'ada' }))
  assert.equal((await get('ada')).Enabled, false)
  assert.deepEqual(await filtered('status = "Disabled"'), ['ada'])
  await admin.send(new sdk.AdminEnableUserCommand({ UserPoolId, Username: 'ada' }))
  await admin.send(new sdk.AdminUserGlobalSignOutCommand({ UserPoolId, Username: 'ada' }))
  await admin.send(new sdk.AdminDeleteUserCommand({ UserPoolId, Username: 'ada' }))
  await assert.rejects(get('ada@example.com'), fails('UserNotFoundException'))
  await make('ada')
})

test('u00007 groups and their members', async () => {
  const pools = await sharedPools()
  const { admin } = pools
  const { UserPoolId } = await poolWithClient(pools)
  const group = (GroupName: string) => ({ UserPoolId, GroupName })
  for (const name of ['ada', 'bob']) {
    await admin.send(
      new sdk.AdminCreateUserCommand({ UserPoolId, Username: name, MessageAction: 'SUPPRESS' }),
    )
  }
  await admin.send(
    new sdk.CreateGroupCommand({ ...group('staff'), Description: 'all', Precedence: 5 }),
  )
  await assert.rejects(
    admin.send(new sdk.CreateGroupCommand(group('staff'))),
    fails('GroupExistsException'),
  )
  await admin.send(new sdk.UpdateGroupCommand({ ...group('staff'), Precedence: 1 }))
  const { Group } = await admin.send(new sdk.GetGroupCommand(group('staff')))
  assert.deepEqual([Group?.Description, Group?.Precedence], ['all', 1])
  await admin.send(new sdk.CreateGroupCommand(group('other')))
  const { Groups } = await admin.send(new sdk.ListGroupsCommand({ UserPoolId }))
  assert.equal(Groups?.length, 2)
  const add = (Username: string, GroupName: string) =>
    admin.send(new sdk.AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }))
  await add('ada', 'staff')
  await add('ada', 'staff')
  await add('bob', 'staff')
  await add('ada', 'other')
  await assert.rejects(add('ada', 'none'), fails('ResourceNotFoundException'))
  await assert.rejects(add('eve', 'staff'), fails('UserNotFoundException'))
  const members = async () => {
    const { Users } = await admin.send(new sdk.ListUsersInGroupCommand(group('staff')))
    return Users?.map(({ Username }) => Username)
  }
  assert.deepEqual(await members(), ['ada', 'bob'])
  await admin.send(new sdk.AdminRemoveUserFromGroupCommand({ ...group('staff'), Username: 'bob' }))
  assert.deepEqual(await members(), ['ada'])
  const groupsOf = async (Username: string) => {
    const command = new sdk.AdminListGroupsForUserCommand({ UserPoolId, Username })
    return (await admin.send(command)).Groups?.map(({ GroupName }) => GroupName)
  }
  assert.deepEqual(await groupsOf('ada'), ['staff', 'other'])
  await admin.send(new sdk.DeleteGroupCommand(group('staff')))
  assert.deepEqual(await groupsOf('ada'), ['other'])
})

test('u00007 resource servers, domains, tags', async () => {
  const pools = await sharedPools()
  const { admin } = pools
  const { UserPoolId, ClientId } = await poolWithClient(pools)
  const server = { UserPoolId, Identifier: 'shop', Name: 'Shop' }
  const Scopes = [{ ScopeName: 'read', ScopeDescription: 'Look' }]
  await admin.send(new sdk.CreateResourceServerCommand({ ...server, Scopes }))
  await assert.rejects(
    admin.send(new sdk.CreateResourceServerCommand({ ...server, Scopes })),
    fails('InvalidParameterException', /already exists/),
  )
  await admin.send(
    new sdk.UpdateUserPoolClientCommand({
      ...{ UserPoolId, ClientId, AllowedOAuthScopes: ['openid', 'shop/read'] },
    }),
  )
  const { ResourceServer } = await admin.send(
    new sdk.UpdateResourceServerCommand({ ...server, Name: 'The shop', Scopes }),
  )
  assert.deepEqual(ResourceServer, { ...server, Name: 'The shop', Scopes })
  const one = { UserPoolId, Identifier: 'shop' }
  assert.deepEqual(
    (await admin.send(new sdk.DescribeResourceServerCommand(one))).ResourceServer,
    ResourceServer,
  )
  const all = new sdk.ListResourceServersCommand({ UserPoolId, MaxResults: 10 })
  assert.deepEqual((await admin.send(all)).ResourceServers, [ResourceServer])
  await admin.send(new sdk.DeleteResourceServerCommand(one))
  assert.deepEqual((await admin.send(all)).ResourceServers, [])

  const Domain = 'shop'
  await admin.send(new sdk.CreateUserPoolDomainCommand({ UserPoolId, Domain }))
  const other = await poolWithClient(pools)
  await assert.rejects(
    admin.send(new sdk.CreateUserPoolDomainCommand({ UserPoolId: other.UserPoolId, Domain })),
    fails('InvalidParameterException', /already associated/),
  )
  const described = await admin.send(new sdk.DescribeUserPoolDomainCommand({ Domain }))
  assert.equal(described.DomainDescription?.UserPoolId, UserPoolId)
  const pool = await admin.send(new sdk.DescribeUserPoolCommand({ UserPoolId }))
  assert.equal(pool.UserPool?.Domain, Domain)
  await assert.rejects(
    admin.send(new sdk.DeleteUserPoolCommand({ UserPoolId })),
    fails('InvalidParameterException', /domain/),
  )
  await admin.send(new sdk.DeleteUserPoolDomainCommand({ UserPoolId, Domain }))

  const ResourceArn = pool.UserPool!.Arn!
  await admin.send(new sdk.TagResourceCommand({ ResourceArn, Tags: { team: 'a', cost: 'b' } }))
  await admin.send(new sdk.UntagResourceCommand({ ResourceArn, TagKeys: ['cost'] }))
  const { Tags } = await admin.send(new sdk.ListTagsForResourceCommand({ ResourceArn }))
  assert.deepEqual(Tags, { team: 'a' })
  await admin.send(new sdk.DeleteUserPoolCommand({ UserPoolId }))
})

test('u00007 a second factor by an administrator: asked for, answered, taken away', async () => {
  const pools = await sharedPools()
  const { admin, everybody } = pools
  const { UserPoolId, ClientId } = await poolWithClient(pools)
  const user = { UserPoolId, Username: 'ada' }
  await admin.send(
    new sdk.AdminCreateUserCommand({
      ...user,
      MessageAction: 'SUPPRESS',
      TemporaryPassword: PASSWORD,
    }),
  )
  await assert.rejects(
    admin.send(new sdk.SetUserPoolMfaConfigCommand({ UserPoolId, MfaConfiguration: 'ON' })),
    fails('InvalidParameterException'),
  )
  await admin.send(
    new sdk.SetUserPoolMfaConfigCommand({
      ...{ UserPoolId, MfaConfiguration: 'OPTIONAL' },
      SoftwareTokenMfaConfiguration: { Enabled: true },
    }),
  )
  const config = await admin.send(new sdk.GetUserPoolMfaConfigCommand({ UserPoolId }))
  assert.equal(config.MfaConfiguration, 'OPTIONAL')
  const client = { UserPoolId, ClientId }
  const signIn = (password: string) =>
    admin.send(
      new sdk.AdminInitiateAuthCommand({
        ...{ ...client, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' },
        AuthParameters: { USERNAME: 'ada', PASSWORD: password },
      }),
    )
  const respond = (
    { ChallengeName, Session }: sdk.AdminInitiateAuthCommandOutput,
    responses: Record<string, string>,
  ) =>
    admin.send(
      new sdk.AdminRespondToAuthChallengeCommand({
        ...{ ...client, ChallengeName, Session },
        ChallengeResponses: { USERNAME: 'ada', ...responses },
      }),
    )
  const first = await signIn(PASSWORD)
  assert.equal(first.ChallengeName, 'NEW_PASSWORD_REQUIRED')
  const NEW_PASSWORD = 'Battery-Staple-2'
  const { AuthenticationResult } = await respond(first, { NEW_PASSWORD })
  await assert.rejects(
    respond(first, { NEW_PASSWORD: PASSWORD }),
    fails('NotAuthorizedException', /session/),
  )
  const { AccessToken } = AuthenticationResult!
  await assert.rejects(
    admin.send(
      new sdk.AdminSetUserMFAPreferenceCommand({
        ...user,
        SoftwareTokenMfaSettings: { Enabled: true },
      }),
    ),
    fails('InvalidParameterException', /not verified/),
  )
  const { SecretCode } = await everybody.send(
    new sdk.AssociateSoftwareTokenCommand({ AccessToken }),
  )
  const UserCode = codeAt(SecretCode!, Math.floor(Date.now() / 30_000) - 1)
  await everybody.send(new sdk.VerifySoftwareTokenCommand({ AccessToken, UserCode }))
  assert.ok((await signIn(NEW_PASSWORD)).AuthenticationResult, 'verified is not yet asked for')
  await everybody.send(
    new sdk.SetUserMFAPreferenceCommand({
      AccessToken,
      SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
    }),
  )
  const asked = await signIn(NEW_PASSWORD)
  assert.equal(asked.ChallengeName, 'SOFTWARE_TOKEN_MFA')
  const code = codeAt(SecretCode!, Math.floor(Date.now() / 30_000))
  const answered = await respond(asked, { SOFTWARE_TOKEN_MFA_CODE: code })
  assert.ok(answered.AuthenticationResult?.AccessToken)
  const public_ = everybody.send(
    new sdk.RespondToAuthChallengeCommand({
      ...{ ClientId, ChallengeName: 'SOFTWARE_TOKEN_MFA', Session: `${asked.Session}x` },
      ChallengeResponses: { USERNAME: 'ada', SOFTWARE_TOKEN_MFA_CODE: code },
    }),
  )
  await assert.rejects(public_, fails('NotAuthorizedException', /[Ss]ession/))
  await admin.send(new sdk.AdminDeleteSoftwareTokenCommand(user))
  assert.ok((await signIn(NEW_PASSWORD)).AuthenticationResult)
})
