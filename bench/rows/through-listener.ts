/** BALANCED: what a listener with three targets adds to a request, against the same data plane straight to the origin. */
import { alternate, type Subject } from '../alternate.ts'
import { cpuClaim } from '../claims.ts'
import { dataPlane, type Way } from '../gateway/data-plane.ts'
import { wrk } from '../load/load.ts'
import { CPU, requestFigures } from '../request-figures.ts'
import type { Row } from '../row.ts'

const CONNECTIONS = 64
const WAYS: readonly Way[] = [
  'direct',
  'round_robin',
  'least_outstanding_requests',
  'power_of_two_choices',
]

export const throughListener: Row = {
  id: 'BALANCED',
  title: 'Through a listener with three targets',
  method:
    'wrk with 64 keep-alive connections at a data plane without anything else; straight to the origin, and by a ' +
    'listener whose group has three names of that origin as targets, with active checks and outlier detection on. ' +
    'They take turns; processor time of the gateway divided by the requests answered.',
  shown: [CPU],
  async run(bench) {
    const subjects: Subject[] = []
    for (const gateway of bench.wanted(WAYS.map(dataPlane))) {
      const running = await bench.start(gateway)
      const url = `http://127.0.0.1:${running.port}/pets`
      const load = (seconds: number) =>
        wrk({ core: bench.cores.load, url, seconds, connections: CONNECTIONS })
      subjects.push({ running, load })
    }
    const measured = await alternate(bench.plan, subjects)
    await bench.stop(...subjects.map(({ running }) => running))
    const claims = WAYS.slice(1).flatMap((name) => cpuClaim(measured, { name, base: 'direct' }))
    return { figures: requestFigures(measured), claims }
  },
}
