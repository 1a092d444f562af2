/**
 * The programs that the example starts, each as an operator would: Postern outside; inside, hosts with an ingress and a
 * service, and the agent of the link. Each ends with the example.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Endpoint, Ports, Target } from './facts.ts'
import type { TokenRules } from './inside/mesh-ingress.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const NODE = process.execPath
const READY_WITHIN_MS = 30_000
const LOOPBACK = '127.0.0.1'

/** Where the programs run. All on this machine, unless a test has more hosts to offer. */
export interface Hosts {
  /** What stands before a command that is to run on the gateway's host, or inside. */
  readonly onGateway: readonly string[]
  readonly onInside: readonly string[]
  /** The gateway as the private side sees it. */
  readonly gatewayAddress: string
  /** Where services listen. */
  readonly insideAddress: string
  /** Further settings of the gateway. */
  readonly settings: readonly string[]
}

const THIS_MACHINE: Hosts = {
  onGateway: [],
  onInside: [],
  gatewayAddress: LOOPBACK,
  insideAddress: LOOPBACK,
  settings: [],
}

/** One line of JSON for each call: who, what, how long, and why not. */
const ACCESS_LOG = JSON.stringify({
  ...{ time: '$context.requestTime', id: '$context.requestId', trace: '$context.xrayTraceId' },
  ...{
    client: '$context.authorizer.claims.client_id',
    user: '$context.authorizer.claims.username',
  },
  ...{ route: '$context.routeKey', path: '$context.path', status: '$context.status' },
  ...{ ms: '$context.responseLatency', serviceMs: '$context.integration.latency' },
  refused: '$context.authorizer.error',
})

export class Programs {
  readonly #data: string
  readonly #hosts: Hosts
  #agents = 0
  readonly #running = new Set<ChildProcess>()

  /** The data folder of Postern; what the others keep is in folders of it. */
  constructor(data: string, hosts = THIS_MACHINE) {
    this.#data = data
    this.#hosts = hosts
  }

  /** The gateway. `traces` is the port of a collector. */
  postern(ports: Ports, traces: number): ChildProcess {
    const words = ['up', '--data', this.#data, '--http', ports.http, '--https', ports.https]
    words.push('--control', ports.control, '--identity', ports.identity, '--link', ports.link)
    words.push('--drain-timeout', '2s', '--access-log', ACCESS_LOG)
    words.push('--trace', '1', '--otlp-endpoint', `http://${LOOPBACK}:${traces}`)
    const { onGateway, settings } = this.#hosts
    return this.#start([...onGateway, NODE, 'src/main.ts', ...words, ...settings], 'inherit')
  }

  /** A host of the private side: resolves to where its ingress listens. */
  async insideHost({
    issuer,
    jwksUri,
  }: TokenRules): Promise<{ ingress: Target; program: ChildProcess }> {
    const { onInside, insideAddress } = this.#hosts
    const words = ['--issuer', issuer, '--jwks', jwksUri, '--folder', this.meshFolder]
    words.push('--address', insideAddress)
    const start = [...onInside, NODE, 'examples/private-api/inside/start.ts']
    const program = this.#start([...start, ...words], 'pipe')
    const [line] = await once(program.stdout!.setEncoding('utf8'), 'data')
    return { program, ingress: { host: insideAddress, port: Number(line) } }
  }

  /** The private side's end of the link: it dials out, and shows its own certificate to whom it reaches inside. */
  linkAgent(port: string, token: string): ChildProcess {
    const mesh = (name: string) => join(this.meshFolder, name)
    const { onInside, gatewayAddress } = this.#hosts
    const words = ['link', '--gateway', `https://${gatewayAddress}:${port}`, '--token', token]
    words.push('--state', join(this.#data, `agent-${this.#agents++}.json`))
    words.push('--ca', mesh('ca.pem'), '--cert', mesh('agent.pem'), '--key', mesh('agent.key.pem'))
    return this.#start([...onInside, NODE, 'src/main.ts', ...words], 'inherit')
  }

  get meshFolder(): string {
    return join(this.#data, 'mesh')
  }

  /** Runs a command of Postern to its end; resolves to what it prints. */
  async command(...words: string[]): Promise<string> {
    const run = promisify(execFile)
    const all = ['src/main.ts', ...words, '--data', this.#data]
    const { stdout } = await run(NODE, all, { cwd: ROOT })
    return stdout
  }

  /** Resolves to where the SDK finds Postern, once it takes calls. */
  async untilReady(): Promise<Endpoint> {
    return this.until('Postern was not ready', async () => {
      const env = JSON.parse(await this.command('env', '--json')) as Record<string, string>
      const { ok } = await fetch(`${env['AWS_ENDPOINT_URL']}/readyz`)
      if (!ok) return undefined
      return {
        endpoint: env['AWS_ENDPOINT_URL']!,
        region: env['AWS_REGION']!,
        credentials: {
          accessKeyId: env['AWS_ACCESS_KEY_ID']!,
          secretAccessKey: env['AWS_SECRET_ACCESS_KEY']!,
        },
      }
    })
  }

  /** Tries until it is there. */
  async until<T>(complaint: string, attempt: () => Promise<T | undefined>): Promise<T> {
    const end = performance.now() + READY_WITHIN_MS
    while (performance.now() < end) {
      const found = await attempt().catch(() => undefined)
      if (found !== undefined) return found
      await sleep(50)
    }
    throw new Error(`${complaint} within ${READY_WITHIN_MS / 1_000} seconds.`)
  }

  /** Tells every program to end; what is under way may. */
  end(signal: NodeJS.Signals): void {
    for (const child of this.#running) child.kill(signal)
  }

  #start([program, ...words]: readonly string[], output: 'inherit' | 'pipe'): ChildProcess {
    const child = spawn(program!, words, { cwd: ROOT, stdio: ['ignore', output, 'inherit'] })
    this.#running.add(child)
    child.once('exit', () => this.#running.delete(child))
    return child
  }
}
