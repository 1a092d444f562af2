/** COSTEXPLAIN: what the record of a call costs that `postern explain` tells afterwards. */
import { fileURLToPath } from 'node:url'
import { runChild } from '../process/child.ts'
import type { Row } from '../row.ts'
import { median } from '../statistics.ts'

const LOOP = fileURLToPath(new URL('../explain-record.ts', import.meta.url))
const SUBJECT = 'postern'
const QUANTITY = 'CPU per record'

export const explainCost: Row = {
  id: 'COSTEXPLAIN',
  title: 'What it costs to be able to explain a call',
  method:
    'Every call is recorded, so there is no instance without: the record of a call that ended well is measured in a ' +
    'loop of its own (`bench/explain-record.ts`), the best of some rounds. Every other row has this cost in it.',
  shown: [],
  async run(bench) {
    if (bench.plan.peers.length > 0 && !bench.plan.peers.includes(SUBJECT)) {
      return { figures: [], claims: [] }
    }
    const samples: number[] = []
    for (let run = 0; run < bench.plan.runs; run++) {
      const command = [process.execPath, LOOP]
      const output = await runChild({ name: 'explain-record', core: bench.cores.gateway, command })
      const nanoseconds = /^ended well +(\d+) ns$/m.exec(output)?.[1]
      if (nanoseconds === undefined) throw new Error(`bench: no figure in: ${output}`)
      samples.push(Number(nanoseconds) / 1_000)
    }
    return {
      figures: [{ subject: SUBJECT, quantity: QUANTITY, unit: 'µs', samples }],
      claims: [{ sentence: 'CPU per request added: explain', value: median(samples), unit: 'µs' }],
    }
  },
}
