/** Usage plans and API keys by the official JavaScript SDK: live when the call returns, kept over a kill. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import * as v1 from '@aws-sdk/client-api-gateway'
import { ApiGatewayV2Client, CreateApiCommand } from '@aws-sdk/client-apigatewayv2'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { startServer, type TestServer } from '../harness/server.ts'

/** Usage is written every two seconds. */
const FLUSH_MS = 3_000

function clientOf(t: TestContext, server: TestServer): v1.APIGatewayClient {
  const { url, region, accessKeyId, secretAccessKey } = server.endpoint
  const credentials = { accessKeyId, secretAccessKey }
  const client = new v1.APIGatewayClient({ endpoint: url, region, credentials, maxAttempts: 1 })
  t.after(() => client.destroy())
  return client
}

async function createApi(t: TestContext, server: TestServer): Promise<string> {
  const origin = await startPatientEcho(t)
  const { url, region, accessKeyId, secretAccessKey } = server.endpoint
  const credentials = { accessKeyId, secretAccessKey }
  const client = new ApiGatewayV2Client({ endpoint: url, region, credentials, maxAttempts: 1 })
  t.after(() => client.destroy())
  const { ApiId } = await client.send(
    new CreateApiCommand({
      ...{ Name: 'shop', ProtocolType: 'HTTP', Target: `${origin.url}/all` },
      RouteKey: 'GET /pets',
    }),
  )
  return ApiId!
}

/** Bodies of so many calls with this key; '' for those that were let in. */
async function calls(server: TestServer, apiId: string, value: string, count: number) {
  const seen: string[] = []
  for (let i = 0; i < count; i++) {
    const fields = [`X-API-Key: ${value}`]
    const { status, text } = await server.ask({ apiId, target: '/pets', fields })
    seen.push(status === 200 ? '' : text)
  }
  return seen
}

const LIMIT = '{"message":"Limit Exceeded"}'
const MANY = '{"message":"Too Many Requests"}'

test('s00109 a usage plan from its creation to its end', async (t) => {
  const server = await startServer(t)
  const [client, apiId] = [clientOf(t, server), await createApi(t, server)]
  const key = await client.send(new v1.CreateApiKeyCommand({ name: 'partner', enabled: true }))
  assert.match(key.value!, /^[a-z0-9]{40}$/)
  assert.ok(key.createdDate instanceof Date)
  const hidden = await client.send(new v1.GetApiKeyCommand({ apiKey: key.id }))
  assert.equal(hidden.value, undefined)
  const shown = await client.send(new v1.GetApiKeyCommand({ apiKey: key.id, includeValue: true }))
  assert.equal(shown.value, key.value)

  const plan = await client.send(
    new v1.CreateUsagePlanCommand({
      name: 'basic',
      apiStages: [{ apiId, stage: '$default' }],
      throttle: { rateLimit: 1_000, burstLimit: 100 },
      quota: { limit: 3, period: 'DAY' },
    }),
  )
  assert.deepEqual(plan.quota, { limit: 3, offset: 0, period: 'DAY' })
  const place = { usagePlanId: plan.id }
  // Not in the plan yet: no limit holds.
  assert.deepEqual(await calls(server, apiId, key.value!, 5), ['', '', '', '', ''])
  await client.send(
    new v1.CreateUsagePlanKeyCommand({ ...place, keyId: key.id, keyType: 'API_KEY' }),
  )
  assert.deepEqual(await calls(server, apiId, key.value!, 4), ['', '', '', LIMIT])

  await sleep(FLUSH_MS)
  const today = new Date().toISOString().slice(0, 10)
  const usage = { ...place, keyId: key.id, startDate: today, endDate: today }
  const before = await client.send(new v1.GetUsageCommand(usage))
  assert.deepEqual(before.items, { [key.id!]: [[3, 0]] })
  const remaining = { op: 'replace', path: '/remaining', value: '2' } as const
  await client.send(
    new v1.UpdateUsageCommand({ ...place, keyId: key.id, patchOperations: [remaining] }),
  )
  assert.deepEqual(await calls(server, apiId, key.value!, 3), ['', '', LIMIT])

  await client.send(
    new v1.UpdateUsagePlanCommand({
      ...place,
      patchOperations: [
        { op: 'replace', path: '/quota/limit', value: '100' },
        { op: 'replace', path: '/throttle/rateLimit', value: '0.001' },
        {
          op: 'replace',
          path: `/apiStages/${apiId}:$default/throttle/~1pets~1GET/rateLimit`,
          value: '0.001',
        },
        {
          op: 'replace',
          path: `/apiStages/${apiId}:$default/throttle/~1pets~1GET/burstLimit`,
          value: '2',
        },
      ],
    }),
  )
  assert.deepEqual(await calls(server, apiId, key.value!, 3), ['', '', MANY])

  const disabled = { op: 'replace', path: '/enabled', value: 'false' } as const
  await client.send(new v1.UpdateApiKeyCommand({ apiKey: key.id, patchOperations: [disabled] }))
  assert.deepEqual(await calls(server, apiId, key.value!, 2), ['', ''], 'a key of nobody')

  const lists = await client.send(new v1.GetUsagePlansCommand({ keyId: key.id }))
  assert.deepEqual(
    lists.items?.map(({ id }) => id),
    [plan.id],
  )
  const keys = await client.send(new v1.GetUsagePlanKeysCommand(place))
  assert.deepEqual(
    keys.items?.map(({ id, type }) => [id, type]),
    [[key.id, 'API_KEY']],
  )
  await assert.rejects(client.send(new v1.DeleteUsagePlanCommand(place)), v1.BadRequestException)
  const leave = { op: 'remove', path: '/apiStages', value: `${apiId}:$default` } as const
  await client.send(new v1.UpdateUsagePlanCommand({ ...place, patchOperations: [leave] }))
  await client.send(new v1.DeleteUsagePlanKeyCommand({ ...place, keyId: key.id }))
  await client.send(new v1.DeleteUsagePlanCommand(place))
  await client.send(new v1.DeleteApiKeyCommand({ apiKey: key.id }))
  await assert.rejects(client.send(new v1.GetUsagePlanCommand(place)), v1.NotFoundException)
  const rest = await client.send(new v1.GetApiKeysCommand({}))
  assert.deepEqual(rest.items, [])
})

test('s00109 lists have pages, and what is not built says so', async (t) => {
  const client = clientOf(t, await startServer(t))
  for (const name of ['a1', 'a2', 'a3', 'b1']) {
    await client.send(new v1.CreateApiKeyCommand({ name }))
  }
  const names: (string | undefined)[][] = []
  const pages = v1.paginateGetApiKeys({ client, pageSize: 2 }, { nameQuery: 'a' })
  for await (const { items = [] } of pages) names.push(items.map(({ name }) => name))
  assert.deepEqual(names, [['a1', 'a2'], ['a3']])
  await assert.rejects(
    client.send(new v1.CreateRestApiCommand({ name: 'x' })),
    /CreateRestApi is not supported by this version of Postern.*REST APIs/,
  )
  await assert.rejects(
    client.send(new v1.CreateApiKeyCommand({ value: 'short' })),
    /API Key value should be at least 20 characters/,
  )
  await assert.rejects(
    client.send(
      new v1.CreateUsagePlanCommand({ name: 'x', apiStages: [{ apiId: 'no', stage: 'no' }] }),
    ),
    v1.NotFoundException,
  )
})

test('s00109 keys are imported from a file, and let in', async (t) => {
  const server = await startServer(t)
  const [client, apiId] = [clientOf(t, server), await createApi(t, server)]
  const plan = async (name: string, apiStages: v1.ApiStage[] = []) => {
    const made = await client.send(
      new v1.CreateUsagePlanCommand({ name, apiStages, quota: { limit: 1, period: 'DAY' } }),
    )
    return made.id!
  }
  const [one, two] = [await plan('one', [{ apiId, stage: '$default' }]), await plan('two')]
  const bring = (text: string, failOnWarnings = false) =>
    client.send(
      new v1.ImportApiKeysCommand({ body: Buffer.from(text), format: 'csv', failOnWarnings }),
    )
  const value = 'apikey1234abcdefghij0123456789'
  const file = `Enabled,Name,key,UsageplanIds,other\ntrue,partner,${value},"${one},${two}",ignored\n`
  const { ids = [], warnings } = await bring(file, true)
  assert.deepEqual([ids.length, warnings], [1, []])
  const shown = await client.send(new v1.GetApiKeyCommand({ apiKey: ids[0], includeValue: true }))
  assert.deepEqual([shown.name, shown.enabled, shown.value], ['partner', true, value])
  assert.deepEqual(await calls(server, apiId, value, 2), ['', LIMIT])

  // Once more: the same key, and a warning for each row that is none.
  const rows = ['Key,name,usageplanids,description', `${value},renamed,,again`, 'short,x,,', 'a']
  rows.push(`${'b'.repeat(30)},y,nowhere,`, `${'c'.repeat(30)},z,'${one},${two}',`)
  await assert.rejects(
    bring(rows.join('\r\n'), true),
    /Line 3: .*20 characters; Line 4: .*Line 5: /,
  )
  const same = await client.send(new v1.GetApiKeyCommand({ apiKey: ids[0] }))
  assert.equal(same.name, 'partner', 'nothing was imported')
  const again = await bring(rows.join('\r\n'))
  assert.deepEqual([again.ids?.length, again.ids?.[0], again.warnings?.length], [3, ids[0], 3])
  const renamed = await client.send(new v1.GetApiKeyCommand({ apiKey: ids[0] }))
  assert.deepEqual([renamed.name, renamed.description], ['renamed', 'again'])
  const { items = [] } = await client.send(new v1.GetUsagePlanKeysCommand({ usagePlanId: two }))
  assert.deepEqual(
    items.map(({ name }) => name),
    ['renamed', 'z'],
  )

  await assert.rejects(bring('Name,Description\na,b\n'), /with Key/)
  await assert.rejects(bring('\n'), /with Name and Key/)
  await assert.rejects(bring('Name,Key,key\n'), /there twice/)
})

test('s00109 a Postern that is killed knows what was used until two seconds before', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-usage-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const first = await startServer(t, folder)
  const [client, apiId] = [clientOf(t, first), await createApi(t, first)]
  const key = await client.send(new v1.CreateApiKeyCommand({ enabled: true }))
  const plan = await client.send(
    new v1.CreateUsagePlanCommand({
      name: 'monthly',
      apiStages: [{ apiId, stage: '$default' }],
      quota: { limit: 5, period: 'MONTH' },
    }),
  )
  await client.send(
    new v1.CreateUsagePlanKeyCommand({ usagePlanId: plan.id, keyId: key.id, keyType: 'API_KEY' }),
  )
  assert.deepEqual(await calls(first, apiId, key.value!, 3), ['', '', ''])
  await sleep(FLUSH_MS)
  await first.kill()
  const second = await startServer(t, folder)
  assert.deepEqual(await passed(second, apiId, key.value!, 4), [true, true, false, false])
  // An ordinary end writes all of it.
  await second.stop()
  const third = await startServer(t, folder)
  assert.deepEqual(await passed(third, apiId, key.value!, 2), [false, false])
})

/** The origin of the first start has ended with nothing else: what is let in may end as it likes. */
async function passed(server: TestServer, apiId: string, value: string, count: number) {
  return (await calls(server, apiId, value, count)).map((text) => text !== LIMIT)
}
