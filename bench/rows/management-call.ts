/** P5, third part: a change by the management API is live when its call returns, and nobody under way notices. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ApiGatewayV2Client,
  CreateRouteCommand,
  GetApisCommand,
  GetRoutesCommand,
} from '@aws-sdk/client-apigatewayv2'
import type { Bench } from '../bench.ts'
import { revisionDefinition } from '../gateway/definition.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { postern, posternData, posternProgram } from '../gateway/postern.ts'
import { KeepAliveClient } from '../load/keep-alive-client.ts'
import { type SteadyCount, startSteadyClients } from '../load/steady-clients.ts'
import type { Row } from '../row.ts'
import { median } from '../statistics.ts'

const QUANTITY = 'management call to live'
const CALLS = 10
const CLIENTS = 8
const PAUSE_MS = 50
const GIVE_UP_MS = 10_000

export const managementCall: Row = {
  id: 'P5CALL',
  title: 'Management call to live',
  method:
    `Eight clients ask without pause while the official JavaScript client creates ${CALLS} routes in each run on a ` +
    'stage that deploys automatically; from the signed call until the new route has answered. A call is on disk and ' +
    'in every worker when it returns.',
  shown: [QUANTITY],
  async run(bench) {
    const definition = revisionDefinition(1, bench.origin.port)
    const [gateway] = bench.wanted([postern({ definition })])
    if (gateway === undefined) return { figures: [], claims: [] }
    const perRun: number[][] = []
    const total: SteadyCount = { requests: 0, failed: 0, mixed: 0, faults: [] }
    for (let run = 0; run < bench.plan.runs; run++) {
      perRun.push(await callRepeatedly(bench, gateway, total))
    }
    for (const fault of total.faults) bench.say(`  fault: ${fault}`)
    const slowest = Math.max(...perRun.flat())
    return {
      figures: [
        { subject: 'postern', quantity: QUANTITY, unit: 'ms', samples: perRun.map(median) },
      ],
      claims: [
        { sentence: `${QUANTITY}, median`, value: median(perRun.flat()), unit: 'ms', atMost: 50 },
        { sentence: `${QUANTITY}, slowest`, value: slowest, unit: 'ms' },
        { sentence: 'requests failed meanwhile', value: total.failed, unit: 'count', atMost: 0 },
      ],
    }
  },
}

/** Milliseconds of each call to one instance. */
async function callRepeatedly(bench: Bench, gateway: Gateway, total: SteadyCount) {
  const running = await bench.start(gateway, { provePath: '/steady' })
  const client = await clientOf(posternData(running.folder))
  const { ApiId, Target } = await targetIn(client)
  const steady = startSteadyClients(running.port, '/steady', CLIENTS)
  const probe = new KeepAliveClient(running.port)
  const taken: number[] = []
  try {
    for (let i = 0; i < CALLS; i++) {
      await sleep(PAUSE_MS)
      const since = performance.now()
      await client.send(new CreateRouteCommand({ ApiId, RouteKey: `GET /new/${i}`, Target }))
      const { status } = await probe.get(`/new/${i}`)
      taken.push(performance.now() - since)
      if (status === 404) throw new Error('bench: the call has returned and its route is not live')
    }
  } finally {
    await steady.stop()
    probe.close()
    client.destroy()
  }
  total.requests += steady.count.requests
  total.failed += steady.count.failed
  total.faults.push(...steady.count.faults)
  await bench.stop(running)
  return taken
}

/** The control port opens a moment after the data port; the data folder says when. */
async function clientOf(data: string): Promise<ApiGatewayV2Client> {
  const giveUpAt = performance.now() + GIVE_UP_MS
  while (!existsSync(join(data, 'control.json')) && performance.now() < giveUpAt) await sleep(20)
  const words = [posternProgram(), 'env', '--data', data, '--json']
  const env = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as Record<
    string,
    string
  >
  return new ApiGatewayV2Client({
    endpoint: env['AWS_ENDPOINT_URL']!,
    region: env['AWS_REGION']!,
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID']!,
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY']!,
    },
  })
}

/** The API of the definition, and where its steady route leads. */
async function targetIn(client: ApiGatewayV2Client): Promise<{ ApiId: string; Target: string }> {
  const { Items: apis = [] } = await client.send(new GetApisCommand({}))
  const ApiId = apis[0]!.ApiId!
  const { Items: routes = [] } = await client.send(new GetRoutesCommand({ ApiId }))
  return { ApiId, Target: routes.find(({ RouteKey }) => RouteKey === 'GET /steady')!.Target! }
}
