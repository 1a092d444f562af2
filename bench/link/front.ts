/**
 * The gateway's end, as a process of its own: sends requests to an origin, directly and through a link, by turns, and
 * prints what they cost. Arguments: port of the origin, seconds of one load, runs.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Origin } from '../../src/http/client/origin.ts'
import { OriginPool } from '../../src/http/client/origin-pool.ts'
import type { OriginListener } from '../../src/http/client/origin-request.ts'
import type { ResponseHead } from '../../src/http/message/response-head-parser.ts'
import { linkLimits } from '../../test/harness/link-limits.ts'
import { TlsLink } from '../../test/harness/tls-link.ts'
import { HUGE_BYTES } from '../origin/answer.ts'
import { median } from '../statistics.ts'
import type { LinkSample } from './link-sample.ts'

const BUSY = 64
const MANY = 10_000

class Load implements OriginListener {
  answered = 0
  failed = 0
  bytes = 0
  readonly tookMs: number[] = []
  readonly #origin: Origin
  readonly #path: string
  readonly #again: () => boolean
  #startedMs = 0
  #done: () => void = () => {}

  constructor(origin: Origin, path: string, again: () => boolean) {
    this.#origin = origin
    this.#path = path
    this.#again = again
  }

  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#done = resolve
      this.#send()
    })
  }

  onResponse(head: ResponseHead, body: Buffer, complete: boolean): void {
    if (head.status !== 200) this.failed++
    this.bytes += body.length
    if (complete) this.#next()
  }

  onShortResponse(head: ResponseHead, body: string): void {
    if (head.status !== 200) this.failed++
    this.bytes += body.length
    this.#next()
  }

  onResponseData(chunk: Buffer): void {
    this.bytes += chunk.length
  }

  onResponseEnd(): void {
    this.#next()
  }

  onRequestDrain(): void {}

  onOriginError(): void {
    this.failed++
    this.#next()
  }

  #next(): void {
    this.answered++
    this.tookMs.push(performance.now() - this.#startedMs)
    if (this.#again()) queueMicrotask(() => this.#send())
    else this.#done()
  }

  #send(): void {
    this.#startedMs = performance.now()
    this.#origin.send(
      {
        method: 'GET',
        head: HEAD.replace('PATH', this.#path),
        body: undefined,
        streamedBodyBytes: undefined,
        responseTimeoutMs: 60_000,
        idleTimeoutMs: 60_000,
      },
      this,
    )
  }
}

/** About what a gateway writes for a request of `curl`. */
const HEAD =
  'GET PATH HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: curl/8.5.0\r\naccept: */*\r\n' +
  'forwarded: by=127.0.0.1;for=127.0.0.1;host=localhost;proto=http\r\nx-forwarded-for: 127.0.0.1\r\n' +
  'x-forwarded-host: localhost\r\nx-forwarded-port: 8080\r\nx-forwarded-proto: http\r\nvia: 1.1 postern\r\n\r\n'

const [originPort = 0, seconds = 1, runs = 1] = process.argv.slice(2).map(Number)
const link = new TlsLink({
  links: [['bench', [{ host: '127.0.0.1', port: originPort, pathPrefix: '/' }]]],
})
await link.listen()
const agent = fork(new URL('./agent.ts', import.meta.url).pathname, [
  String(link.gateway.port),
  link.token('bench'),
])
while (link.hub.figures().length === 0) await sleep(20)
const through = link.origin('bench', originPort)
const address = { host: '127.0.0.1', port: originPort, tls: undefined }
const direct = new OriginPool(address, linkLimits(), link.timers)

const samples: LinkSample[] = []
for (let run = -1; run < runs; run++) {
  const sample = {
    direct: await busy(direct),
    link: await busy(through),
    directP50Ms: await quiet(direct),
    linkP50Ms: await quiet(through),
    ...(await many()),
    ...(await bulk()),
  }
  // The first warms up.
  if (run >= 0) samples.push(sample)
}
process.stdout.write(`${JSON.stringify(samples)}\n`)
agent.disconnect()
await link.close()
process.exit(0)

/** CPU per request, this process and the agent together, in µs. */
async function busy(origin: Origin): Promise<number> {
  const until = performance.now() + seconds * 1_000
  const before = process.cpuUsage()
  const agentBefore = await cpuOf(agent)
  const loads = Array.from({ length: BUSY }, () => {
    return new Load(origin, '/pets', () => performance.now() < until)
  })
  await Promise.all(loads.map((load) => load.run()))
  const { user, system } = process.cpuUsage(before)
  const micros = user + system + (await cpuOf(agent)) - agentBefore
  check(loads)
  return micros / loads.reduce((sum, { answered }) => sum + answered, 0)
}

/** Half of the answers come within so many ms, one request at a time. */
async function quiet(origin: Origin): Promise<number> {
  const until = performance.now() + (seconds * 1_000) / 2
  const load = new Load(origin, '/pets', () => performance.now() < until)
  await load.run()
  check([load])
  return median(load.tookMs)
}

async function many(): Promise<Pick<LinkSample, 'manyMs' | 'manyOpen'>> {
  const started = performance.now()
  const loads = Array.from({ length: MANY }, () => new Load(through, '/pets', () => false))
  const all = Promise.all(loads.map((load) => load.run()))
  const manyOpen = link.hub.figures()[0]!.streamsOpen
  await all
  check(loads)
  return { manyMs: performance.now() - started, manyOpen }
}

async function bulk(): Promise<Pick<LinkSample, 'bulkMBPerSecond' | 'directBulkMBPerSecond'>> {
  const rate = async (origin: Origin): Promise<number> => {
    const started = performance.now()
    const load = new Load(origin, '/large/1g', () => false)
    await load.run()
    check([load])
    if (load.bytes < HUGE_BYTES) throw new Error(`only ${load.bytes} bytes came`)
    return load.bytes / 1e3 / (performance.now() - started)
  }
  return { bulkMBPerSecond: await rate(through), directBulkMBPerSecond: await rate(direct) }
}

function check(loads: readonly Load[]): void {
  const failed = loads.reduce((sum, load) => sum + load.failed, 0)
  if (failed > 0) throw new Error(`${failed} requests failed`)
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu')
  const [micros] = (await once(child, 'message')) as [number]
  return micros
}
