/**
 * What a row works with: the plan, the cores, the origin, and a way to start gateways that are sure to end.
 *
 * `openBench` sets up once for all rows; `close` ends every process; the folder goes when the runner does.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Certificate,
  type Gateway,
  type RunningGateway,
  type StartOptions,
  startGateway,
} from './gateway/gateway.ts'
import { type Origin, startOrigin } from './origin/origin.ts'
import type { Plan } from './plan.ts'
import { stopAll, stopChild } from './process/child.ts'
import { type Cores, chooseCores, pinRunner } from './process/cores.ts'

export interface Bench {
  readonly plan: Plan
  readonly cores: Cores
  readonly origin: Origin
  /** For files of a row. */
  readonly folder: string
  /** Those of `gateways` that the plan asks for; a variant (`postern, 2 workers`) goes with its program. */
  wanted(gateways: readonly Gateway[]): readonly Gateway[]
  start(gateway: Gateway, change?: Partial<StartOptions>): Promise<RunningGateway>
  stop(...running: readonly RunningGateway[]): Promise<void>
  /** Ends whatever gateways still run, after a row has failed. */
  stopGateways(): Promise<void>
  say(line: string): void
  close(): Promise<void>
}

export async function openBench(plan: Plan, say: (line: string) => void): Promise<Bench> {
  const cores = chooseCores()
  pinRunner(cores)
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const certificate = makeCertificate(folder)
  const origin = await startOrigin(folder, cores)
  const gateways = new Set<RunningGateway>()
  const stop = async (...running: readonly RunningGateway[]) => {
    await Promise.all(running.map(({ child }) => stopChild(child)))
    for (const each of running) gateways.delete(each)
  }
  const usual = { folder, core: cores.gateway, originPort: origin.port, certificate, tls: false }
  return {
    plan,
    cores,
    origin,
    folder,
    say,
    wanted: (gateways) => gateways.filter(({ name }) => isWanted(plan, name)),
    async start(gateway, change) {
      const running = await startGateway(gateway, { ...usual, provePath: '/pets', ...change })
      gateways.add(running)
      return running
    },
    stop,
    stopGateways: () => stop(...gateways),
    close: stopAll,
  }
}

function isWanted(plan: Plan, name: string): boolean {
  return plan.peers.length === 0 || plan.peers.some((peer) => name.split(',')[0] === peer)
}

/** An EC P-256 key and a certificate for localhost, the kind that Postern makes for itself. */
function makeCertificate(folder: string): Certificate {
  const certificatePath = join(folder, 'certificate.pem')
  const keyPath = join(folder, 'key.pem')
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost'
  execFileSync('openssl', [...words.split(' '), '-keyout', keyPath, '-out', certificatePath], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return { certificatePath, keyPath }
}
