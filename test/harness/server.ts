/**
 * A whole Postern in a process of its own, as `postern up` starts it without a definition: it serves what its store
 * holds, and its control port takes AWS's calls.
 */

import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { connectClient } from './client.ts'
import { fileEnd } from './file-end.ts'
import type { Message } from './message.ts'
import type { Endpoint } from './outside-clients.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const FLAGS = ['--http', '0', '--https', 'off', '--control', '0', '--json']

/** All that a command finds in its environment: no credentials, no settings; what is compiled need not be compiled again. */
export const BARE_ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
}

/** One request through the data port, to an API's own name. */
export interface DataRequest {
  readonly apiId: string
  /** With the stage in front, unless it is `$default`. */
  readonly target: string
  readonly method?: string
  readonly fields?: readonly string[]
  readonly body?: string
}

export class TestServer {
  readonly folder: string
  readonly endpoint: Endpoint
  /** The data port, on 127.0.0.1. */
  readonly port: number
  /** That of TLS; 0 unless `--https` was among the words. */
  readonly tlsPort: number
  /** What it has said so far. */
  readonly lines: readonly string[]
  readonly #child: ChildProcess
  readonly #t: Pick<TestContext, 'after'>

  constructor(t: Pick<TestContext, 'after'>, parts: Started) {
    this.#t = t
    this.#child = parts.child
    this.port = parts.port
    this.tlsPort = parts.tlsPort
    this.folder = parts.folder
    this.lines = parts.lines
    this.endpoint = parts.endpoint
  }

  /** One request on a connection of its own, so that what answers is what is live now. */
  async ask({ apiId, target, method = 'GET', fields = [], body }: DataRequest): Promise<Message> {
    const client = await connectClient(this.#t, this.port)
    const host = `Host: ${apiId}.execute-api.localhost`
    const response = await client.call(method, target, [host, ...fields], body)
    client.socket.destroy()
    return response
  }

  /** Ends it in the middle of whatever it does. */
  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  /** Ends it as an operator would; fails when it does not end well. */
  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const [code] = await ended
    assert.equal(code, 0, 'exit code of postern up')
  }
}

interface Started {
  readonly child: ChildProcess
  readonly folder: string
  readonly port: number
  readonly tlsPort: number
  readonly lines: readonly string[]
  readonly endpoint: Endpoint
}

/**
 * Starts a Postern over a store; it ends with the test, and so does a folder that was not given. `words` are files and
 * further flags.
 */
export async function startServer(
  t: Pick<TestContext, 'after'>,
  data?: string,
  ...words: string[]
): Promise<TestServer> {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'postern-server-'))
  const child = spawn(process.execPath, [MAIN, 'up', ...FLAGS, ...words, '--data', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: folder,
  })
  const ended = once(child, 'exit')
  // A test whose `after` fails leaves out those that follow, and a process that is left holds up the file.
  fileEnd.after(() => child.kill('SIGKILL'))
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
    if (data === undefined) rmSync(folder, { recursive: true })
  })
  const ready = await untilReady(child)
  return new TestServer(t, { child, folder, ...ready, endpoint: await endpointOf(folder, words) })
}

/** Resolves to the data port, and what was said up to then. Fails with what the program said, when it ends instead. */
async function untilReady(
  child: ChildProcess,
): Promise<Pick<Started, 'port' | 'tlsPort' | 'lines'>> {
  const lines: string[] = []
  const ready = Promise.withResolvers<Ports | undefined>()
  createInterface({ input: child.stderr! })
    .on('line', (line) => {
      lines.push(line)
      const { event, http, https } = readLine(line)
      if (event === 'ready') ready.resolve({ port: http!, tlsPort: https ?? 0 })
    })
    .on('close', () => ready.resolve(undefined))
  const ports = await ready.promise
  if (ports !== undefined) return { ...ports, lines }
  return assert.fail(`postern up ended before it was ready:\n${lines.join('\n')}`)
}

type Ports = Pick<Started, 'port' | 'tlsPort'>

function readLine(line: string): {
  readonly event?: string
  readonly http?: number
  readonly https?: number | null
} {
  return line.startsWith('{') ? JSON.parse(line) : {}
}

/** What `postern env` hands out on this machine. `flags`: of the program that runs; those of its key count here, too. */
export async function endpointOf(folder: string, flags: readonly string[] = []): Promise<Endpoint> {
  const at = flags.indexOf('--installation-key-file')
  const key = at === -1 ? [] : flags.slice(at, at + 2)
  const words = [MAIN, 'env', '--data', folder, '--json', ...key]
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: folder })
  const env = JSON.parse(stdout) as Record<string, string>
  return {
    url: env['AWS_ENDPOINT_URL']!,
    region: env['AWS_REGION']!,
    accessKeyId: env['AWS_ACCESS_KEY_ID']!,
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY']!,
  }
}
