/** The JavaScript SDK sets limits on a running Postern, and the next requests feel them, whichever worker they meet. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as sdk from '@aws-sdk/client-apigatewayv2'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { startServer } from '../harness/server.ts'

/** One token in 1 000 seconds: none comes while the test runs. */
const SLOW = 0.001

async function world(t: TestContext) {
  const [origin, server] = [await startPatientEcho(t), await startServer(t)]
  const { url, region, accessKeyId, secretAccessKey } = server.endpoint
  const credentials = { accessKeyId, secretAccessKey }
  const client = new sdk.ApiGatewayV2Client({ endpoint: url, region, credentials, maxAttempts: 1 })
  t.after(() => client.destroy())
  const { ApiId } = await client.send(
    new sdk.CreateApiCommand({
      ...{ Name: 'shop', ProtocolType: 'HTTP', Target: `${origin.url}/all` },
      RouteKey: 'GET /pets',
    }),
  )
  const stage = { ApiId, StageName: '$default' }
  return {
    client,
    stage,
    update: (settings: Partial<sdk.UpdateStageRequest>) =>
      client.send(new sdk.UpdateStageCommand({ ...stage, ...settings })),
    /** How many of so many requests, each on a connection of its own, were let in. */
    passed: async (count: number) => {
      let passed = 0
      for (let i = 0; i < count; i++) {
        const { status, text } = await server.ask({ apiId: ApiId!, target: '/pets' })
        if (status === 200) passed++
        else assert.deepEqual([status, text], [429, '{"message":"Too Many Requests"}'])
      }
      return passed
    },
  }
}

test('s00106 a limit holds from the call that sets it, over all workers', async (t) => {
  const { client, stage, update, passed } = await world(t)
  assert.equal(await passed(10), 10)
  const { DefaultRouteSettings } = await update({
    DefaultRouteSettings: { ThrottlingRateLimit: SLOW, ThrottlingBurstLimit: 7 },
  })
  assert.deepEqual(DefaultRouteSettings, {
    DetailedMetricsEnabled: false,
    ThrottlingBurstLimit: 7,
    ThrottlingRateLimit: SLOW,
  })
  assert.equal(await passed(20), 7)
  await update({ Description: 'another deployment of the same limit' })
  assert.equal(await passed(5), 0)

  await update({
    RouteSettings: { 'GET /pets': { ThrottlingRateLimit: SLOW, ThrottlingBurstLimit: 90 } },
  })
  assert.equal(await passed(5), 0, 'a higher burst does not fill the bucket')
  const RouteKey = 'GET /pets'
  await client.send(new sdk.DeleteRouteSettingsCommand({ ...stage, RouteKey }))
  await update({ DefaultRouteSettings: { ThrottlingRateLimit: 100_000 } })
  assert.equal(await passed(20), 20, 'the rate alone was changed')
})

test('s00106 a limit of zero closes the route', async (t) => {
  const { update, passed } = await world(t)
  await update({
    DefaultRouteSettings: { ThrottlingRateLimit: 0, ThrottlingBurstLimit: 0 },
  })
  assert.equal(await passed(5), 0)
})

test('s00106 what no bucket can hold is refused', async (t) => {
  const { update, passed } = await world(t)
  for (const limit of [{ ThrottlingBurstLimit: -1 }, { ThrottlingRateLimit: -0.5 }]) {
    await assert.rejects(
      update({ DefaultRouteSettings: limit }),
      (error) => error instanceof sdk.BadRequestException && /negative/.test(error.message),
    )
  }
  await assert.rejects(
    update({ RouteSettings: { 'GET /none': { ThrottlingBurstLimit: 1 } } }),
    sdk.NotFoundException,
  )
  assert.equal(await passed(5), 5)
})
