/** P5, second half: a changed definition is live at once, and nobody under way notices. */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { revisionDefinition } from '../gateway/definition.ts'
import type { Gateway, RunningGateway } from '../gateway/gateway.ts'
import { postern } from '../gateway/postern.ts'
import { KeepAliveClient } from '../load/keep-alive-client.ts'
import { type SteadyCount, startSteadyClients } from '../load/steady-clients.ts'
import type { Outcome, Row } from '../row.ts'
import { median } from '../statistics.ts'

const QUANTITY = 'deployment to live'
const DEPLOYMENTS = 10
const CLIENTS = 8
const PAUSE_MS = 50
const GIVE_UP_MS = 10_000

export const deployment: Row = {
  id: 'P5DEPLOY',
  title: 'Deployment to live',
  method:
    `Eight clients ask without pause while the definition is replaced and SIGHUP sent, ${DEPLOYMENTS} times in each ` +
    "run; from there until the new revision's own route answers. Every answer carries the revision that changed the " +
    'request and the one that changed the response; a difference counts as mixed.',
  shown: [QUANTITY],
  async run(bench) {
    const definitionPath = join(bench.folder, 'revisions.json')
    const definition = revisionDefinition(1, bench.origin.port)
    const [gateway] = bench.wanted([postern({ definition, definitionPath })])
    if (gateway === undefined) return { figures: [], claims: [] }
    const perRun: number[][] = []
    const total: SteadyCount = { requests: 0, failed: 0, mixed: 0, faults: [] }
    for (let run = 0; run < bench.plan.runs; run++) {
      perRun.push(await deployRepeatedly(bench, { gateway, definitionPath, total }))
    }
    for (const fault of total.faults) bench.say(`  fault: ${fault}`)
    return outcome(perRun, total)
  },
}

interface Deploying {
  readonly gateway: Gateway
  readonly definitionPath: string
  readonly total: SteadyCount
}

/** Milliseconds of each deployment of one instance. */
async function deployRepeatedly(bench: Bench, deploying: Deploying): Promise<number[]> {
  const running = await bench.start(deploying.gateway, { provePath: '/steady' })
  const clients = startSteadyClients(running.port, '/steady', CLIENTS)
  const probe = new KeepAliveClient(running.port)
  const taken: number[] = []
  try {
    for (let revision = 2; revision < 2 + DEPLOYMENTS; revision++) {
      await sleep(PAUSE_MS)
      const next = `${deploying.definitionPath}.next`
      writeFileSync(next, revisionDefinition(revision, bench.origin.port))
      const since = performance.now()
      renameSync(next, deploying.definitionPath)
      running.child.process.kill('SIGHUP')
      await untilLive(running, probe, revision)
      taken.push(performance.now() - since)
    }
  } finally {
    await clients.stop()
    probe.close()
  }
  add(deploying.total, clients.count)
  await bench.stop(running)
  return taken
}

async function untilLive(running: RunningGateway, probe: KeepAliveClient, revision: number) {
  const giveUpAt = performance.now() + GIVE_UP_MS
  while ((await probe.get(`/revision/${revision}`)).status !== 200) {
    if (performance.now() > giveUpAt) {
      throw new Error(
        `bench: revision ${revision} is not live after ${GIVE_UP_MS} ms: ${running.child.tail}`,
      )
    }
  }
}

function add(total: SteadyCount, count: SteadyCount): void {
  total.requests += count.requests
  total.failed += count.failed
  total.mixed += count.mixed
  total.faults.push(...count.faults)
}

function outcome(perRun: readonly number[][], total: SteadyCount): Outcome {
  const slowest = Math.max(...perRun.flat())
  return {
    figures: [
      { subject: 'postern', quantity: QUANTITY, unit: 'ms', samples: perRun.map(median) },
      {
        subject: 'postern',
        quantity: 'requests meanwhile',
        unit: 'count',
        samples: [total.requests],
      },
    ],
    claims: [
      {
        sentence: 'deployment to live, median',
        value: median(perRun.flat()),
        unit: 'ms',
        atMost: 50,
      },
      { sentence: 'deployment to live, slowest', value: slowest, unit: 'ms' },
      { sentence: 'requests failed meanwhile', value: total.failed, unit: 'count', atMost: 0 },
      { sentence: 'answers of two revisions', value: total.mixed, unit: 'count', atMost: 0 },
    ],
  }
}
