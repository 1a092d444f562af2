/** A user pool with an application in front of it: an OAuth client, its callback address, a user. */

import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { TestContext } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { type PoolServer, sharedPools } from './user-pools.ts'

export const PASSWORD = 'Right-Horse-7'

export interface HostedPoolOptions {
  readonly pool?: Partial<sdk.CreateUserPoolCommandInput>
  readonly client?: Partial<sdk.CreateUserPoolClientCommandInput>
}

export class HostedPool {
  readonly server: PoolServer
  readonly poolId: string
  readonly clientId: string
  readonly secret: string | undefined
  readonly app: App

  constructor(server: PoolServer, app: App, { UserPoolId, ClientId, ClientSecret }: Made) {
    this.server = server
    this.app = app
    this.poolId = UserPoolId!
    this.clientId = ClientId!
    this.secret = ClientSecret
  }

  get issuer(): string {
    return `${this.server.identityUrl}/${this.poolId}`
  }

  get admin(): sdk.CognitoIdentityProviderClient {
    return this.server.admin
  }

  /** `password` undefined: he keeps the temporary one, which he has to change. */
  async addUser(username: string, password: string | undefined, email = `${username}@example.com`) {
    const UserPoolId = this.poolId
    const user = { UserPoolId, Username: username }
    await this.admin.send(
      new sdk.AdminCreateUserCommand({
        ...user,
        TemporaryPassword: PASSWORD,
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'email', Value: email },
          { Name: 'email_verified', Value: 'true' },
        ],
      }),
    )
    if (password === undefined) return
    const set = { ...user, Password: password, Permanent: true }
    await this.admin.send(new sdk.AdminSetUserPasswordCommand(set))
  }

  /** Of the newest message to this user. */
  async lastCode(username: string): Promise<string> {
    const messages = await this.outbox(username)
    return messages[0]?.code ?? assert.fail(`nothing was written to ${username}`)
  }

  async outbox(username: string): Promise<readonly { code: string; purpose: string }[]> {
    const { runWords } = await import('../../src/cli/terminal.fake.ts')
    const { url, accessKeyId, secretAccessKey, region } = this.server.server.endpoint
    const environment = {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    }
    const words = ['outbox', '--pool', this.poolId, '--user', username, '--json']
    const { out, err } = await runWords({ words, environment })
    assert.notEqual(out, '', err)
    return JSON.parse(out).messages
  }
}

type Made = sdk.UserPoolClientType

/** The application: it takes whatever comes to its callback address, and answers with a page. */
export class App {
  readonly origin: string
  /** Everything that was asked for, newest last. */
  readonly asked: string[] = []

  constructor(origin: string) {
    this.origin = origin
  }

  get callback(): string {
    return `${this.origin}/callback`
  }

  /** What came back last. */
  lastCallback(): URL {
    const found = this.asked.findLast((target) => target.startsWith('/callback'))
    return new URL(found ?? assert.fail('nobody came back'), this.origin)
  }
}

export async function startHostedPool(
  t: TestContext,
  options: HostedPoolOptions = {},
): Promise<HostedPool> {
  const app = await startApp(t)
  const server = await sharedPools()
  const { UserPool } = await server.admin.send(
    new sdk.CreateUserPoolCommand({
      PoolName: 'shop',
      AutoVerifiedAttributes: ['email'],
      Policies: { PasswordPolicy: { MinimumLength: 8, RequireNumbers: true } },
      ...options.pool,
    }),
  )
  const { UserPoolClient } = await server.admin.send(
    new sdk.CreateUserPoolClientCommand({
      ...{ UserPoolId: UserPool!.Id, ClientName: 'Corner Shop' },
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'email', 'profile'],
      CallbackURLs: [app.callback],
      LogoutURLs: [`${app.origin}/bye`],
      SupportedIdentityProviders: ['COGNITO'],
      ...options.client,
    }),
  )
  return new HostedPool(server, app, UserPoolClient!)
}

async function startApp(t: TestContext): Promise<App> {
  const server = createServer((request: IncomingMessage, response) => {
    app.asked.push(request.url ?? '')
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>App</title><h1 id="app">Welcome back</h1>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as { port: number }
  const app = new App(`http://localhost:${port}`)
  return app
}
