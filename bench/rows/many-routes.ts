/** P4: the cost of a request does not grow with the number of routes. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { alternate, type Subject } from '../alternate.ts'
import type { Bench } from '../bench.ts'
import { cpuClaim } from '../claims.ts'
import { manyRoutes } from '../gateway/definition.ts'
import { postern } from '../gateway/postern.ts'
import { wrk } from '../load/load.ts'
import { CPU, requestFigures } from '../request-figures.ts'
import type { Row } from '../row.ts'

const FEW = 'postern, 10 routes'
const MANY = 'postern, 10 000 routes'
const MANY_FEW_ASKED = 'ten of 10 000 asked'

export const manyRoutesRow: Row = {
  id: 'P4',
  title: '10 000 routes instead of 10',
  method:
    'Instances of Postern with generated definitions, every second route with a path variable. wrk sends the same ' +
    'number of different requests to each, in an order spread over all its routes; and once the requests for ten ' +
    'routes to the instance with 10 000, which tells what the number of routes costs from what asking for them ' +
    'all costs in cache misses.',
  shown: [CPU],
  async run(bench) {
    const subjects = [
      ...(await routesSubject(bench, FEW, { routes: 10, asked: 10 })),
      ...(await routesSubject(bench, MANY, { routes: 10_000, asked: 10_000 })),
      ...(await routesSubject(bench, MANY_FEW_ASKED, { routes: 10_000, asked: 10 })),
    ]
    const measured = await alternate(bench.plan, subjects)
    await bench.stop(...subjects.map(({ running }) => running))
    const claims = [MANY_FEW_ASKED, MANY].flatMap((name) =>
      cpuClaim(measured, { name, base: FEW, atMost: 1.05 }),
    )
    return { figures: requestFigures(measured), claims }
  },
}

async function routesSubject(
  bench: Bench,
  name: string,
  { routes, asked }: { readonly routes: number; readonly asked: number },
): Promise<Subject[]> {
  const { definition } = manyRoutes(routes)
  const { paths } = manyRoutes(asked)
  const [gateway] = bench.wanted([postern({ name, definition })])
  if (gateway === undefined) return []
  const pathsFile = join(bench.folder, `paths-${asked}.txt`)
  writeFileSync(pathsFile, `${paths.join('\n')}\n`)
  const running = await bench.start(gateway, { provePath: paths[0]! })
  const url = `http://127.0.0.1:${running.port}`
  const usual = { core: bench.cores.load, url, connections: 64, pathsFile }
  return [{ running, load: (seconds) => wrk({ ...usual, seconds }) }]
}
