/** LINK: what a VPC link costs beside the direct path, and what goes through it. */
import { fileURLToPath } from 'node:url'
import { alternate } from '../alternate.ts'
import type { Bench } from '../bench.ts'
import { postern } from '../gateway/postern.ts'
import type { LinkSample } from '../link/link-sample.ts'
import { wrk } from '../load/load.ts'
import { startChild } from '../process/child.ts'
import type { Claim, Figure, Row, Unit } from '../row.ts'
import { median } from '../statistics.ts'

const FRONT = fileURLToPath(new URL('../link/front.ts', import.meta.url))
const GATEWAY = 'postern, direct'
const ENDS = 'link'

export const vpcLink: Row = {
  id: 'LINK',
  title: 'Through a VPC link',
  method:
    'The direct path is P2. What the link adds is measured at its two ends, hub and agent, each in its own process, over ' +
    'TLS 1.3 on loopback: 64 requests at a time to the origin, through the link and without it, by turns; ' +
    'the processor time of caller and agent together, less that of the caller alone. Latency: one request at a time. ' +
    '10 000 requests at once on one connection, all answered; one download of 1 GB.',
  shown: ['CPU per request'],
  async run(bench) {
    const [gateway] = await directPath(bench)
    const samples = await linkEnds(bench)
    const pick = (key: keyof LinkSample): number[] => samples.map((sample) => sample[key])
    const added = samples.map(({ link, direct }) => link - direct)
    const addedP50 = samples.map(({ linkP50Ms, directP50Ms }) => linkP50Ms - directP50Ms)
    const figures: Figure[] = [
      figure(GATEWAY, 'CPU per request', 'µs', gateway),
      figure(ENDS, 'CPU per request, added', 'µs', added),
      figure(ENDS, 'p50, added', 'ms', addedP50),
      figure(ENDS, 'requests under way', 'count', pick('manyOpen')),
      figure(ENDS, 'time for 10 000 at once', 'ms', pick('manyMs')),
      figure(ENDS, 'throughput', 'MB/s', pick('bulkMBPerSecond')),
      figure('without link', 'throughput', 'MB/s', pick('directBulkMBPerSecond')),
    ]
    const base = median(gateway)
    const claims: Claim[] = [
      claim('CPU per request, with link ÷ direct', '×', (base + median(added)) / base, {
        atMost: 2,
      }),
      claim('p50 that the link adds', 'ms', median(addedP50), { atMost: 0.5 }),
      claim('requests under way at once', 'count', median(pick('manyOpen')), { atLeast: 10_000 }),
      claim('one download through the link', 'MB/s', median(pick('bulkMBPerSecond')), {}),
    ]
    return { figures, claims }
  },
}

/** CPU per request of a gateway in front of the origin, in µs. */
async function directPath(bench: Bench): Promise<readonly [readonly number[]]> {
  const running = await bench.start(postern())
  const url = `http://127.0.0.1:${running.port}/pets`
  const [measured] = await alternate(bench.plan, [
    { running, load: (seconds) => wrk({ core: bench.cores.load, url, seconds, connections: 64 }) },
  ])
  await bench.stop(running)
  return [measured!.cpuMicrosPerRequest]
}

async function linkEnds(bench: Bench): Promise<readonly LinkSample[]> {
  const { plan, cores, origin } = bench
  const child = startChild({
    name: 'link',
    core: cores.gateway,
    command: [process.execPath, FRONT, ...[origin.port, plan.seconds, plan.runs].map(String)],
    capture: true,
  })
  const code = await child.ended
  if (code !== 0) throw new Error(`bench: the ends of the link failed: ${child.tail}`)
  return JSON.parse(child.output) as LinkSample[]
}

function figure(subject: string, quantity: string, unit: Unit, samples: readonly number[]): Figure {
  return { subject, quantity, unit, samples }
}

function claim(
  sentence: string,
  unit: Unit,
  value: number,
  bar: Pick<Claim, 'atMost' | 'atLeast'>,
): Claim {
  return { sentence, unit, value, ...bar }
}
