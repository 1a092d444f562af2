/**
 * The load generators, as functions: closed loop over HTTP/1.1 (wrk), closed loop over HTTP/2 (h2load), open loop at a
 * fixed rate (our own), and one large download (curl). All run pinned to the load core and all refuse to report a run
 * in which a request failed.
 */
import { fileURLToPath } from 'node:url'
import { runChild } from '../process/child.ts'
import type { OpenLoopOptions, OpenLoopResult } from './open-loop.ts'
import { parseH2load, parseSessions, parseWrk } from './tool-output.ts'

const WRK_SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url))
const OPEN_LOOP = fileURLToPath(new URL('open-loop.ts', import.meta.url))

/** What one closed-loop run got through. */
export interface Load {
  readonly requests: number
  readonly seconds: number
  /** Bytes of responses, heads included. */
  readonly bytes: number
}

export interface WrkOptions {
  readonly core: number
  readonly url: string
  readonly seconds: number
  readonly connections: number
  /** A file with one path a line, taken in turn. */
  readonly pathsFile?: string
  /** A file with one bearer token a line, taken in turn. */
  readonly tokensFile?: string
  /** A file with the header fields of one request a line, parted by tabs, taken in turn. */
  readonly fieldsFile?: string
  /** Each request is a POST with a body of this size. */
  readonly uploadBytes?: number
}

export async function wrk(options: WrkOptions): Promise<Load> {
  const { core, url, seconds, connections, pathsFile, tokensFile, fieldsFile, uploadBytes } =
    options
  const output = await runChild({
    name: 'wrk',
    core,
    command: [
      'wrk',
      '-t1',
      `-c${connections}`,
      `-d${seconds}`,
      '--timeout',
      '30',
      '-s',
      WRK_SCRIPT,
      url,
    ],
    environment: {
      ...(pathsFile === undefined ? {} : { BENCH_PATHS: pathsFile }),
      ...(tokensFile === undefined ? {} : { BENCH_TOKENS: tokensFile }),
      ...(fieldsFile === undefined ? {} : { BENCH_FIELDS: fieldsFile }),
      ...(uploadBytes === undefined ? {} : { BENCH_UPLOAD_BYTES: String(uploadBytes) }),
    },
  })
  return parseWrk(output)
}

/** Sixteen connections of four streams each: as many requests in flight as wrk has connections. */
export async function h2load(core: number, url: string, seconds: number): Promise<Load> {
  const command = ['h2load', '-t1', '-c16', '-m4', '-D', `${seconds}`, url]
  return parseH2load(await runChild({ name: 'h2load', core, command }), seconds)
}

/** Connections one after another, each with a full handshake of TLS 1.3. */
export async function newSessions(core: number, port: number, seconds: number): Promise<Load> {
  const address = `127.0.0.1:${port}`
  const command = ['openssl', 's_time', '-connect', address, '-new', '-time', `${seconds}`]
  const output = await runChild({ name: 's_time', core, command })
  return parseSessions(output, seconds)
}

/**
 * Fixed arrival rate. The generator polls, which would take a whole core; under the idle scheduling class it takes
 * only what the origin on the same core leaves (direct p99 at 15 000/s: 3.9 ms at normal priority, 0.14 ms so).
 */
export async function openLoop(core: number, options: OpenLoopOptions): Promise<OpenLoopResult> {
  const command = ['chrt', '-i', '0', process.execPath, OPEN_LOOP, JSON.stringify(options)]
  return JSON.parse(await runChild({ name: 'open-loop', core, command })) as OpenLoopResult
}

/** Downloads `url` once, whole, and returns the bytes per second; a short body is an error. */
export async function download(core: number, url: string, bytes: number): Promise<number> {
  const format = '%{http_code} %{size_download} %{time_total}'
  const command = ['curl', '-sS', '-o', '/dev/null', '--max-time', '120', '-w', format, url]
  const output = await runChild({ name: 'curl', core, command })
  const [status, size, seconds] = output.split(' ').map(Number)
  if (status !== 200 || size !== bytes || seconds === undefined) {
    throw new Error(`bench: expected status 200 and ${bytes} bytes from ${url}, got: ${output}`)
  }
  return bytes / seconds
}
