/** Access-log lines by HTTP and OTLP, and what stands in for the log group of a stage. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { GetStageCommand, UpdateStageCommand } from '@aws-sdk/client-apigatewayv2'
import { startLineReceiver } from '../harness/line-receiver.ts'
import { type OneRouteServer, startOneRoute, until } from '../harness/one-route-server.ts'
import { startEcho } from '../harness/origin.ts'
import { startCollector } from '../harness/otlp-collector.ts'
import { sdkClient } from '../harness/sdk.ts'
import { startServer } from '../harness/server.ts'

const ARN = 'arn:aws:logs:us-east-1:000000000000:log-group:shop'
const FORMAT = '{"id":"$context.requestId","own":true}'

/** Gives the stage access-log settings of its own. */
async function logTo({ server, apiId }: OneRouteServer, DestinationArn: string): Promise<void> {
  const AccessLogSettings = { DestinationArn, Format: FORMAT }
  const change = { ApiId: apiId, StageName: '$default', AccessLogSettings }
  await sdkClient(server.endpoint).send(new UpdateStageCommand(change))
}

test('o00008 lines are POSTed in batches; a receiver that was down gets them later', async (t) => {
  const origin = await startEcho(t)
  const receiver = await startLineReceiver(t)
  receiver.status = 503
  const words = ['--access-log', 'json', '--access-log-url', receiver.url]
  const one = await startOneRoute(t, origin.url, ...words, '--access-log-header', 'x-key=s3cret')
  for (let i = 0; i < 5; i++) assert.equal((await one.get('/pets')).status, 200)
  await until('the first try', () => receiver.headers.length > 0)
  assert.deepEqual(receiver.lines, [])
  receiver.status = 204
  await until('every line', () => receiver.lines.length === 5)
  for (const line of receiver.lines) assert.equal(JSON.parse(line).status, 200)
  assert.equal(receiver.headers[0]!['x-key'], 's3cret')
  assert.equal(receiver.headers[0]!['content-type'], 'application/x-ndjson')
  await one.server.stop()
  assert.doesNotMatch(one.server.lines.join('\n'), /s3cret/)
})

test('o00008 lines as OTLP log records, with the trace that they belong to', async (t) => {
  const origin = await startEcho(t)
  const collector = await startCollector(t)
  const words = ['--access-log', 'json', '--access-log-url', 'otlp', '--trace', '1']
  const one = await startOneRoute(t, origin.url, ...words, '--otlp-endpoint', collector.url)
  await one.get('/pets')
  await one.get('/nothing')
  await one.server.stop()
  // Each call may have met another worker, so nothing is said about their order.
  const records = collector.items('logs')
  assert.deepEqual(records.map(({ severityText }) => severityText).sort(), ['INFO', 'WARN'])
  const spans = collector.spans().filter(({ kind }) => kind === 2)
  assert.deepEqual(
    records.map(({ spanId }) => spanId).sort(),
    spans.map(({ spanId }) => spanId).sort(),
  )
  const { body } = records.find(({ severityText }) => severityText === 'INFO')!
  assert.equal(JSON.parse((body as { stringValue: string }).stringValue).routeKey, 'GET /pets')
})

test('o00008 the log group of a stage leads where the operator says', async (t) => {
  const origin = await startEcho(t)
  const receiver = await startLineReceiver(t)
  const one = await startOneRoute(
    t,
    origin.url,
    ...['--access-log-destination', `${ARN}=file:shop.log`],
    ...['--access-log-destination', `arn:aws:firehose:*=${receiver.url}`],
  )
  await logTo(one, ARN)
  await one.get('/pets')
  const file = join(one.folder, 'shop.log')
  await until('the line in the file', () => readFileSync(file, 'utf8').endsWith('\n'))
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).own, true)
  await logTo(one, 'arn:aws:firehose:us-east-1:1:deliverystream/amazon-apigateway-x')
  await one.get('/pets')
  await until('the line at the receiver', () => receiver.lines.length === 1)
  assert.equal(readFileSync(file, 'utf8').split('\n').length, 2, 'and nowhere else')
})

test('o00008 a destination that is mapped to nothing is refused, and nothing changes', async (t) => {
  const origin = await startEcho(t)
  const one = await startOneRoute(t, origin.url, '--access-log-destination', `${ARN}=stdout`)
  await assert.rejects(logTo(one, `${ARN}2`), (error: Error) => {
    assert.match(error.message, /--access-log-destination.*log-group:shop2/)
    return true
  })
  const stage = { ApiId: one.apiId, StageName: '$default' }
  const { AccessLogSettings } = await sdkClient(one.server.endpoint).send(
    new GetStageCommand(stage),
  )
  assert.equal(AccessLogSettings, undefined)
  assert.equal((await one.get('/pets')).status, 200)
})

test('o00008 a start that would leave the lines of a stored stage nowhere says so', async (t) => {
  const origin = await startEcho(t)
  const one = await startOneRoute(t, origin.url)
  await logTo(one, ARN)
  await one.server.stop()
  const elsewhere = ['--access-log-destination', 'arn:aws:firehose:*=log']
  await assert.rejects(startServer(t, one.folder, ...elsewhere), {
    message: /stage \$default of Shop: no --access-log-destination says where arn:aws:logs/,
  })
  await startServer(t, one.folder, ...elsewhere, '--access-log-destination', '*=log')
})
