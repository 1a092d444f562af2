/** `--message-sender`: a program of the operator gets what is written to users, at least once, and the outbox says so. */

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { runWords } from '../../src/cli/terminal.fake.ts'
import { startPools } from '../harness/user-pools.ts'

test('u00058 a code arrives at the sender, which fails once', async (t) => {
  const received: { id: string; code: string; destination: string }[] = []
  const sender = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    assert.equal(request.method, 'POST')
    received.push(JSON.parse(body))
    assert.equal(request.headers['idempotency-key'], received.at(-1)!.id)
    response.writeHead(received.length === 1 ? 503 : 202).end()
  })
  await new Promise<void>((resolve) => sender.listen(0, '127.0.0.1', resolve))
  t.after(() => sender.close())
  const { port } = sender.address() as { port: number }
  const url = `http://127.0.0.1:${port}/mail`
  const { admin, everybody, server } = await startPools(t, undefined, '--message-sender', url)
  const { UserPool } = await admin.send(
    new sdk.CreateUserPoolCommand({ PoolName: 'shop', AutoVerifiedAttributes: ['email'] }),
  )
  const UserPoolId = UserPool!.Id!
  const { UserPoolClient } = await admin.send(
    new sdk.CreateUserPoolClientCommand({ UserPoolId, ClientName: 'app' }),
  )
  const ClientId = UserPoolClient!.ClientId!
  await everybody.send(
    new sdk.SignUpCommand({
      ...{ ClientId, Username: 'ana', Password: 'Right-Horse-7' },
      UserAttributes: [{ Name: 'email', Value: 'ana@example.com' }],
    }),
  )
  const { url: endpoint, region, accessKeyId, secretAccessKey } = server.endpoint
  const environment = {
    ...{ AWS_ENDPOINT_URL: endpoint, AWS_REGION: region },
    ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  }
  const outbox = async () => {
    const { out } = await runWords({ words: ['outbox', '--json'], environment })
    return JSON.parse(out).messages[0]
  }
  for (let i = 0; i < 200 && (await outbox()).delivery?.status !== 'sent'; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const [first, second] = received
  assert.equal(received.length, 2)
  assert.deepEqual(first, second, 'the same message under the same id')
  const message = await outbox()
  assert.equal(message.delivery.attempts, 2)
  assert.deepEqual([first?.id, first?.destination], [message.id, 'ana@example.com'])
  const ConfirmationCode = first!.code
  await everybody.send(
    new sdk.ConfirmSignUpCommand({ ClientId, Username: 'ana', ConfirmationCode }),
  )
})
