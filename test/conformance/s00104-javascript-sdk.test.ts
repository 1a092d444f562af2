/**
 * The JavaScript SDK against a running Postern: quick create, many writers at once, modelled errors, and a refusal that
 * says what is missing for operations that are not built.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as sdk from '@aws-sdk/client-apigatewayv2'
import type { Echo } from '../harness/origin.ts'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { startServer, type TestServer } from '../harness/server.ts'

const WRITERS = 100

function clientOf(t: TestContext, { endpoint }: TestServer): sdk.ApiGatewayV2Client {
  const { url, region, accessKeyId, secretAccessKey } = endpoint
  const credentials = { accessKeyId, secretAccessKey }
  // One attempt: a retry would hide an answer that should not have been given.
  const client = new sdk.ApiGatewayV2Client({ endpoint: url, region, credentials, maxAttempts: 1 })
  t.after(() => client.destroy())
  return client
}

test('s00104 quick create makes an API that answers, and says what it manages', async (t) => {
  const [origin, server] = [await startPatientEcho(t), await startServer(t)]
  const client = clientOf(t, server)
  const api = await client.send(
    new sdk.CreateApiCommand({ Name: 'quick', ProtocolType: 'HTTP', Target: `${origin.url}/all` }),
  )
  const apiId = api.ApiId!
  assert.ok(api.CreatedDate instanceof Date)
  const answer = await server.ask({ apiId, target: '/any/path?a=1', method: 'POST', body: 'hello' })
  const { method, body } = answer.json as Echo
  assert.deepEqual([answer.status, method, body], [200, 'POST', 'hello'])

  const { Items: routes } = await client.send(new sdk.GetRoutesCommand({ ApiId: apiId }))
  const { Items: stages } = await client.send(new sdk.GetStagesCommand({ ApiId: apiId }))
  assert.deepEqual(
    [...routes!, ...stages!].map((each) => each.ApiGatewayManaged),
    [true, true],
  )
  await client.send(new sdk.DeleteApiCommand({ ApiId: apiId }))
  assert.equal((await server.ask({ apiId, target: '/any/path' })).status, 404)
})

test('s00104 errors are instances of their classes, with their members', async (t) => {
  const server = await startServer(t)
  const client = clientOf(t, server)
  await assert.rejects(
    client.send(new sdk.GetApiCommand({ ApiId: 'nosuchapi0' })),
    (error) => error instanceof sdk.NotFoundException && error.$metadata.httpStatusCode === 404,
  )
  const name = { Name: 'w', ProtocolType: 'WEBSOCKET' } as const
  await assert.rejects(
    client.send(new sdk.CreateApiCommand(name)),
    (error) => error instanceof sdk.BadRequestException && /WebSocket/.test(error.message),
  )
})

test('s00104 what is not built says so', async (t) => {
  const server = await startServer(t)
  const client = clientOf(t, server)
  const response = {
    ApiId: 'a1b2c3d4e5',
    IntegrationId: 'a1b2c3d',
    IntegrationResponseKey: '$default',
  }
  const refusals: readonly [() => Promise<unknown>, RegExp][] = [
    [() => client.send(new sdk.ListPortalsCommand({})), /portal/i],
    [() => client.send(new sdk.ListPortalProductsCommand({})), /portal/i],
    [() => client.send(new sdk.CreateIntegrationResponseCommand(response)), /WebSocket/],
  ]
  for (const [call, message] of refusals) {
    await assert.rejects(
      call,
      (error) => error instanceof sdk.BadRequestException && message.test(error.message),
    )
  }
})

test('s00104 many writers at once: every answered call is live, and requests go on being served', async (t) => {
  const [origin, server] = [await startPatientEcho(t), await startServer(t)]
  const client = clientOf(t, server)
  const target = `${origin.url}/all`
  const quick = { Name: 'many', ProtocolType: 'HTTP', Target: target, RouteKey: 'GET /' } as const
  const { ApiId } = await client.send(new sdk.CreateApiCommand(quick))
  const [route] = (await client.send(new sdk.GetRoutesCommand({ ApiId }))).Items!
  const status = async (path: string) => (await server.ask({ apiId: ApiId!, target: path })).status

  const integration = await client.send(
    new sdk.CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: 'arn:aws:lambda:eu-central-1:123456789012:function:f',
      PayloadFormatVersion: '2.0',
    }),
  )
  const unserved = `integrations/${integration.IntegrationId}`
  const refused: number[] = []
  const writers = Array.from({ length: WRITERS }, async (_, number) => {
    // One in ten asks for what the stage cannot serve; the others must not suffer from it.
    const guilty = number % 10 === 0
    const RouteKey = `GET /route/${number}`
    const input = { ApiId, RouteKey, Target: guilty ? unserved : route!.Target }
    await client.send(new sdk.CreateRouteCommand(input)).then(
      () => assert.ok(!guilty, RouteKey),
      (error: Error) => {
        assert.ok(guilty && error instanceof sdk.BadRequestException, `${RouteKey}: ${error}`)
        refused.push(number)
      },
    )
    assert.equal(await status(`/route/${number}`), guilty ? 404 : 200, RouteKey)
  })
  let writing = true
  const reader = (async () => {
    while (writing) assert.equal(await status('/'), 200)
  })()
  await Promise.all(writers).finally(() => {
    writing = false
  })
  await reader

  assert.equal(refused.length, WRITERS / 10)
  const { Items } = await client.send(new sdk.GetRoutesCommand({ ApiId }))
  assert.equal(Items!.length, 1 + WRITERS - refused.length)
})
