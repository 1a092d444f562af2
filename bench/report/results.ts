/**
 * Results as they are kept between benches: bench/results/latest.json, or quick.json for `--quick`.
 *
 * A bench of some rows replaces these rows and keeps the others, as long as they come from the same machine and
 * versions.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plan } from '../plan.ts'
import type { RowResult } from '../row.ts'
import { ROWS } from '../rows/rows.ts'
import type { Machine } from './machine.ts'

export interface Results {
  readonly machine: Machine
  readonly rows: readonly RowResult[]
}

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url))

/** The path of a result file without its ending. */
export function resultsPath(plan: Plan): string {
  return `${RESULTS}${plan.quick ? 'quick' : 'latest'}`
}

export function readResults(plan: Plan): Results | undefined {
  const path = `${resultsPath(plan)}.json`
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results) : undefined
}

/** The fresh rows and those kept of `last`, in the order of the table of rows. */
export function mergeResults(fresh: Results, last: Results | undefined): Results {
  const sameMachine = JSON.stringify(last?.machine) === JSON.stringify(fresh.machine)
  const candidates = [...fresh.rows, ...(sameMachine ? last!.rows : [])]
  const rows = ROWS.map(({ id }) => candidates.find((row) => row.id === id))
  return { machine: fresh.machine, rows: rows.filter((row) => row !== undefined) }
}
