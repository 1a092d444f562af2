/**
 * A domain name's life in plain `aws apigatewayv2` and `aws apigateway` calls: each is live when it returns, and over the
 * domain name only what mappings and rules lead to answers. The command line knows the service by the model of
 * `postern aws-model`, which adds what it is too old for.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { runWords } from '../../src/cli/terminal.fake.ts'
import { connectClient } from '../harness/client.ts'
import type { Echo } from '../harness/origin.ts'
import { AwsCli } from '../harness/outside-clients.ts'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { startServer, type TestServer } from '../harness/server.ts'

const NAME = ['--domain-name', 'api.shop.localhost']
const SCRIPT_TIMEOUT_MS = 300_000

type See = (target: string, ...fields: readonly string[]) => Promise<string>

type Aws = (...words: string[]) => Promise<Found>

interface Found {
  readonly ApiId: string
  readonly ApiMappingId: string
  readonly RoutingRuleId: string
  readonly RoutingRules: readonly object[]
}

interface Apis {
  readonly one: string
  readonly two: string
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
  const environment = { HOME: server.folder }
  const taught = await runWords({ words: ['aws-model', 'install'], environment })
  assert.equal(taught.code, 0, taught.err)
  const cli = new AwsCli(server.endpoint, server.folder)
  const aws: Aws = (...words) => cli.call<Found>('apigatewayv2', ...words)
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

  await withRules(aws, sees, { one, two })
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

/** Routing rules: what a command line older than them learns from `postern aws-model install`. */
async function withRules(aws: Aws, sees: See, { one, two }: Apis): Promise<void> {
  const rule = (apiId: string) => [...['--priority', '10'], ...CONDITIONS, ...leadTo(apiId)]
  const made = await aws('create-routing-rule', ...NAME, ...rule(two))
  const place = [...NAME, '--routing-rule-id', made.RoutingRuleId]
  assert.equal(await sees('/beta/z', 'X-Version: b2'), '/one/beta/z', 'the mode leaves rules out')
  const mode = ['--routing-mode', 'ROUTING_RULE_THEN_API_MAPPING']
  await aws('update-domain-name', ...NAME, ...mode)
  assert.equal(await sees('/beta/z', 'X-Version: b2'), '/two/z')
  assert.equal(await sees('/beta/z', 'X-Version: a2'), '/one/beta/z')
  await aws('put-routing-rule', ...place, ...rule(one))
  assert.equal(await sees('/beta/z', 'X-Version: b2'), '/one/z')
  const read = await aws('get-routing-rule', ...place)
  assert.deepEqual(read, { ...made, Actions: actionsTo(one) })
  assert.deepEqual((await aws('list-routing-rules', ...NAME)).RoutingRules, [read])
  await aws('delete-routing-rule', ...place)
  assert.equal(await sees('/beta/z', 'X-Version: b2'), '/one/beta/z')
}

const CONDITIONS = [
  '--conditions',
  JSON.stringify([
    { MatchBasePaths: { AnyOf: ['beta'] } },
    { MatchHeaders: { AnyOf: [{ Header: 'X-Version', ValueGlob: 'b*' }] } },
  ]),
]

function actionsTo(ApiId: string): object[] {
  return [{ InvokeApi: { ApiId, Stage: '$default', StripBasePath: true } }]
}

function leadTo(apiId: string): string[] {
  return ['--actions', JSON.stringify(actionsTo(apiId))]
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
