/**
 * The bench: `npm run bench -- [rows…]`. Measures Postern beside its peers on this machine, prints medians and ratios,
 * and writes bench/results and docs/performance.md.
 *
 * Exit code 0 when every bar held, 1 when one did not or a row failed, 2 for a wrong command line. Every process that
 * it starts has ended when it returns, after Ctrl-C too.
 */
import { type Bench, openBench } from './bench.ts'
import { buildPostern } from './gateway/build.ts'
import { posternProgram } from './gateway/postern.ts'
import { installPeers } from './peers/install.ts'
import { type Plan, parsePlan, USAGE } from './plan.ts'
import { stopAll } from './process/child.ts'
import { busyPercent } from './process/machine-load.ts'
import { printRow } from './report/console.ts'
import { describeMachine } from './report/machine.ts'
import { writeReport } from './report/report.ts'
import { mergeResults, readResults } from './report/results.ts'
import { holds, type Row, type RowResult } from './row.ts'
import { selectRows } from './rows/rows.ts'

const BUSY_PERCENT_MAX = 5

const say = (line: string): void => console.log(line)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say(`bench: ${signal}, ending what was started`)
    stopAll().finally(() => process.exit(130))
  })
}

process.exitCode = await main(process.argv.slice(2))

async function main(words: readonly string[]): Promise<number> {
  let plan: Plan
  let rows: readonly Row[]
  try {
    plan = parsePlan(words)
    rows = selectRows(plan.rows)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  try {
    return await runBench(plan, rows)
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
}

async function runBench(plan: Plan, rows: readonly Row[]): Promise<number> {
  installPeers(say)
  if (plan.peers.length === 0 || plan.peers.includes('postern')) {
    if (plan.build) buildPostern(say)
    say(`bench: Postern is ${posternProgram()}`)
  }
  const bench = await openBench(plan, say)
  const results: RowResult[] = []
  let failed = 0
  try {
    for (const row of rows) {
      const result = await runRow(bench, row)
      if (result === undefined) failed++
      else if (result.figures.length > 0) results.push(result)
    }
  } finally {
    await bench.close()
  }
  if (results.length > 0) {
    const fresh = { machine: describeMachine(bench.cores), rows: results }
    const all = mergeResults(fresh, readResults(plan))
    for (const path of writeReport(all, plan)) say(`bench: wrote ${path}`)
  }
  const broken = results.flatMap(({ claims }) => claims).filter((claim) => holds(claim) === false)
  say(`bench: ${results.length} rows measured, ${failed} failed, ${broken.length} bars not kept`)
  return failed + broken.length > 0 ? 1 : 0
}

/** Undefined when the row failed; the reason has been said and the other rows go on. */
async function runRow(bench: Bench, row: Row): Promise<RowResult | undefined> {
  say(`\n${row.id}  ${row.title}`)
  try {
    const busy = await busyPercent()
    if (busy > BUSY_PERCENT_MAX) say(`  other work uses ${busy} % of this machine: expect noise`)
    const outcome = await row.run(bench)
    const { id, title, method, shown } = row
    const { runs, seconds } = bench.plan
    const measuredAt = new Date().toISOString()
    const result = {
      id,
      title,
      method,
      shown,
      measuredAt,
      runs,
      seconds,
      busyPercent: busy,
      ...outcome,
    }
    printRow(result, say)
    return result
  } catch (error) {
    say(`  failed: ${(error as Error).message}`)
    await bench.stopGateways()
    return undefined
  }
}
