/** P9: a second worker does not make a request dearer. */
import { alternate, type Subject } from '../alternate.ts'
import { cpuClaim } from '../claims.ts'
import { postern } from '../gateway/postern.ts'
import { wrk } from '../load/load.ts'
import { CPU, requestFigures } from '../request-figures.ts'
import type { Row } from '../row.ts'

const ONE = 'postern, 1 worker'
const TWO = 'postern, 2 workers'

export const workers: Row = {
  id: 'P9',
  title: 'Two workers against one',
  method:
    'As P2. Both workers stay on the one gateway core, so that what is seen is the price of sharing, not of a ' +
    'second core.',
  shown: [CPU],
  async run(bench) {
    const subjects: Subject[] = []
    const gateways = [postern({ name: ONE }), postern({ name: TWO, workers: 2 })]
    for (const gateway of bench.wanted(gateways)) {
      const running = await bench.start(gateway)
      const url = `http://127.0.0.1:${running.port}/pets`
      const usual = { core: bench.cores.load, url, connections: 64 }
      subjects.push({ running, load: (seconds) => wrk({ ...usual, seconds }) })
    }
    const measured = await alternate(bench.plan, subjects)
    await bench.stop(...subjects.map(({ running }) => running))
    const claims = cpuClaim(measured, { name: TWO, base: ONE, atMost: 1.1 })
    return { figures: requestFigures(measured), claims }
  },
}
