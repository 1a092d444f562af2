/**
 * Open-loop load: requests leave on a fixed schedule, whatever the answers do, and each latency counts from the moment
 * its request was due. A server that stalls is charged for every request that had to wait (no coordinated omission).
 *
 * Runs as its own process: `node open-loop.ts OPTIONS-AS-JSON` prints one line of JSON. One request at a time on each
 * connection; while all are busy, due requests wait and age.
 */
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { percentile } from '../statistics.ts'
import { ResponseReader } from './response-reader.ts'

const SETTLE_MS = 5_000

export interface OpenLoopOptions {
  readonly port: number
  readonly path: string
  /** A file with one bearer token a line, taken in turn. */
  readonly tokensFile?: string
  readonly ratePerSecond: number
  /** Sent first, on the same schedule, and left out of the result. */
  readonly warmupSeconds: number
  readonly seconds: number
  readonly connections: number
}

/** Latencies in microseconds. */
export interface OpenLoopResult {
  readonly requests: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** When each request is due, in milliseconds of `performance.now()`. */
export class Schedule {
  readonly warmup: number
  readonly total: number
  readonly #startAt: number
  readonly #intervalMs: number

  constructor(options: OpenLoopOptions, startAt: number) {
    this.warmup = Math.floor(options.ratePerSecond * options.warmupSeconds)
    this.total = this.warmup + Math.floor(options.ratePerSecond * options.seconds)
    this.#startAt = startAt
    this.#intervalMs = 1_000 / options.ratePerSecond
  }

  dueAt(index: number): number {
    return this.#startAt + index * this.#intervalMs
  }
}

interface Connection {
  readonly socket: net.Socket
  readonly reader: ResponseReader
  /** The request under way, by its place in the schedule. */
  index: number
}

/** One run: the connections, the schedule, and a latency per request. */
export class OpenLoop {
  /** Taken in turn. */
  readonly #requests: readonly Buffer[]
  readonly #idle: Connection[] = []
  readonly #done = Promise.withResolvers<void>()
  #schedule!: Schedule
  #latencies!: Float64Array
  #sent = 0
  #answered = 0

  constructor(options: OpenLoopOptions) {
    const head = `GET ${options.path} HTTP/1.1\r\nHost: 127.0.0.1:${options.port}\r\n`
    this.#requests = fieldsOf(options).map((fields) =>
      Buffer.from(`${head}${fields}\r\n`, 'latin1'),
    )
  }

  async run(options: OpenLoopOptions): Promise<OpenLoopResult> {
    const opening = Array.from({ length: options.connections }, () => this.#open(options.port))
    const connections = await Promise.all(opening)
    this.#idle.push(...connections)
    this.#schedule = new Schedule(options, performance.now() + 10)
    this.#latencies = new Float64Array(this.#schedule.total)
    this.#poll()
    try {
      await this.#done.promise
    } finally {
      for (const { socket } of connections) socket.destroy()
    }
    return summarise(this.#latencies.subarray(this.#schedule.warmup))
  }

  /** A timer is a millisecond coarse; polling is not. See `openLoop` in load.ts for what polling leaves to others. */
  readonly #poll = (): void => {
    const now = performance.now()
    const { total } = this.#schedule
    while (this.#sent < total && this.#idle.length > 0 && this.#schedule.dueAt(this.#sent) <= now) {
      const connection = this.#idle.pop()!
      connection.index = this.#sent++
      connection.socket.write(this.#requests[connection.index % this.#requests.length]!)
    }
    const missing = total - this.#answered
    if (now > this.#schedule.dueAt(total) + SETTLE_MS) {
      this.#done.reject(new Error(`${missing} of ${total} requests were not answered in time`))
    } else if (missing > 0) setImmediate(this.#poll)
  }

  #answer(connection: Connection, status: number): void {
    if (status !== 200) this.#done.reject(new Error(`a request was answered with status ${status}`))
    const dueAt = this.#schedule.dueAt(connection.index)
    this.#latencies[connection.index] = performance.now() - dueAt
    this.#idle.push(connection)
    if (++this.#answered === this.#schedule.total) this.#done.resolve()
  }

  #open(port: number): Promise<Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>()
    const reader = new ResponseReader()
    const callback = (length: number, bytes: Uint8Array): boolean => {
      const status = reader.read((bytes as Buffer).toString('latin1', 0, length))
      if (status !== 0) this.#answer(connection, status)
      return true
    }
    const onread = { buffer: Buffer.allocUnsafe(16_384), callback }
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, onread })
    const connection: Connection = { socket, reader, index: 0 }
    socket.once('connect', () => resolve(connection))
    socket.once('error', (error) => {
      reject(error)
      this.#done.reject(error)
    })
    socket.once('end', () => this.#done.reject(new Error('a connection was closed')))
    return promise
  }
}

/** What the requests carry besides a Host. */
function fieldsOf({ tokensFile }: OpenLoopOptions): readonly string[] {
  if (tokensFile === undefined) return ['']
  const tokens = readFileSync(tokensFile, 'latin1').trimEnd().split('\n')
  return tokens.map((token) => `Authorization: Bearer ${token}\r\n`)
}

function summarise(latenciesMs: Float64Array): OpenLoopResult {
  latenciesMs.sort()
  const micros = (fraction: number) => Math.round(percentile(latenciesMs, fraction) * 1e3)
  return {
    requests: latenciesMs.length,
    p50: micros(0.5),
    p99: micros(0.99),
    p999: micros(0.999),
    max: micros(1),
  }
}

if (import.meta.main) {
  const options = JSON.parse(process.argv[2] ?? '{}') as OpenLoopOptions
  console.log(JSON.stringify(await new OpenLoop(options).run(options)))
}
