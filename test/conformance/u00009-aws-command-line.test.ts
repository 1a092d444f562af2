/** A pool, a client, a user and a sign-in by Debian's `aws cognito-idp`. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AwsCli } from '../harness/outside-clients.ts'
import { startPools } from '../harness/user-pools.ts'

const PASSWORD = 'Correct-Horse-1'

test('u00009 aws cognito-idp: create-user-pool to initiate-auth and delete-user-pool', async (t) => {
  const pools = await startPools(t)
  const cli = new AwsCli(pools.server.endpoint)
  const run = <T>(operation: string, ...words: string[]) =>
    cli.call<T>('cognito-idp', operation, ...words)
  const { UserPool } = await run<{ UserPool: { Id: string } }>(
    'create-user-pool',
    '--pool-name',
    'shop',
  )
  const pool = ['--user-pool-id', UserPool.Id]
  const { UserPoolClient } = await run<{ UserPoolClient: { ClientId: string } }>(
    'create-user-pool-client',
    ...[...pool, '--client-name', 'cli'],
    ...['--explicit-auth-flows', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  )
  const user = [...pool, '--username', 'ada']
  await run('admin-create-user', ...user, '--message-action', 'SUPPRESS')
  await run('admin-set-user-password', ...user, '--password', PASSWORD, '--permanent')
  const signIn = (password: string) => [
    ...['--client-id', UserPoolClient.ClientId, '--auth-flow', 'USER_PASSWORD_AUTH'],
    ...['--auth-parameters', `USERNAME=ada,PASSWORD=${password}`],
  ]
  const { AuthenticationResult } = await run<{ AuthenticationResult: { AccessToken: string } }>(
    'initiate-auth',
    ...signIn(PASSWORD),
  )
  const me = await run<{ Username: string }>(
    'get-user',
    '--access-token',
    AuthenticationResult.AccessToken,
  )
  assert.equal(me.Username, 'ada')
  const refused = await cli.refused('cognito-idp', 'initiate-auth', ...signIn('Wrong-Horse-1'))
  assert.match(refused, /NotAuthorizedException.*Incorrect username or password\./)
  await run('delete-user-pool', ...pool)
})
