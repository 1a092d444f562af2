/** Writes what a bench leaves behind: the JSON, the picture beside it, and docs/performance.md (not for `--quick`). */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plan } from '../plan.ts'
import { drawChart } from './chart.ts'
import { writePage } from './page.ts'
import { type Results, resultsPath } from './results.ts'

const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))

/** Returns the paths of what it wrote. */
export function writeReport(results: Results, plan: Plan): readonly string[] {
  const path = resultsPath(plan)
  const files: Record<string, string> = {
    [`${path}.json`]: `${JSON.stringify(results, null, 2)}\n`,
    [`${path}.svg`]: drawChart(results),
  }
  if (!plan.quick) files[PAGE] = writePage(results)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(name), { recursive: true })
    writeFileSync(name, text)
  }
  return Object.keys(files)
}
