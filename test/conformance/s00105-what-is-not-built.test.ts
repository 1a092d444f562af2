/** What is not built says so over the wire, in the official client's own error class: apigatewayv2, and VPC links of version 1. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  APIGatewayClient,
  BadRequestException,
  CreateVpcLinkCommand,
  DeleteVpcLinkCommand,
  GetVpcLinkCommand,
  GetVpcLinksCommand,
  UpdateVpcLinkCommand,
} from '@aws-sdk/client-api-gateway'
import * as sdk from '@aws-sdk/client-apigatewayv2'
import { readApiGatewayV2Model } from '../../src/services/apigatewayv2/service-model.ts'
import { unsupportedOperations } from '../../src/services/apigatewayv2/unsupported.ts'
import type { Endpoint } from '../harness/outside-clients.ts'
import { sdkClient } from '../harness/sdk.ts'
import { startServer } from '../harness/server.ts'

type Command = Parameters<sdk.ApiGatewayV2Client['send']>[0]
type CommandClass = new (input: object) => Command

test('what is not built answers with the feature that it waits for', async (t) => {
  const server = await startServer(t)
  const client = sdkClient(server.endpoint)
  const { operations, shapes } = readApiGatewayV2Model()
  const exported = new Map<string, unknown>(Object.entries(sdk))
  for (const [name, { feature }] of Object.entries(unsupportedOperations)) {
    const shape = shapes[operations[name]?.input ?? '']
    const labels = Object.entries(shape?.members ?? {}).filter(([, { place }]) => place === 'label')
    const input = Object.fromEntries(labels.map(([member]) => [member, 'abcdefghij']))
    const Class = exported.get(`${name}Command`) as CommandClass
    await assert.rejects(client.send(new Class(input)), (error: unknown) => {
      assert.ok(error instanceof sdk.BadRequestException, `${name}: ${String(error)}`)
      assert.match(error.message, new RegExp(`^${name} is not supported .*: ${feature}\\.$`), name)
      return true
    })
  }
  await vpcLinksOfRestApis(server.endpoint)
})

/** Nothing could use one, so there is none. */
async function vpcLinksOfRestApis({ url, region, ...credentials }: Endpoint): Promise<void> {
  const client = new APIGatewayClient({ endpoint: url, region, credentials })
  const vpcLinkId = 'abcdef'
  const targetArns = [
    'arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/one/0123456789abcdef',
  ]
  const refused = (error: unknown) =>
    error instanceof BadRequestException && /: VPC links of REST APIs\.$/.test(error.message)
  await assert.rejects(client.send(new CreateVpcLinkCommand({ name: 'one', targetArns })), refused)
  await assert.rejects(client.send(new GetVpcLinksCommand({})), refused)
  await assert.rejects(client.send(new GetVpcLinkCommand({ vpcLinkId })), refused)
  await assert.rejects(client.send(new UpdateVpcLinkCommand({ vpcLinkId })), refused)
  await assert.rejects(client.send(new DeleteVpcLinkCommand({ vpcLinkId })), refused)
}
