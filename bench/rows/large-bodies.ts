/** P8: bodies of 10 MB down and up, several at once: throughput against nginx, and memory that does not grow. */
import { alternate, type Measured, type Subject } from '../alternate.ts'
import type { Bench } from '../bench.ts'
import { throughputClaim } from '../claims.ts'
import type { Gateway, StartOptions } from '../gateway/gateway.ts'
import { nginx } from '../gateway/nginx.ts'
import { postern } from '../gateway/postern.ts'
import { type Load, wrk } from '../load/load.ts'
import { LARGE_BYTES } from '../origin/answer.ts'
import { forgetPeak, peakBytes, residentBytes } from '../process/process-tree.ts'
import type { Claim, Figure, Outcome, Row } from '../row.ts'

const CONNECTIONS = 8
const THROUGHPUT = 'throughput'
const GROWTH = 'memory growth'
/** "Flat", as a number: eight bodies held whole would be 84 MB. */
const GROWTH_MB_MAX = 32

export const largeDownloads: Row = {
  id: 'P8DOWN',
  title: '10 MB responses, eight at once',
  method:
    'wrk downloads 10 MB responses over eight connections; bytes per second, and how far memory rose above where it ' +
    'stood after the warm-up.',
  shown: [THROUGHPUT],
  run: (bench) =>
    compare(bench, {
      gateways: [postern(), nginx()],
      start: {},
      load: (port, seconds) =>
        wrk({ ...usual(bench), url: `http://127.0.0.1:${port}/large/10m`, seconds }),
    }),
}

export const largeUploads: Row = {
  id: 'P8UP',
  title: '10 MB requests, eight at once',
  method:
    'wrk uploads 10 MB requests over eight connections to an origin that reads them whole before it answers. nginx ' +
    'by default stores each request body first; with `proxy_request_buffering off` it streams, as Postern does.',
  shown: [THROUGHPUT],
  run: (bench) =>
    compare(bench, {
      gateways: [postern(), nginx(), nginx({ name: 'nginx, unbuffered', requestBuffering: false })],
      start: { originPort: bench.origin.uploadPort },
      load: async (port, seconds) => {
        const url = `http://127.0.0.1:${port}/upload`
        const load = await wrk({ ...usual(bench), url, seconds, uploadBytes: LARGE_BYTES })
        return { ...load, bytes: load.requests * LARGE_BYTES }
      },
    }),
}

interface Comparison {
  readonly gateways: readonly Gateway[]
  readonly start: Partial<StartOptions>
  readonly load: (port: number, seconds: number) => Promise<Load>
}

async function compare(bench: Bench, { gateways, start, load }: Comparison): Promise<Outcome> {
  const subjects: Subject[] = []
  for (const gateway of bench.wanted(gateways)) {
    const running = await bench.start(gateway, start)
    subjects.push({ running, load: (seconds) => load(running.port, seconds) })
  }
  const pids = subjects.map(({ running }) => running.child.pid)
  let settled: readonly number[] = []
  const measured = await alternate(bench.plan, subjects, {
    warmupRequests: 0,
    settled: () => {
      pids.forEach(forgetPeak)
      settled = pids.map(residentBytes)
    },
  })
  const growth = pids.map((pid, i) => Math.max(0, peakBytes(pid) - settled[i]!) / 1e6)
  await bench.stop(...subjects.map(({ running }) => running))
  return outcome(measured, growth)
}

function outcome(measured: readonly Measured[], growth: readonly number[]): Outcome {
  const figures = measured.flatMap(({ name, bytesPerSecond, cpuMicrosPerRequest }, i): Figure[] => [
    {
      subject: name,
      quantity: THROUGHPUT,
      unit: 'MB/s',
      samples: bytesPerSecond.map((bytes) => bytes / 1e6),
    },
    {
      subject: name,
      quantity: 'CPU per body',
      unit: 'ms',
      samples: cpuMicrosPerRequest.map((micros) => micros / 1e3),
    },
    { subject: name, quantity: GROWTH, unit: 'MB', samples: [growth[i]!] },
  ])
  return { figures, claims: [...throughputClaims(measured), ...growthClaim(measured, growth)] }
}

function throughputClaims(measured: readonly Measured[]): readonly Claim[] {
  return measured
    .filter(({ name }) => name.startsWith('nginx'))
    .flatMap(({ name: base }) => throughputClaim(measured, { name: 'postern', base, atLeast: 0.8 }))
}

function growthClaim(measured: readonly Measured[], growth: readonly number[]): readonly Claim[] {
  const own = measured.findIndex(({ name }) => name === 'postern')
  if (own < 0) return []
  const sentence = `${GROWTH}, postern`
  return [{ sentence, value: growth[own]!, unit: 'MB', atMost: GROWTH_MB_MAX }]
}

function usual(bench: Bench) {
  return { core: bench.cores.load, connections: CONNECTIONS }
}
