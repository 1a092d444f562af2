/** A whole Postern sends its figures on: OTLP metrics, EMF lines, and what it says about its own exports. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startOneRoute, until } from '../harness/one-route-server.ts'
import { startEcho } from '../harness/origin.ts'
import { startCollector } from '../harness/otlp-collector.ts'

interface Point {
  readonly asDouble?: number
  readonly count?: string
}

test('o00009 metrics by OTLP and as EMF lines, in an interval and at the end', async (t) => {
  const origin = await startEcho(t)
  const collector = await startCollector(t)
  const words = ['--metrics-interval', '1s', '--metrics-emf', 'emf.log', '--workers', '2']
  const one = await startOneRoute(t, origin.url, ...words, '--otlp-endpoint', collector.url)
  for (let i = 0; i < 4; i++) assert.equal((await one.get('/pets')).status, 200)
  assert.equal((await one.get('/nothing')).status, 404)
  const file = join(one.folder, 'emf.log')
  const lines = () => readFileSync(file, 'utf8').split('\n').filter(Boolean)
  await until('a line', () => lines().length > 0)
  await one.server.stop()
  const documents = lines().map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  const sum = (name: string) => documents.reduce((all, one) => all + Number(one[name]), 0)
  assert.deepEqual([sum('Count'), sum('4xx'), sum('5xx')], [5, 1, 0])
  assert.equal(documents[0]!['ApiId'], one.apiId)

  /** The points of the last time that a metric was sent. */
  const last = (name: string, kind: 'sum' | 'histogram' | 'gauge') => {
    const found = collector.items('metrics').filter((metric) => metric['name'] === name)
    const { dataPoints } = found.at(-1)![kind] as { dataPoints: Point[] }
    return dataPoints
  }
  assert.equal(last('apigateway_count', 'sum')[0]!.asDouble, 5)
  assert.equal(last('apigateway_4xx', 'sum')[0]!.asDouble, 1)
  assert.equal(last('apigateway_latency', 'histogram')[0]!.count, '5')
  assert.equal(last('postern_connections', 'gauge').length, 2)
})

test('o00009 what is given up is counted, and the port says so', async (t) => {
  const origin = await startEcho(t)
  const collector = await startCollector(t)
  collector.status = 400
  const words = ['--trace', '1', '--metrics-interval', 'off', '--otlp-endpoint', collector.url]
  const one = await startOneRoute(t, origin.url, ...words)
  await one.get('/pets')
  const figure = async (name: string) => {
    const text = await (await fetch(new URL('/metrics', one.server.endpoint.url))).text()
    return Number(new RegExp(`^${name}\\{signal="spans"\\} (\\d+)$`, 'm').exec(text)?.[1])
  }
  await until('the loss', async () => (await figure('postern_export_dropped_total')) === 1)
  assert.equal(await figure('postern_export_failures_total'), 1)
  assert.equal(await figure('postern_exported_total'), 0)
})
