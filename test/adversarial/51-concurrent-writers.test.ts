/**
 * Test 51: a thousand writers change one API at once while requests go through it. No update is lost, no request fails,
 * and a writer that asks for what cannot be served fails alone.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  GetDeploymentsCommand,
  GetRoutesCommand,
  type Route,
  UpdateRouteCommand,
} from '@aws-sdk/client-apigatewayv2'
import { startEcho } from '../harness/origin.ts'
import { sdkClient } from '../harness/sdk.ts'
import { startServer } from '../harness/server.ts'

const WRITERS = 1_000
/** Between two requests: as many as one can send would take the machine from the writers. */
const PACE_MS = 5

test('a thousand writers lose no update and stop no request', async (t) => {
  const origin = await startEcho(t, 'origin')
  const server = await startServer(t)
  const client = sdkClient(server.endpoint)
  const api = { Name: 'crowd', ProtocolType: 'HTTP' } as const
  const ApiId = (await client.send(new CreateApiCommand(api))).ApiId!
  const { IntegrationId } = await client.send(
    new CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'ANY',
      IntegrationUri: origin.url,
      PayloadFormatVersion: '1.0',
    }),
  )
  const Target = `integrations/${IntegrationId}`
  await client.send(new CreateRouteCommand({ ApiId, RouteKey: 'GET /steady', Target }))
  await client.send(new CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }))

  let done = false
  const requests = (async () => {
    let count = 0
    for (; !done; count++) {
      await pause(PACE_MS)
      const { status } = await server.ask({ apiId: ApiId, target: '/steady' })
      assert.equal(status, 200)
    }
    return count
  })()

  const integration = await client.send(
    new CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: 'arn:aws:lambda:eu-central-1:123456789012:function:f',
      PayloadFormatVersion: '2.0',
    }),
  )
  const unserved = `integrations/${integration.IntegrationId}`
  const writers = Array.from({ length: WRITERS }, (_, i) => i)
  const writing = writers.map(async (i) => {
    const RouteKey = `GET /r${i % 250}/w${i}`
    // Some of each: made, and made and changed.
    const route = await client.send(new CreateRouteCommand({ ApiId, RouteKey, Target }))
    if (i % 4 !== 0) return route
    const OperationName = `writer${i}`
    return client.send(new UpdateRouteCommand({ ApiId, RouteId: route.RouteId, OperationName }))
  })
  const refused = Promise.allSettled(
    writers.slice(0, 10).map((i) =>
      client.send(
        new CreateRouteCommand({
          ...{ ApiId, RouteKey: `POST /r${i}`, Target: unserved },
        }),
      ),
    ),
  )
  const made = await Promise.all(writing).finally(() => {
    done = true
  })
  assert.ok((await requests) > 0)

  const routes = new Map<string, Route>()
  for (let NextToken: string | undefined, first = true; first || NextToken !== undefined; ) {
    first = false
    const page = await client.send(
      new GetRoutesCommand({ ApiId, MaxResults: '300', ...(NextToken && { NextToken }) }),
    )
    for (const route of page.Items ?? []) routes.set(route.RouteKey!, route)
    NextToken = page.NextToken
  }
  assert.equal(routes.size, WRITERS + 1)
  for (const [i, each] of made.entries()) {
    const route = routes.get(`GET /r${i % 250}/w${i}`)
    assert.equal(route?.RouteId, each.RouteId)
    assert.equal(route?.OperationName, i % 4 === 0 ? `writer${i}` : undefined)
  }
  // Whoever asks for what nobody enforces fails, whatever else is written at that moment.
  for (const { status } of await refused) assert.equal(status, 'rejected')
  for (const i of [0, 1, 499, 998, 999]) {
    assert.equal((await server.ask({ apiId: ApiId, target: `/r${i % 250}/w${i}` })).status, 200)
  }
  const { Items: deployments = [] } = await client.send(
    new GetDeploymentsCommand({ ApiId, MaxResults: '500' }),
  )
  t.diagnostic(`${deployments.length} deployments for ${WRITERS * 1.25} writes`)
  assert.ok(deployments.length < WRITERS / 2, 'writes that wait are deployed together')
  await server.stop()
})
