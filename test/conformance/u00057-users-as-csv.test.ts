/** Users out of one pool and into another as CSV: by the command line, and by Cognito's own import jobs. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { runWords } from '../../src/cli/terminal.fake.ts'
import { type HostedPool, PASSWORD, startHostedPool } from '../harness/hosted-pool.ts'

const ROLE = 'arn:aws:iam::000000000000:role/none'

function postern({ server }: HostedPool, ...words: string[]) {
  const { url, region, accessKeyId, secretAccessKey } = server.server.endpoint
  const environment = {
    ...{ AWS_ENDPOINT_URL: url, AWS_REGION: region },
    ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  }
  return runWords({ words, environment })
}

async function otherPool({ admin }: HostedPool, input: object = {}): Promise<string> {
  const { UserPool } = await admin.send(
    new sdk.CreateUserPoolCommand({
      ...{ PoolName: 'other', AutoVerifiedAttributes: ['email'], ...input },
    }),
  )
  return UserPool!.Id!
}

test('u00057 postern users: export, import, and who was imported chooses a password', async (t) => {
  const hosted = await startHostedPool(t)
  await hosted.addUser('ana', PASSWORD)
  await hosted.addUser('ben', PASSWORD)
  const exported = await postern(hosted, 'users', 'export', '--pool', hosted.poolId)
  assert.equal(exported.code, 0, exported.err)
  const [header, ...rows] = exported.out.trimEnd().split('\n')
  assert.match(header!, /^name,.*,cognito:mfa_enabled,cognito:username$/)
  assert.equal(rows.length, 2)
  const columns = header!.split(',').length
  const file = join(hosted.server.server.folder, 'users.csv')
  writeFileSync(file, `${exported.out}too,few\n${','.repeat(columns - 1)}\n`)
  const target = await otherPool(hosted)
  const first = await postern(hosted, 'users', 'import', file, '--pool', target)
  assert.equal(first.code, 1, 'two lines could not be taken')
  assert.match(first.out, /2 imported, 0 there already, 2 failed/)
  assert.match(first.err, /users\.csv:4: The row has 2 values/)
  assert.match(first.err, /users\.csv:5: There is no cognito:username/)
  const again = await postern(hosted, 'users', 'import', file, '--pool', target, '--json')
  const said = JSON.parse(again.out)
  assert.deepEqual([said.imported, said.skipped, said.failed], [0, 2, 2])
  const user = { UserPoolId: target, Username: 'ana' }
  const { UserStatus, UserAttributes } = await hosted.admin.send(new sdk.AdminGetUserCommand(user))
  assert.equal(UserStatus, 'RESET_REQUIRED')
  const email = UserAttributes?.find(({ Name }) => Name === 'email')?.Value
  assert.equal(email, 'ana@example.com')
  await chooseNewPassword(hosted, target)
})

async function chooseNewPassword(hosted: HostedPool, UserPoolId: string): Promise<void> {
  const { UserPoolClient } = await hosted.admin.send(
    new sdk.CreateUserPoolClientCommand({
      ...{ UserPoolId, ClientName: 'app', ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] },
    }),
  )
  const ClientId = UserPoolClient!.ClientId!
  const { everybody } = hosted.server
  const signIn = (password: string) =>
    everybody.send(
      new sdk.InitiateAuthCommand({
        ...{ ClientId, AuthFlow: 'USER_PASSWORD_AUTH' },
        AuthParameters: { USERNAME: 'ana', PASSWORD: password },
      }),
    )
  await assert.rejects(signIn(PASSWORD), { name: 'PasswordResetRequiredException' })
  await everybody.send(new sdk.ForgotPasswordCommand({ ClientId, Username: 'ana' }))
  const outbox = await postern(hosted, 'outbox', '--pool', UserPoolId, '--user', 'ana', '--json')
  const ConfirmationCode = JSON.parse(outbox.out).messages[0].code as string
  const Password = 'Brand-New-9'
  const confirm = { ClientId, Username: 'ana', ConfirmationCode, Password }
  await everybody.send(new sdk.ConfirmForgotPasswordCommand(confirm))
  assert.ok((await signIn(Password)).AuthenticationResult?.AccessToken)
}

test('u00057 an import job by the SDK: header, address for the file, states, refusals', async (t) => {
  const hosted = await startHostedPool(t)
  const { admin } = hosted
  const UserPoolId = await otherPool(hosted, { UsernameAttributes: ['email'] })
  const { CSVHeader = [] } = await admin.send(new sdk.GetCSVHeaderCommand({ UserPoolId }))
  const create = { UserPoolId, JobName: 'all', CloudWatchLogsRoleArn: ROLE }
  const made = await admin.send(new sdk.CreateUserImportJobCommand(create))
  const { JobId, PreSignedUrl, Status } = made.UserImportJob!
  assert.match(JobId!, /^import-\w{10}$/)
  assert.equal(Status, 'Created')
  const job = { UserPoolId, JobId }
  await assert.rejects(admin.send(new sdk.StartUserImportJobCommand(job)), /No file was put up/)
  const values: Readonly<Record<string, string>> = {
    'cognito:username': 'eva@example.com',
    'cognito:mfa_enabled': 'false',
    email_verified: 'true',
    email: 'eva@example.com',
  }
  const row = CSVHeader.map((column) => values[column] ?? '').join(',')
  const body = `${CSVHeader.join(',')}\n${row}\n`
  const put = (url: string) => fetch(url, { method: 'PUT', body })
  assert.equal((await put(PreSignedUrl!.replace(/proof=.{5}/, 'proof=AAAAA'))).status, 403)
  assert.equal((await put(PreSignedUrl!.replace(/until=\d/, 'until=9'))).status, 403)
  assert.equal((await put(PreSignedUrl!)).status, 200)
  await admin.send(new sdk.StartUserImportJobCommand(job))
  const done = await untilOver(admin, job)
  assert.deepEqual([done.Status, done.ImportedUsers, done.FailedUsers], ['Succeeded', 1, 0])
  assert.equal((await put(PreSignedUrl!)).status, 409, 'the job has started')
  await assert.rejects(admin.send(new sdk.StopUserImportJobCommand(job)), /Succeeded/)
  const list = new sdk.ListUserImportJobsCommand({ UserPoolId, MaxResults: 5 })
  assert.equal((await admin.send(list)).UserImportJobs?.[0]?.JobId, JobId)
  const user = await admin.send(
    new sdk.AdminGetUserCommand({ UserPoolId, Username: 'eva@example.com' }),
  )
  assert.equal(user.UserStatus, 'RESET_REQUIRED')
})

async function untilOver(
  admin: sdk.CognitoIdentityProviderClient,
  job: sdk.DescribeUserImportJobCommandInput,
): Promise<sdk.UserImportJobType> {
  for (let i = 0; i < 200; i++) {
    const { UserImportJob } = await admin.send(new sdk.DescribeUserImportJobCommand(job))
    if (UserImportJob?.CompletionDate !== undefined) return UserImportJob
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return assert.fail('the import does not end')
}
