/**
 * Builds of Postern side by side: `node bench/compare.ts BEFORE AFTER [--runs 9] [--seconds 2] [--only bare]`.
 *
 * BEFORE and AFTER are checkouts that have been built. Prints processor time per request of the bare proxy and of the
 * reference request, the builds taking turns in the same run, nginx among them. Nothing is written: it is for whoever
 * changes hot code, and for the figures of the commit.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { alternate, type Measured, type Subject } from './alternate.ts'
import { type Bench, openBench } from './bench.ts'
import type { Gateway } from './gateway/gateway.ts'
import { nginx } from './gateway/nginx.ts'
import { postern } from './gateway/postern.ts'
import { referencePostern } from './gateway/reference.ts'
import { wrk } from './load/load.ts'
import { type Plan, parsePlan } from './plan.ts'
import { stopAll } from './process/child.ts'
import { RATE_MAX, ReferenceLoad } from './reference/reference-load.ts'
import { formatNumber } from './report/numbers.ts'
import { median, pairedDifference, pairedRatio } from './statistics.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
  },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopAll().finally(() => process.exit(130)))
}
const plan = parsePlan(['--runs', values.runs, '--seconds', values.seconds])
const bench = await openBench(plan, console.log)
try {
  if (values.only !== 'reference') await compareBare(bench, plan)
  if (values.only !== 'bare') await compareReference(bench, plan)
} finally {
  await bench.close()
}

async function compareBare(on: Bench, how: Plan): Promise<void> {
  const subjects: Subject[] = []
  for (const gateway of [nginx(), ...positionals.map((build) => postern(buildAt(build)))]) {
    const running = await on.start(gateway)
    const url = `http://127.0.0.1:${running.port}/pets`
    const usual = { core: on.cores.load, url, connections: 64 }
    subjects.push({ running, load: (seconds) => wrk({ ...usual, seconds }) })
  }
  tell('bare', await alternate(how, subjects))
  await on.stopGateways()
}

async function compareReference(on: Bench, how: Plan): Promise<void> {
  const load = await ReferenceLoad.open(on)
  const work = { issuer: load.issuer, requestsPerTenSeconds: RATE_MAX }
  const builds: Gateway[] = positionals.map((build) => referencePostern(work, buildAt(build)))
  try {
    const subjects: Subject[] = []
    for (const gateway of [nginx(), ...builds]) subjects.push(await load.subject(gateway))
    tell('reference', await alternate(how, subjects))
  } finally {
    await on.stopGateways()
    load.close()
  }
}

function buildAt(folder: string) {
  return { name: folder, program: join(folder, 'dist/main.js') }
}

/** Each build beside nginx and beside the first build. */
function tell(kind: string, [base, ...builds]: readonly Measured[]): void {
  const peer = base!.cpuMicrosPerRequest
  console.log(`${kind}: nginx ${formatNumber(median(peer))} µs`)
  for (const { name, cpuMicrosPerRequest: own } of builds) {
    const toPeer = pairedRatio(own, peer).toFixed(2)
    const toFirst = pairedDifference(own, builds[0]!.cpuMicrosPerRequest).toFixed(2)
    const ratio = pairedRatio(own, builds[0]!.cpuMicrosPerRequest).toFixed(3)
    const all = own.map(formatNumber).join(' · ')
    console.log(
      `  ${name}: ${formatNumber(median(own))} µs, ${toPeer} × nginx; to the first ${toFirst} µs, ${ratio} ×  (${all})`,
    )
  }
}
