/**
 * IAM as the official clients see it, and what it does to an API: a user with a policy calls, and no longer calls; a
 * role is assumed; the credentials of users open the management API as far as their policies say.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as apis from '@aws-sdk/client-apigatewayv2'
import * as iam from '@aws-sdk/client-iam'
import * as sts from '@aws-sdk/client-sts'
import { AwsCli } from '../harness/outside-clients.ts'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { startServer, type TestServer } from '../harness/server.ts'
import { type ApiCredentials, sendCall, signCall } from '../harness/signed-call.ts'

const INVOKE = 'execute-api:Invoke'

function policy(...statements: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

function allow(Action: string | string[], Resource = '*'): object {
  return { Effect: 'Allow', Action, Resource }
}

class Setup {
  readonly server: TestServer
  readonly region: string
  readonly root: ApiCredentials
  readonly #t: TestContext

  constructor(t: TestContext, server: TestServer) {
    const { region, accessKeyId, secretAccessKey } = server.endpoint
    this.#t = t
    this.server = server
    this.region = region
    this.root = { accessKeyId, secretAccessKey }
  }

  #settings(credentials: ApiCredentials) {
    const { region } = this
    return { endpoint: this.server.endpoint.url, region, credentials, maxAttempts: 1 }
  }

  iam(credentials = this.root): iam.IAMClient {
    const client = new iam.IAMClient(this.#settings(credentials))
    this.#t.after(() => client.destroy())
    return client
  }

  sts(credentials = this.root): sts.STSClient {
    const client = new sts.STSClient(this.#settings(credentials))
    this.#t.after(() => client.destroy())
    return client
  }

  apis(credentials = this.root): apis.ApiGatewayV2Client {
    const client = new apis.ApiGatewayV2Client(this.#settings(credentials))
    this.#t.after(() => client.destroy())
    return client
  }

  /** An API whose routes ask for IAM; resolves to its id. */
  async api(origin: string): Promise<string> {
    const client = this.apis()
    const { ApiId } = await client.send(
      new apis.CreateApiCommand({ Name: 'guarded', ProtocolType: 'HTTP' }),
    )
    const integration = await client.send(
      new apis.CreateIntegrationCommand({
        ApiId,
        IntegrationType: 'HTTP_PROXY',
        IntegrationMethod: 'ANY',
        IntegrationUri: `${origin}/{proxy}`,
        PayloadFormatVersion: '1.0',
      }),
    )
    await client.send(
      new apis.CreateRouteCommand({
        ApiId,
        RouteKey: 'ANY /{proxy+}',
        AuthorizationType: 'AWS_IAM',
        Target: `integrations/${integration.IntegrationId}`,
      }),
    )
    await client.send(
      new apis.CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }),
    )
    return ApiId!
  }

  async user(UserName: string): Promise<ApiCredentials> {
    const client = this.iam()
    await client.send(new iam.CreateUserCommand({ UserName }))
    const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }))
    return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! }
  }

  async status(apiId: string, credentials: ApiCredentials, path = '/orders/7'): Promise<number> {
    const call = await signCall({ apiId, path }, credentials, { region: this.region })
    return (await sendCall(this.server, apiId, call)).status
  }
}

async function refusedWith(name: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: Error) => {
    assert.equal(error.name, name, error.message)
    return true
  })
}

test('s00110 a user calls an API as long as policy and key say so', async (t) => {
  const origin = await startPatientEcho(t)
  const setup = new Setup(t, await startServer(t))
  const client = setup.iam()
  const apiId = await setup.api(origin.url)
  const unsigned = await setup.server.ask({ apiId, target: '/orders/7' })
  assert.deepEqual([unsigned.status, unsigned.json], [403, { message: 'Forbidden' }])
  assert.equal(await setup.status(apiId, setup.root), 200, 'the account itself may everything')

  const ada = await setup.user('ada')
  assert.equal(await setup.status(apiId, ada), 403)
  const orders = `arn:aws:execute-api:*:*:${apiId}/$default/GET/orders/*`
  const { Policy } = await client.send(
    new iam.CreatePolicyCommand({
      PolicyName: 'orders',
      PolicyDocument: policy(allow(INVOKE, orders)),
    }),
  )
  const attached = { UserName: 'ada', PolicyArn: Policy!.Arn }
  await client.send(new iam.AttachUserPolicyCommand(attached))
  assert.equal(await setup.status(apiId, ada), 200, 'live when the call returns')
  assert.equal(await setup.status(apiId, ada, '/users/7'), 403)

  const deny = { Effect: 'Deny', Action: INVOKE, Resource: orders.replace('*', 'eu-*') }
  const inline = { UserName: 'ada', PolicyName: 'not-now' }
  await client.send(
    new iam.PutUserPolicyCommand({ ...inline, PolicyDocument: policy(allow('*'), deny) }),
  )
  assert.equal(await setup.status(apiId, ada, '/users/7'), 200)
  await client.send(new iam.DeleteUserPolicyCommand(inline))

  await client.send(new iam.DetachUserPolicyCommand(attached))
  assert.equal(await setup.status(apiId, ada), 403, 'at once')
  await client.send(new iam.AttachUserPolicyCommand(attached))
  const key = { UserName: 'ada', AccessKeyId: ada.accessKeyId }
  await client.send(new iam.UpdateAccessKeyCommand({ ...key, Status: 'Inactive' }))
  assert.equal(await setup.status(apiId, ada), 403)
  await client.send(new iam.UpdateAccessKeyCommand({ ...key, Status: 'Active' }))
  assert.equal(await setup.status(apiId, ada), 200)

  const version = await client.send(
    new iam.CreatePolicyVersionCommand({
      PolicyArn: Policy!.Arn,
      PolicyDocument: policy(allow('s3:*')),
      SetAsDefault: true,
    }),
  )
  assert.equal(version.PolicyVersion!.VersionId, 'v2')
  assert.equal(await setup.status(apiId, ada), 403, 'another default version')
  await client.send(
    new iam.SetDefaultPolicyVersionCommand({ PolicyArn: Policy!.Arn, VersionId: 'v1' }),
  )
  assert.equal(await setup.status(apiId, ada), 200)
  await client.send(new iam.DeleteAccessKeyCommand(key))
  assert.equal(await setup.status(apiId, ada), 403)
})

test('s00110 a role is assumed by whom it trusts, for as long as it was said', async (t) => {
  const origin = await startPatientEcho(t)
  const setup = new Setup(t, await startServer(t))
  const client = setup.iam()
  const apiId = await setup.api(origin.url)
  const [ada, bob] = [await setup.user('ada'), await setup.user('bob')]
  const { Account, Arn } = await setup.sts(ada).send(new sts.GetCallerIdentityCommand({}))
  assert.equal(Arn, `arn:aws:iam::${Account}:user/ada`)
  const trust = (Principal: object) =>
    policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal })
  const { Role } = await client.send(
    new iam.CreateRoleCommand({
      RoleName: 'caller',
      AssumeRolePolicyDocument: trust({ AWS: Arn }),
    }),
  )
  await client.send(
    new iam.PutRolePolicyCommand({
      RoleName: 'caller',
      PolicyName: 'all',
      PolicyDocument: policy(allow(INVOKE)),
    }),
  )
  const assume = { RoleArn: Role!.Arn!, RoleSessionName: 'run' }
  const assumedBy = async (who: ApiCredentials, more: Partial<sts.AssumeRoleRequest> = {}) => {
    const command = new sts.AssumeRoleCommand({ ...assume, ...more })
    const { Credentials } = await setup.sts(who).send(command)
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!
    return {
      accessKeyId: AccessKeyId!,
      secretAccessKey: SecretAccessKey!,
      sessionToken: SessionToken!,
    }
  }
  const session = await assumedBy(ada)
  assert.equal(await setup.status(apiId, session), 200)
  const me = await setup.sts(session).send(new sts.GetCallerIdentityCommand({}))
  assert.equal(me.Arn, `arn:aws:sts::${Account}:assumed-role/caller/run`)
  assert.equal(me.UserId, `${Role!.RoleId}:run`)

  await refusedWith('AccessDenied', assumedBy(bob))
  await refusedWith('AccessDenied', assumedBy(setup.root))
  await refusedWith('ValidationError', assumedBy(ada, { DurationSeconds: 3_601 }))
  await refusedWith('ValidationError', assumedBy(ada, { DurationSeconds: 899 }))
  const other = assumedBy(ada, { RoleArn: `${assume.RoleArn}2` })
  await refusedWith('AccessDenied', other)

  // Trusting the account leaves it to the policies of its users.
  const trusted = { RoleName: 'caller', PolicyDocument: trust({ AWS: Account }) }
  await client.send(new iam.UpdateAssumeRolePolicyCommand(trusted))
  await refusedWith('AccessDenied', assumedBy(bob))
  await client.send(
    new iam.PutUserPolicyCommand({
      UserName: 'bob',
      PolicyName: 'assume',
      PolicyDocument: policy(allow('sts:AssumeRole', assume.RoleArn)),
    }),
  )
  const narrowed = await assumedBy(bob, {
    Policy: policy(allow(INVOKE, `arn:aws:execute-api:*:*:${apiId}/*/GET/orders/*`)),
  })
  assert.equal(await setup.status(apiId, narrowed), 200)
  assert.equal(await setup.status(apiId, narrowed, '/users/7'), 403)

  // Of other credentials: a token is of one key, and a key that is lasting has none.
  const { sessionToken } = session
  assert.equal(await setup.status(apiId, { ...narrowed, sessionToken }), 403)
  assert.equal(await setup.status(apiId, { ...ada, sessionToken }), 403)
  const { sessionToken: _, ...tokenless } = session
  assert.equal(await setup.status(apiId, tokenless), 403)

  await client.send(new iam.DeleteRolePolicyCommand({ RoleName: 'caller', PolicyName: 'all' }))
  assert.equal(await setup.status(apiId, session), 403)
  await client.send(new iam.DeleteRoleCommand({ RoleName: 'caller' }))
  const again = { RoleName: 'caller', AssumeRolePolicyDocument: trust({ AWS: Arn }) }
  await client.send(new iam.CreateRoleCommand(again))
  await client.send(
    new iam.PutRolePolicyCommand({
      RoleName: 'caller',
      PolicyName: 'all',
      PolicyDocument: policy(allow(INVOKE)),
    }),
  )
  assert.equal(await setup.status(apiId, session), 403, 'another role of the same name')
  const mine = await setup.sts(ada).send(new sts.GetSessionTokenCommand({}))
  assert.match(mine.Credentials!.AccessKeyId!, /^ASPO/)
})

test('s00110 on the control port a user may what his policies say', async (t) => {
  const origin = await startPatientEcho(t)
  const setup = new Setup(t, await startServer(t))
  const apiId = await setup.api(origin.url)
  const ada = await setup.user('ada')
  const own = setup.apis(ada)
  const get = () => own.send(new apis.GetApiCommand({ ApiId: apiId }))
  await refusedWith('AccessDeniedException', get())
  await refusedWith('AccessDenied', setup.iam(ada).send(new iam.ListUsersCommand({})))
  const grant = (PolicyDocument: string) =>
    setup
      .iam()
      .send(new iam.PutUserPolicyCommand({ UserName: 'ada', PolicyName: 'p', PolicyDocument }))
  const resource = `arn:aws:apigateway:${setup.region}::/apis/${apiId}`
  await grant(policy(allow('apigateway:GET', `${resource}*`)))
  assert.equal((await get()).Name, 'guarded')
  await own.send(new apis.GetRoutesCommand({ ApiId: apiId }))
  await refusedWith('AccessDeniedException', own.send(new apis.GetApisCommand({})))
  const remove = () => own.send(new apis.DeleteApiCommand({ ApiId: apiId }))
  await refusedWith('AccessDeniedException', remove())

  const self = 'arn:aws:iam::*:user/$' + '{aws:username}'
  await grant(policy(allow(['iam:GetUser', 'iam:*AccessKey*'], self)))
  const mine = setup.iam(ada)
  assert.equal((await mine.send(new iam.GetUserCommand({}))).User!.UserName, 'ada')
  await mine.send(new iam.GetUserCommand({ UserName: 'ada' }))
  await setup.user('bob')
  await refusedWith('AccessDenied', mine.send(new iam.GetUserCommand({ UserName: 'bob' })))
  const key = new iam.CreateAccessKeyCommand({ UserName: 'bob' })
  await refusedWith('AccessDenied', mine.send(key))

  await grant(policy(allow('*')))
  await mine.send(new iam.ListUsersCommand({}))
  const session = await setup.sts(ada).send(new sts.GetSessionTokenCommand({}))
  const { AccessKeyId, SecretAccessKey, SessionToken } = session.Credentials!
  const temporary = {
    accessKeyId: AccessKeyId!,
    secretAccessKey: SecretAccessKey!,
    sessionToken: SessionToken!,
  }
  await setup.apis(temporary).send(new apis.GetApisCommand({}))
  await refusedWith('AccessDenied', setup.iam(temporary).send(new iam.ListUsersCommand({})))
  await remove()
})

test('s00110 a user may what his groups may, and what one denies no other allows', async (t) => {
  const origin = await startPatientEcho(t)
  const setup = new Setup(t, await startServer(t))
  const client = setup.iam()
  const apiId = await setup.api(origin.url)
  const ada = await setup.user('ada')
  const [GroupName, UserName] = ['pickers', 'ada']
  const { Group } = await client.send(new iam.CreateGroupCommand({ GroupName, Path: '/floor/' }))
  assert.match(Group!.Arn!, /^arn:aws:iam::\d{12}:group\/floor\/pickers$/)
  assert.match(Group!.GroupId!, /^AGPA[A-Z0-9]{17}$/)
  const again = client.send(new iam.CreateGroupCommand({ GroupName: 'PICKERS' }))
  await refusedWith('EntityAlreadyExistsException', again)
  const PolicyName = 'orders'
  const orders = {
    GroupName,
    PolicyName,
    PolicyDocument: policy(allow(INVOKE, 'arn:aws:execute-api:*:*:*/GET/orders/*')),
  }
  await client.send(new iam.PutGroupPolicyCommand(orders))
  assert.equal(await setup.status(apiId, ada), 403, 'not in it yet')
  await client.send(new iam.AddUserToGroupCommand({ GroupName, UserName }))
  await client.send(new iam.AddUserToGroupCommand({ GroupName, UserName }))
  assert.equal(await setup.status(apiId, ada), 200)
  assert.equal(await setup.status(apiId, ada, '/stock'), 403)

  // A second group, with a managed policy that denies.
  await client.send(new iam.CreateGroupCommand({ GroupName: 'barred' }))
  await client.send(new iam.AddUserToGroupCommand({ GroupName: 'barred', UserName }))
  const barring = policy({
    Effect: 'Deny',
    Action: INVOKE,
    Resource: 'arn:aws:execute-api:*:*:*/GET/orders/7',
  })
  const { Policy } = await client.send(
    new iam.CreatePolicyCommand({ PolicyName: 'bar', PolicyDocument: barring }),
  )
  const hung = { GroupName: 'barred', PolicyArn: Policy!.Arn }
  await client.send(new iam.AttachGroupPolicyCommand(hung))
  assert.equal(await setup.status(apiId, ada), 403)
  assert.equal(await setup.status(apiId, ada, '/orders/8'), 200)
  const { Groups } = await client.send(new iam.ListGroupsForUserCommand({ UserName }))
  assert.deepEqual(
    Groups!.map((each) => each.GroupName),
    ['pickers', 'barred'],
  )
  const listed = await client.send(
    new iam.ListAttachedGroupPoliciesCommand({ GroupName: 'barred' }),
  )
  assert.deepEqual(
    listed.AttachedPolicies!.map((each) => each.PolicyArn),
    [Policy!.Arn],
  )
  const counted = await client.send(new iam.GetPolicyCommand({ PolicyArn: Policy!.Arn }))
  assert.equal(counted.Policy!.AttachmentCount, 1)

  // Renamed, it keeps its users and policies; nothing that is tied is deleted.
  await client.send(new iam.UpdateGroupCommand({ GroupName, NewGroupName: 'packers' }))
  await refusedWith('NoSuchEntityException', client.send(new iam.GetGroupCommand({ GroupName })))
  const packers = { GroupName: 'packers' }
  const members = await client.send(new iam.GetGroupCommand(packers))
  assert.deepEqual(
    members.Users!.map((each) => each.UserName),
    [UserName],
  )
  assert.equal(await setup.status(apiId, ada, '/orders/8'), 200)
  await refusedWith('DeleteConflictException', client.send(new iam.DeleteGroupCommand(packers)))
  await client.send(new iam.DetachGroupPolicyCommand(hung))
  assert.equal(await setup.status(apiId, ada), 200)
  const names = await client.send(new iam.ListGroupPoliciesCommand(packers))
  assert.deepEqual(names.PolicyNames, [PolicyName])
  const shown = await client.send(new iam.GetGroupPolicyCommand({ ...packers, PolicyName }))
  assert.equal(decodeURIComponent(shown.PolicyDocument!), orders.PolicyDocument)

  await client.send(new iam.RemoveUserFromGroupCommand({ ...packers, UserName }))
  assert.equal(await setup.status(apiId, ada), 403, 'not in it any more')
  const gone = client.send(new iam.DeleteUserCommand({ UserName }))
  await refusedWith('DeleteConflictException', gone)
  await client.send(new iam.DeleteGroupPolicyCommand({ ...packers, PolicyName }))
  await client.send(new iam.DeleteGroupCommand(packers))
  const left = await client.send(new iam.ListGroupsCommand({ PathPrefix: '/' }))
  assert.deepEqual(
    left.Groups!.map((each) => each.GroupName),
    ['barred'],
  )

  // On the control port a group is changed by whom its ARN is allowed.
  const document = policy(allow('iam:AddUserToGroup', 'arn:aws:iam::*:group/barred'))
  const own = { UserName, PolicyName: 'p', PolicyDocument: document }
  await client.send(new iam.PutUserPolicyCommand(own))
  const mine = setup.iam(ada)
  await mine.send(new iam.AddUserToGroupCommand({ GroupName: 'barred', UserName }))
  await client.send(new iam.CreateGroupCommand({ GroupName: 'admins' }))
  const up = mine.send(new iam.AddUserToGroupCommand({ GroupName: 'admins', UserName }))
  await refusedWith('AccessDenied', up)
})

test('s00110 a permissions boundary is the most that an identity may', async (t) => {
  const origin = await startPatientEcho(t)
  const setup = new Setup(t, await startServer(t))
  const client = setup.iam()
  const apiId = await setup.api(origin.url)
  const managed = async (PolicyName: string, PolicyDocument: string) => {
    const made = await client.send(new iam.CreatePolicyCommand({ PolicyName, PolicyDocument }))
    return made.Policy!.Arn!
  }
  const orders = 'arn:aws:execute-api:*:*:*/GET/orders/*'
  const PermissionsBoundary = await managed('most', policy(allow([INVOKE, 'sts:*'], '*')))
  const narrow = await managed('narrow', policy(allow(INVOKE, orders)))
  const UserName = 'ada'
  const ada = await setup.user(UserName)
  const bound = (arn: string) =>
    client.send(new iam.PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: arn }))
  await bound(PermissionsBoundary)
  assert.equal(await setup.status(apiId, ada), 403, 'a boundary gives nothing')
  const own = { UserName, PolicyName: 'p', PolicyDocument: policy(allow('*')) }
  await client.send(new iam.PutUserPolicyCommand(own))
  assert.equal(await setup.status(apiId, ada), 200)
  await bound(narrow)
  assert.equal(await setup.status(apiId, ada), 200)
  assert.equal(await setup.status(apiId, ada, '/stock'), 403, 'beyond the boundary')
  await refusedWith('AccessDenied', setup.iam(ada).send(new iam.ListUsersCommand({})))
  const { User } = await client.send(new iam.GetUserCommand({ UserName }))
  assert.deepEqual(User!.PermissionsBoundary, {
    PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
    PermissionsBoundaryArn: narrow,
  })
  const { Policy } = await client.send(new iam.GetPolicyCommand({ PolicyArn: narrow }))
  assert.deepEqual([Policy!.AttachmentCount, Policy!.PermissionsBoundaryUsageCount], [0, 1])
  const gone = client.send(new iam.DeletePolicyCommand({ PolicyArn: narrow }))
  await refusedWith('DeleteConflictException', gone)
  await client.send(new iam.DeleteUserPermissionsBoundaryCommand({ UserName }))
  assert.equal(await setup.status(apiId, ada, '/stock'), 200)
  const twice = client.send(new iam.DeleteUserPermissionsBoundaryCommand({ UserName }))
  await refusedWith('NoSuchEntityException', twice)

  // A role that is made with one: its sessions stay within, whatever else it is given.
  const RoleName = 'deploy'
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: User!.Arn } }
  const made = { RoleName, AssumeRolePolicyDocument: policy(trust), PermissionsBoundary: narrow }
  const { Role } = await client.send(new iam.CreateRoleCommand(made))
  await client.send(new iam.PutRolePolicyCommand({ ...own, RoleName }))
  const session = new sts.AssumeRoleCommand({ RoleArn: Role!.Arn, RoleSessionName: 'run' })
  const { Credentials } = await setup.sts(ada).send(session)
  const temporary = {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  }
  assert.equal(await setup.status(apiId, temporary), 200)
  assert.equal(await setup.status(apiId, temporary, '/stock'), 403)
  await client.send(new iam.PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }))
  assert.equal(await setup.status(apiId, temporary, '/stock'), 200)
  await client.send(
    new iam.PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: narrow }),
  )
  await client.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName }))
  assert.equal(await setup.status(apiId, temporary, '/stock'), 200)
  const none = { UserName: 'eve', PermissionsBoundary: `${narrow}x` }
  await refusedWith('NoSuchEntityException', client.send(new iam.CreateUserCommand(none)))
})

test('s00110 the AWS command line makes users, roles and policies', async (t) => {
  const server = await startServer(t)
  const cli = new AwsCli(server.endpoint)
  const me = await cli.call<{ Arn: string; Account: string }>('sts', 'get-caller-identity')
  assert.equal(me.Arn, `arn:aws:iam::${me.Account}:root`)
  const made = await cli.call<{ User: Record<string, string> }>(
    ...['iam', 'create-user', '--user-name', 'ada', '--tags', 'Key=team,Value=a b'],
  )
  assert.equal(made.User['Arn'], `arn:aws:iam::${me.Account}:user/ada`)
  const document = policy(allow(INVOKE))
  const inline = ['--user-name', 'ada', '--policy-name', 'invoke']
  await cli.call('iam', 'put-user-policy', ...inline, '--policy-document', document)
  const got = await cli.call<{ PolicyDocument: unknown }>('iam', 'get-user-policy', ...inline)
  assert.deepEqual(got.PolicyDocument, JSON.parse(document))
  const tags = await cli.call('iam', 'list-user-tags', '--user-name', 'ada')
  assert.deepEqual(tags['Tags'], [{ Key: 'team', Value: 'a b' }])
  const users = await cli.call<{ Users: unknown[] }>('iam', 'list-users')
  assert.equal(users.Users.length, 1)

  const again = await cli.refused('iam', 'create-user', '--user-name', 'ADA')
  assert.match(
    again,
    /\(EntityAlreadyExists\) when calling the CreateUser operation\b.*: User with name ADA/,
  )
  const gone = await cli.refused('iam', 'get-user', '--user-name', 'bob')
  assert.match(gone, /\(NoSuchEntity\).*The user with name bob cannot be found\./)
  const bad = ['--policy-document', '{"Statement":[{"Effect":"allow"}]}']
  const malformed = await cli.refused('iam', 'put-user-policy', ...inline, ...bad)
  assert.match(malformed, /\(MalformedPolicyDocument\).*\/Statement\/0\/Effect must be/)
  const tied = await cli.refused('iam', 'delete-user', '--user-name', 'ada')
  assert.match(tied, /\(DeleteConflict\)/)
  await cli.call('iam', 'create-group', '--group-name', 'pickers')
  await cli.call('iam', 'add-user-to-group', '--group-name', 'pickers', '--user-name', 'ada')
  const group = await cli.call<{ Users: { UserName: string }[] }>(
    ...['iam', 'get-group', '--group-name', 'pickers'],
  )
  assert.deepEqual(
    group.Users.map(({ UserName }) => UserName),
    ['ada'],
  )
})
