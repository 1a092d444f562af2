/** P6: memory of an idle gateway, and what each idle keep-alive connection adds. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { nginx } from '../gateway/nginx.ts'
import { postern } from '../gateway/postern.ts'
import { openIdleConnections } from '../load/idle-connections.ts'
import { wrk } from '../load/load.ts'
import { residentBytes } from '../process/process-tree.ts'
import type { Claim, Row } from '../row.ts'
import { median } from '../statistics.ts'

const CONNECTIONS = 5_000
const SETTLE_MS = 1_500
const AT_REST = 'memory at rest'
const PER_CONNECTION = 'memory per idle connection'

export const memory: Row = {
  id: 'P6',
  title: 'Memory at rest and per idle connection',
  method:
    'Resident memory of a fresh instance with one worker. Then a warm-up under load, so that the heap has its working ' +
    `size, then ${CONNECTIONS} connections that each make one request and stay open: growth divided by their number.`,
  shown: [AT_REST, PER_CONNECTION],
  async run(bench) {
    const gateways = bench.wanted([postern(), nginx()])
    const samples = gateways.map(() => ({ atRest: [] as number[], perConnection: [] as number[] }))
    for (let run = 0; run < bench.plan.runs; run++) {
      for (const [i, gateway] of gateways.entries()) {
        const { atRest, perConnection } = await weigh(bench, gateway)
        samples[i]!.atRest.push(atRest / 1e6)
        samples[i]!.perConnection.push(perConnection / 1e3)
      }
    }
    const figures = gateways.flatMap(({ name }, i) => [
      { subject: name, quantity: AT_REST, unit: 'MB', samples: samples[i]!.atRest } as const,
      {
        subject: name,
        quantity: PER_CONNECTION,
        unit: 'KB',
        samples: samples[i]!.perConnection,
      } as const,
    ])
    const own = gateways.findIndex(({ name }) => name === 'postern')
    return { figures, claims: own < 0 ? [] : claims(samples[own]!) }
  },
}

interface Weight {
  readonly atRest: number
  readonly perConnection: number
}

async function weigh(bench: Bench, gateway: Gateway): Promise<Weight> {
  const running = await bench.start(gateway)
  const { pid } = running.child
  await sleep(SETTLE_MS)
  const atRest = residentBytes(pid)

  const url = `http://127.0.0.1:${running.port}/pets`
  await wrk({ core: bench.cores.load, url, seconds: bench.plan.warmupSeconds, connections: 64 })
  await sleep(SETTLE_MS)
  const before = residentBytes(pid)
  const sockets = await openIdleConnections(running.port, '/pets', CONNECTIONS)
  await sleep(SETTLE_MS)
  const grown = residentBytes(pid) - before
  for (const socket of sockets) socket.destroy()
  await bench.stop(running)
  return { atRest, perConnection: grown / CONNECTIONS }
}

function claims(own: { atRest: readonly number[]; perConnection: readonly number[] }): Claim[] {
  return [
    { sentence: `${AT_REST}, postern`, value: median(own.atRest), unit: 'MB', atMost: 120 },
    {
      sentence: `${PER_CONNECTION}, postern`,
      value: median(own.perConnection),
      unit: 'KB',
      atMost: 6,
    },
  ]
}
