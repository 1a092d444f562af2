/**
 * `aws apigatewayv2 create-vpc-link` and its siblings, unmodified: a link without agents is one that the gateway reaches by
 * itself; an integration names it, by a URL inside; it stays as long as one does.
 */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { LINK_FLAGS, posternJson } from '../harness/link-agent.ts'
import { AwsCli } from '../harness/outside-clients.ts'
import { startServer } from '../harness/server.ts'

test('a VPC link by the AWS command line', async (t) => {
  const service = createServer((request, response) => response.end(`here: ${request.url}`))
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  t.after(() => {
    service.closeAllConnections()
    service.close()
  })
  const inside = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  const server = await startServer(t, undefined, ...LINK_FLAGS)
  const cli = new AwsCli(server.endpoint)
  const aws = <T = Record<string, string>>(...words: string[]) =>
    cli.call<T>('apigatewayv2', ...words)
  const made = await aws('create-vpc-link', '--name', 'inside', '--subnet-ids', 'subnet-0a1b')
  assert.equal(made['VpcLinkStatus'], 'PENDING')
  const id = made['VpcLinkId']!
  const { VpcLinkStatus } = await aws('get-vpc-link', '--vpc-link-id', id)
  assert.equal(VpcLinkStatus, 'AVAILABLE')
  const { ApiId = '' } = await aws('create-api', '--name', 'shop', '--protocol-type', 'HTTP')
  const onApi = <T = Record<string, string>>(operation: string, ...words: string[]) =>
    aws<T>(operation, '--api-id', ApiId, ...words)
  await onApi('create-stage', '--stage-name', 'prod', '--auto-deploy')
  const integration = (link: string) => [
    ...['--integration-type', 'HTTP_PROXY', '--integration-method', 'ANY'],
    ...['--integration-uri', `${inside}/v1/{id}`, '--payload-format-version', '1.0'],
    ...['--connection-type', 'VPC_LINK', '--connection-id', link],
  ]
  const words = ['--api-id', ApiId, ...integration('none12')]
  const refused = await cli.refused('apigatewayv2', 'create-integration', ...words)
  assert.match(refused, /Invalid VpcLink identifier specified none12/)
  const { IntegrationId } = await onApi('create-integration', ...integration(id))
  const target = `integrations/${IntegrationId}`
  await onApi('create-route', '--route-key', 'GET /orders/{id}', '--target', target)
  const response = await server.ask({ apiId: ApiId, target: '/prod/orders/7' })
  assert.equal(`${response.status} ${response.body}`, '200 here: /v1/7')
  const { links } = await posternJson<{ links: { Reach: string }[] }>(server, 'links')
  assert.deepEqual(
    links.map(({ Reach }) => Reach),
    ['DIRECT'],
  )
  const inUse = await cli.refused('apigatewayv2', 'delete-vpc-link', '--vpc-link-id', id)
  assert.match(inUse, /is referenced by integration/)
  await aws('delete-api', '--api-id', ApiId)
  await aws('delete-vpc-link', '--vpc-link-id', id)
  const { Items } = await aws<{ Items: object[] }>('get-vpc-links')
  assert.deepEqual(Items, [])
})
