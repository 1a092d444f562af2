/** P8, beyond 10 MB: one download of 1 GB, streamed; AWS would refuse it, `--limits extended` lets it flow. */
import type { Bench } from '../bench.ts'
import type { RunningGateway } from '../gateway/gateway.ts'
import { nginx } from '../gateway/nginx.ts'
import { postern } from '../gateway/postern.ts'
import { download } from '../load/load.ts'
import { HUGE_BYTES } from '../origin/answer.ts'
import { forgetPeak, peakBytes, residentBytes } from '../process/process-tree.ts'
import type { Claim, Figure, Row } from '../row.ts'
import { median, pairedRatio } from '../statistics.ts'

const THROUGHPUT = 'throughput'
const GROWTH = 'memory growth'
const GROWTH_MB_MAX = 32

export const hugeDownload: Row = {
  id: 'P8HUGE',
  title: 'One response of 1 GB',
  method:
    'curl downloads 1 GB, whole and checked by its length, once to warm up and then once a run; memory is the ' +
    'most that was resident during the download, less what was before it.',
  shown: [THROUGHPUT],
  async run(bench) {
    const gateways: RunningGateway[] = []
    for (const gateway of bench.wanted([postern(), nginx()]))
      gateways.push(await bench.start(gateway))
    const samples: Sample[][] = gateways.map(() => [])
    const first: Sample[] = []
    for (const gateway of gateways) first.push(await measure(bench, gateway))
    for (let run = 0; run < bench.plan.runs; run++) {
      for (const [i, gateway] of gateways.entries()) samples[i]!.push(await measure(bench, gateway))
    }
    await bench.stop(...gateways)
    const figures = gateways.flatMap(({ name }, i): Figure[] => [
      { subject: name, quantity: THROUGHPUT, unit: 'MB/s', samples: pick(samples[i]!, 'rate') },
      { subject: name, quantity: GROWTH, unit: 'MB', samples: pick(samples[i]!, 'growth') },
      {
        subject: name,
        quantity: `${GROWTH}, first download`,
        unit: 'MB',
        samples: [first[i]!.growth],
      },
    ])
    return { figures, claims: gateways[0]?.name === 'postern' ? claims(samples) : [] }
  },
}

/** Megabytes per second, and megabytes of growth. */
interface Sample {
  readonly rate: number
  readonly growth: number
}

async function measure(bench: Bench, { port, child }: RunningGateway): Promise<Sample> {
  const before = residentBytes(child.pid)
  forgetPeak(child.pid)
  const url = `http://127.0.0.1:${port}/large/1g`
  const rate = await download(bench.cores.load, url, HUGE_BYTES)
  return { rate: rate / 1e6, growth: Math.max(0, peakBytes(child.pid) - before) / 1e6 }
}

function claims([own, base]: readonly Sample[][]): Claim[] {
  const growth = median(pick(own!, 'growth'))
  const list: Claim[] = [
    { sentence: `${GROWTH}, postern`, value: growth, unit: 'MB', atMost: GROWTH_MB_MAX },
  ]
  if (base === undefined) return list
  const ratio = pairedRatio(pick(own!, 'rate'), pick(base, 'rate'))
  return [
    { sentence: `${THROUGHPUT}, postern ÷ nginx`, value: ratio, unit: '×', atLeast: 0.8 },
    ...list,
  ]
}

function pick(samples: readonly Sample[], key: keyof Sample): number[] {
  return samples.map((sample) => sample[key])
}
