/** User pools of a test: a Postern whose identity port is known, and the official client for it. */

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  CreateUserPoolCommand,
  type CreateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { OUTBOX_KIND, type OutboxMessage } from '../../src/identity/messages/outbox-message.ts'
import { fileEnd } from './file-end.ts'
import { freePorts } from './free-ports.ts'
import type { Endpoint } from './outside-clients.ts'
import { startServer, type TestServer } from './server.ts'

export interface PoolServer {
  readonly server: TestServer
  /** Base of the issuers. */
  readonly identityUrl: string
  /** Signs what has to be signed, to the control port. */
  readonly admin: CognitoIdentityProviderClient
  /** Has no key at all, and talks to the identity port. */
  readonly everybody: CognitoIdentityProviderClient
}

export async function startPools(
  t: Pick<TestContext, 'after'>,
  data?: string,
  ...words: string[]
): Promise<PoolServer> {
  const [port = 0] = await freePorts(1)
  // What is asked of pools goes to the main thread.
  const flags = ['--identity', String(port), '--workers', '1']
  const server = await startServer(t, data, ...flags, ...words)
  const identityUrl = `http://localhost:${port}`
  const admin = poolClient(server.endpoint)
  const everybody = poolClient({ ...server.endpoint, url: identityUrl, accessKeyId: 'NOBODY' })
  t.after(() => {
    admin.destroy()
    everybody.destroy()
  })
  return { server, identityUrl, admin, everybody }
}

let shared: Promise<PoolServer> | undefined

/** One for all tests of a file that make pools of their own and do not count those of others. */
export function sharedPools(): Promise<PoolServer> {
  shared ??= startPools(fileEnd)
  return shared
}

export function poolClient(endpoint: Endpoint): CognitoIdentityProviderClient {
  const { url, region, accessKeyId, secretAccessKey } = endpoint
  return new CognitoIdentityProviderClient({
    ...{ endpoint: url, region, maxAttempts: 1 },
    credentials: { accessKeyId, secretAccessKey },
  })
}

/** The messages that a pool has written and nobody has sent yet, oldest first. */
export async function messagesOf(
  { server }: PoolServer,
  poolId: string,
): Promise<readonly OutboxMessage[]> {
  const { openSqliteReader } = await import('../../src/storage/sqlite/sqlite-reader.ts')
  const store = await openSqliteReader(server.folder)
  try {
    const records = await store.read((reader) => reader.everywhere<OutboxMessage>(OUTBOX_KIND))
    return records.filter(({ parent }) => parent === poolId).map(({ body }) => body)
  } finally {
    await store.close()
  }
}

/** The code of the last one. */
export async function lastCode(pools: PoolServer, poolId: string): Promise<string> {
  const messages = await messagesOf(pools, poolId)
  assert.ok(messages.length > 0, 'a message has been written')
  return messages.at(-1)!.code
}

/** A pool with one client that may do everything. */
export async function poolWithClient(
  { admin }: PoolServer,
  pool: Partial<CreateUserPoolCommandInput> = {},
  client: Partial<CreateUserPoolClientCommandInput> = {},
) {
  const { UserPool } = await admin.send(
    new CreateUserPoolCommand({ PoolName: 'shop', AutoVerifiedAttributes: ['email'], ...pool }),
  )
  const UserPoolId = UserPool!.Id!
  const ExplicitAuthFlows: CreateUserPoolClientCommandInput['ExplicitAuthFlows'] = [
    ...(['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH'] as const),
    ...(['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] as const),
  ]
  const { UserPoolClient } = await admin.send(
    new CreateUserPoolClientCommand({
      ...{ UserPoolId, ClientName: 'web', ExplicitAuthFlows },
      ...client,
    }),
  )
  const { ClientId = '', ClientSecret } = UserPoolClient!
  return { UserPoolId, ClientId, ClientSecret }
}
