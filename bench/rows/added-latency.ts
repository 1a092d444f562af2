/**
 * P3 and P3ALL: how much later answers come through a gateway than straight from the origin, at a fixed arrival rate;
 * through a bare proxy, and with everything on.
 */
import { warmUp } from '../alternate.ts'
import type { Bench } from '../bench.ts'
import type { RunningGateway } from '../gateway/gateway.ts'
import { nginx } from '../gateway/nginx.ts'
import { postern } from '../gateway/postern.ts'
import { referencePostern, traced } from '../gateway/reference.ts'
import { openLoop, wrk } from '../load/load.ts'
import type { OpenLoopResult } from '../load/open-loop.ts'
import { stopChild } from '../process/child.ts'
import { keepAwake } from '../process/keep-awake.ts'
import {
  RATE_MAX as CLIENT_RATE_MAX,
  REFERENCE_PATH,
  ReferenceLoad,
} from '../reference/reference-load.ts'
import type { Claim, Figure, Outcome, Row } from '../row.ts'
import { median, pairedDifference } from '../statistics.ts'

const CONNECTIONS = 64
/** What the generator and the origin manage together on one core with room to spare. */
const RATE_MAX = 30_000
const PERCENTILES = ['p50', 'p99', 'p999'] as const
const LABELS = { p50: 'p50', p99: 'p99', p999: 'p99.9' } as const
const BARS_MS = { p50: {}, p99: { atMost: 1 }, p999: { atMost: 3 } } as const

const METHOD =
  'Open loop: requests leave on a fixed schedule at half of the rate that Postern reaches flat out ' +
  `(but at most ${RATE_MAX} per second), and a latency counts from the moment its request was due. Added is the ` +
  'percentile through the gateway minus the percentile of the direct path in the same run. Both cores are kept from ' +
  'sleeping. Where the direct path ' +
  'alone takes longer than the bar, the machine is too busy to judge: at p99 the row fails, at p99.9 it only tells.'

/** What is asked for. */
interface Work {
  readonly path: string
  readonly tokensFile?: string
}

export const addedLatency: Row = {
  id: 'P3',
  title: 'Added latency at half load',
  method: METHOD,
  shown: ['latency p99'],
  async run(bench) {
    const gateways: RunningGateway[] = []
    for (const gateway of bench.wanted([postern(), nginx()]))
      gateways.push(await bench.start(gateway))
    return await measureAdded(bench, gateways, { path: '/pets' })
  },
}

export const addedLatencyWithAll: Row = {
  id: 'P3ALL',
  title: 'Added latency at half load, everything on',
  method: `The request of P1 with all that Postern does for it, and one in a hundred traced; nginx is a bare proxy. ${METHOD}`,
  shown: ['latency p99'],
  async run(bench) {
    const load = await ReferenceLoad.open(bench)
    try {
      const { issuer, tokensFile } = load
      const work = { issuer, requestsPerTenSeconds: CLIENT_RATE_MAX }
      const gateways: RunningGateway[] = []
      for (const gateway of bench.wanted([referencePostern(work, traced(bench, '1%')), nginx()]))
        gateways.push(await load.start(gateway))
      return await measureAdded(bench, gateways, { path: REFERENCE_PATH, tokensFile })
    } finally {
      load.close()
    }
  },
}

async function measureAdded(
  bench: Bench,
  gateways: readonly RunningGateway[],
  work: Work,
): Promise<Outcome> {
  const ratePerSecond = await halfLoad(bench, gateways, work)
  bench.say(`  ${ratePerSecond} requests per second`)
  const targets = [
    { name: 'direct', port: bench.origin.port },
    ...gateways.map(({ name, port }) => ({ name, port })),
  ]
  const spinner = keepAwake(bench.cores.gateway)
  const results = await measureInTurns(bench, targets, { ...work, ratePerSecond }).finally(() =>
    stopChild(spinner),
  )
  await bench.stop(...gateways)
  return outcome(targets, results, ratePerSecond)
}

interface Target {
  readonly name: string
  readonly port: number
}

/** Half of the requests per second that the first gateway (Postern, when it runs) reaches flat out; warms up all. */
async function halfLoad(
  bench: Bench,
  gateways: readonly RunningGateway[],
  { path, ...tokens }: Work,
): Promise<number> {
  const [first] = gateways
  if (first === undefined) {
    throw new Error('bench: the row needs postern or nginx; --peers leaves both out')
  }
  const flatOut = (port: number, seconds: number) => {
    const url = `http://127.0.0.1:${port}${path}`
    return wrk({ core: bench.cores.load, url, seconds, connections: CONNECTIONS, ...tokens })
  }
  for (const { port } of gateways) await warmUp(bench.plan, (seconds) => flatOut(port, seconds))
  const load = await flatOut(first.port, bench.plan.seconds)
  return Math.min(RATE_MAX, Math.round(load.requests / load.seconds / 2))
}

/** Results by target, one per run. */
async function measureInTurns(
  bench: Bench,
  targets: readonly Target[],
  asked: Work & { readonly ratePerSecond: number },
): Promise<readonly OpenLoopResult[][]> {
  const { runs, seconds } = bench.plan
  const results: OpenLoopResult[][] = targets.map(() => [])
  for (let run = 0; run < runs; run++) {
    for (let turn = 0; turn < targets.length; turn++) {
      const i = (run + turn) % targets.length
      const { port } = targets[i]!
      const options = { ...asked, port, warmupSeconds: 1, seconds }
      results[i]!.push(await openLoop(bench.cores.load, { ...options, connections: CONNECTIONS }))
    }
  }
  return results
}

function outcome(
  targets: readonly Target[],
  results: readonly OpenLoopResult[][],
  ratePerSecond: number,
): Outcome {
  const samples = (i: number, key: (typeof PERCENTILES)[number]) =>
    results[i]!.map((result) => result[key] / 1e3)
  const figures: Figure[] = [
    { subject: 'all', quantity: 'arrival rate', unit: 'per s', samples: [ratePerSecond] },
  ]
  const claims: Claim[] = []
  for (const key of PERCENTILES) {
    const quantity = `latency ${LABELS[key]}`
    const judged = judgedBar(key, samples(0, key))
    for (const [i, { name }] of targets.entries()) {
      figures.push({ subject: name, quantity, unit: 'ms', samples: samples(i, key) })
      if (i === 0) continue
      const value = pairedDifference(samples(i, key), samples(0, key))
      const bar = name === 'postern' ? judged : {}
      claims.push({ sentence: `${LABELS[key]} added by ${name}`, value, unit: 'ms', ...bar })
    }
  }
  return { figures, claims }
}

/** The bar of a percentile, unless the direct path shows that this machine cannot tell now. */
function judgedBar(
  key: (typeof PERCENTILES)[number],
  direct: readonly number[],
): { readonly atMost?: number } {
  const bar: { readonly atMost?: number } = BARS_MS[key]
  const own = median(direct)
  if (bar.atMost === undefined || own < bar.atMost) return bar
  if (key === 'p999') return {}
  throw new Error(
    `bench: the direct path alone takes ${own.toFixed(2)} ms at ${LABELS[key]}, more than the bar of ` +
      `${bar.atMost} ms: the machine is too busy to judge. Try again on a quiet one.`,
  )
}
