/**
 * A domain name's life in plain `aws apigatewayv2` and `aws apigateway` calls: each is live when it returns, and over the
 * domain name only what mappings and rules lead to answers.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as sdk from '@aws-sdk/client-apigatewayv2'
import { runWords } from '../../src/cli/terminal.fake.ts'
import { connectClient } from '../harness/client.ts'
import type { Echo } from '../harness/origin.ts'
import { AwsCli } from '../harness/outside-clients.ts'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { sdkClient } from '../harness/sdk.ts'
import { startServer, type TestServer } from '../harness/server.ts'

const NAME = ['--domain-name', 'api.shop.localhost']
const SCRIPT_TIMEOUT_MS = 300_000

type See = (target: string, ...fields: readonly string[]) => Promise<string>

interface Found {
  readonly ApiId: string
  readonly ApiMappingId: string
}

/** Target at the origin, or the status of what the gateway itself answered. */
async function see(
  t: TestContext,
  server: TestServer,
  target: string,
  ...fields: readonly string[]
): Promise<string> {
  const client = await connectClient(t, server.port)
  const host = 'Host: api.shop.localhost:8080'
  const response = await client.call('GET', target, [host, ...fields])
  client.socket.destroy()
  return response.status === 200 ? (response.json as Echo).target : String(response.status)
}

test('n00003 a domain name, its mappings and its rules', {
  timeout: SCRIPT_TIMEOUT_MS,
}, async (t) => {
  const [origin, server] = [await startPatientEcho(t), await startServer(t)]
  const cli = new AwsCli(server.endpoint)
  const aws = (...words: string[]) => cli.call<Found>('apigatewayv2', ...words)
  const sees: See = (target, ...fields) => see(t, server, target, ...fields)
  const quick = async (name: string) => {
    const target = `${origin.url}/${name}`
    const words = ['--protocol-type', 'HTTP', '--target', target, '--name', name]
    return (await aws('create-api', ...words)).ApiId
  }
  const [one, two] = [await quick('one'), await quick('two')]
  const lead = (apiId: string) => ['--api-id', apiId, '--stage', '$default']
  assert.equal(await sees('/x'), '404')

  const regional = ['--domain-name-configurations', 'EndpointType=REGIONAL']
  await aws('create-domain-name', ...NAME, ...regional)
  assert.equal(await sees('/x'), '403')
  await aws('create-api-mapping', ...NAME, ...lead(one))
  const versioned = ['--api-mapping-key', 'v1/two']
  const { ApiMappingId } = await aws('create-api-mapping', ...NAME, ...lead(two), ...versioned)
  assert.deepEqual([await sees('/x'), await sees('/v1/two/y')], ['/one/x', '/two/y'])

  await withRules(sdkClient(server.endpoint), sees, { one, two })
  const held = await cli.refused('apigatewayv2', 'delete-api', '--api-id', one)
  assert.match(held, /api\.shop\.localhost/)
  await aws('delete-api-mapping', ...NAME, '--api-mapping-id', ApiMappingId)
  assert.equal(await sees('/v1/two/y'), '/one/v1/two/y')

  const listed = await runWords({ words: ['domains', '--data', server.folder] })
  assert.equal(listed.code, 0, listed.err)
  assert.match(listed.out, /api\.shop\.localhost +\S.*\/ → \w+\/\$default +this machine, no record/)
  await byTheFirstApi(cli, sees, two)
  await aws('delete-domain-name', ...NAME)
  assert.equal(await sees('/x'), '404')
  await aws('delete-api', '--api-id', one)
})

/** Routing rules, by the official client: Debian's command line is older than they are. */
async function withRules(
  client: sdk.ApiGatewayV2Client,
  sees: See,
  { one, two }: { readonly one: string; readonly two: string },
): Promise<void> {
  const DomainName = 'api.shop.localhost'
  const Actions = (ApiId: string) => [
    { InvokeApi: { ApiId, Stage: '$default', StripBasePath: true } },
  ]
  const Conditions = [
    { MatchBasePaths: { AnyOf: ['beta'] } },
    { MatchHeaders: { AnyOf: [{ Header: 'X-Version', ValueGlob: 'b*' }] } },
  ]
  const rule = { DomainName, Priority: 10, Conditions }
  const made = await client.send(
    new sdk.CreateRoutingRuleCommand({ ...rule, Actions: Actions(two) }),
  )
  const { RoutingRuleId } = made
  assert.equal(await sees('/beta/z', 'X-Version: b2'), '/one/beta/z', 'the mode leaves rules out')
  const RoutingMode = 'ROUTING_RULE_THEN_API_MAPPING'
  await client.send(new sdk.UpdateDomainNameCommand({ DomainName, RoutingMode }))
  assert.equal(await sees('/beta/z', 'X-Version: b2'), '/two/z')
  assert.equal(await sees('/beta/z', 'X-Version: a2'), '/one/beta/z')
  const anew = { ...rule, RoutingRuleId, Actions: Actions(one) }
  await client.send(new sdk.PutRoutingRuleCommand(anew))
  assert.equal(await sees('/beta/z', 'X-Version: b2'), '/one/z')
  const place = { DomainName, RoutingRuleId }
  const { $metadata: _, ...read } = await client.send(new sdk.GetRoutingRuleCommand(place))
  const { $metadata: __, ...expected } = { ...made, Actions: Actions(one) }
  assert.deepEqual(read, expected)
  const { RoutingRules } = await client.send(new sdk.ListRoutingRulesCommand({ DomainName }))
  assert.deepEqual(RoutingRules, [read])
  await client.send(new sdk.DeleteRoutingRuleCommand(place))
  assert.equal(await sees('/beta/z', 'X-Version: b2'), '/one/beta/z')
  client.destroy()
}

/** The same domain name through `aws apigateway`. */
async function byTheFirstApi(cli: AwsCli, sees: See, apiId: string): Promise<void> {
  const aws = (...words: string[]) => cli.call('apigateway', ...words)
  const seen = await aws('get-domain-name', ...NAME)
  assert.equal(seen['domainNameStatus'], 'AVAILABLE')
  const place = [...NAME, '--base-path', 'second']
  const target = ['--rest-api-id', apiId, '--stage', '$default']
  await aws('create-base-path-mapping', ...place, ...target)
  assert.equal(await sees('/second/x'), '/two/x')
  const moved = 'op=replace,path=/basePath,value=moved'
  await aws('update-base-path-mapping', ...place, '--patch-operations', moved)
  assert.equal(await sees('/moved/x'), '/two/x')
  await aws('delete-base-path-mapping', ...NAME, '--base-path', 'moved')
  assert.equal(await sees('/moved/x'), '/one/moved/x')
  const closed = 'op=replace,path=/routingMode,value=ROUTING_RULE_ONLY'
  await aws('update-domain-name', ...NAME, '--patch-operations', closed)
  assert.equal(await sees('/x'), '403')
}
