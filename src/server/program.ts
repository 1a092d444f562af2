/**
 * The life of `postern up` in the main thread: boot, deploy again on request, drain.
 *
 * What the first answer does not need waits until plain HTTP is open: workers load their code while definitions are
 * read and ports are checked; the certificate, HTTPS and the control port come after. Whatever goes wrong in boot is a
 * `Failure`; after that a definition that cannot be deployed leaves the last good one in service.
 */

import { limitsOf } from '../domain/limits.ts'
import { formatProblem, type Problem } from '../domain/problem.ts'
import { type ApiList, listApis, NO_APIS } from './api-list.ts'
import type { ControlPort, ControlSource } from './control-port.ts'
import { Failure, failure, messageOf } from './failure.ts'
import type { DefinitionLoader, LoadedDefinitions } from './load-definitions.ts'
import type { Deployment, TlsMaterial } from './messages.ts'
import { checkPortsFree, portFailure } from './ports.ts'
import type { ProgramLog } from './program-log.ts'
import type { ReadyReport } from './ready-lines.ts'
import type { Settings } from './settings.ts'
import { ListenRefused, type SharedPort, type Supervisor } from './supervisor.ts'

/** How long a worker may take to flush its log when it has to end. */
const STOP_TIMEOUT_MS = 1_000

/** The certificate of the HTTPS port, and the file that makes clients trust it. */
export interface ServingCertificate extends TlsMaterial {
  readonly caFile: string
  readonly notes: readonly string[]
}

export interface ProgramParts {
  readonly settings: Settings
  readonly version: string
  readonly workers: number
  readonly supervisor: Supervisor
  readonly loader: Pick<DefinitionLoader, 'load'>
  /** Adds the memory for the figures of each stage. */
  readonly deployment: (configuration: Deployment['configuration']) => Deployment
  /** The configuration is live in every worker. */
  readonly onDeployed: (configuration: Deployment['configuration']) => void
  readonly certificate: () => Promise<ServingCertificate>
  readonly controlPort: (source: ControlSource) => Promise<ControlPort>
  readonly metrics: () => string
  /** Milliseconds since the process began. */
  readonly uptimeMs: () => number
  readonly log: ProgramLog
}

type MutablePorts = { http: number | undefined; https: number | undefined }

export class Program implements ControlSource {
  readonly #parts: ProgramParts
  readonly #ports: MutablePorts = { http: undefined, https: undefined }
  #phase: 'booting' | 'serving' | 'ending' = 'booting'
  #control: ControlPort | undefined
  #deployed: Deployment['configuration'] | undefined

  constructor(parts: ProgramParts) {
    this.#parts = parts
  }

  healthy(): boolean {
    return this.#phase !== 'serving' || this.#parts.supervisor.workersServing > 0
  }

  ready(): boolean {
    return this.#phase === 'serving' && this.#parts.supervisor.workersServing > 0
  }

  metrics(): string {
    return this.#parts.metrics()
  }

  apis(): ApiList {
    return this.#deployed === undefined ? NO_APIS : listApis(this.#deployed, this.#ports)
  }

  /** Resolves when every port answers. Throws a Failure; then call `stop`. */
  async boot(): Promise<ReadyReport> {
    const { supervisor, loader, version, workers, uptimeMs } = this.#parts
    supervisor.start()
    const [loaded] = await Promise.all([loader.load(), this.#checkPorts()])
    await this.#deployFirst(loaded)
    await this.#openHttp()
    const startMs = Math.round(uptimeMs())
    const [controlUrl, caFile] = await Promise.all([this.#openControlPort(), this.#openHttps()])
    if (this.#phase === 'booting') this.#phase = 'serving'
    const ports = { ...this.#ports }
    return { version, startMs, workers, list: this.apis(), ports, controlUrl, caFile }
  }

  /** Reads the definitions again and deploys them; what is wrong is said, and then nothing changes. */
  async reload(): Promise<void> {
    const { log, uptimeMs } = this.#parts
    const before = uptimeMs()
    const reasons = await this.#reloadNow()
    const revision = this.#deployed?.revision ?? 0
    if (reasons.length > 0) {
      log.error(`not deployed, revision ${revision} stays in service: ${reasons.join('; ')}`)
    } else log.info(`deployed revision ${revision} after ${Math.round(uptimeMs() - before)} ms`)
  }

  /** A worker throws outside any handler; the others must not notice. For tests. */
  crashWorker(index: number, reason: string): void {
    this.#parts.supervisor.crash(index, reason)
  }

  /** The access-log file has been moved away: open it anew. */
  reopenLog(): void {
    this.#parts.supervisor.broadcast({ kind: 'reopen-log' })
  }

  /** False: the drain timeout was over before every request was answered. */
  async drain(): Promise<boolean> {
    const { settings, supervisor } = this.#parts
    this.#phase = 'ending'
    const { drainTimeoutMs } = limitsOf(settings.limits, settings.limit)
    const drained = await supervisor.drain(settings.drainTimeout ?? drainTimeoutMs)
    await this.stop()
    return drained
  }

  /** Ends everything at once. */
  async stop(): Promise<void> {
    const timeoutMs = this.#phase === 'booting' ? 0 : STOP_TIMEOUT_MS
    this.#phase = 'ending'
    this.#control?.close()
    await this.#parts.supervisor.stop(timeoutMs)
  }

  async #checkPorts(): Promise<void> {
    const { http, https, control, host, controlHost } = this.#parts.settings
    const wanted = [
      { setting: 'http', port: http, host },
      { setting: 'https', port: https, host },
      { setting: 'control', port: control, host: controlHost },
    ] as const
    const ports = wanted.map(({ port, ...rest }) => ({ ...rest, port: port ?? 0 }))
    await checkPortsFree(ports)
  }

  async #openControlPort(): Promise<string | undefined> {
    const { control: port, controlHost: host } = this.#parts.settings
    if (port === undefined) return undefined
    this.#control = await this.#parts.controlPort(this)
    try {
      const bound = await this.#control.listen(port, host)
      return `http://${host.includes(':') ? `[${host}]` : host}:${bound}/`
    } catch (thrown) {
      const { code = '', message } = thrown as NodeJS.ErrnoException
      throw portFailure({ setting: 'control', port, host }, code, message)
    }
  }

  async #deployFirst(loaded: LoadedDefinitions): Promise<void> {
    const problems = loaded.problems.map(formatProblem)
    const errors = loaded.problems.filter((problem) => problem.severity === 'error').length
    if (loaded.configuration === undefined) {
      const noun = errors === 1 ? '1 error' : `${errors} errors`
      const message = `The definitions cannot be served: ${noun}`
      throw new Failure(1, { message, details: problems })
    }
    this.#sayProblems(loaded.problems)
    const reasons = await this.#deploy(loaded)
    if (reasons.length > 0) {
      throw new Failure(1, { message: 'The definitions cannot be served', details: reasons })
    }
  }

  /** Why nothing was deployed. A bug of the importer must not end a gateway that serves. */
  async #reloadNow(): Promise<readonly string[]> {
    try {
      const loaded = await this.#parts.loader.load()
      this.#sayProblems(loaded.problems)
      return await this.#deploy(loaded)
    } catch (thrown) {
      return [`a bug: ${thrown instanceof Error ? thrown.stack : String(thrown)}`]
    }
  }

  /** Why nothing was deployed; empty when it was. */
  async #deploy({ configuration }: LoadedDefinitions): Promise<readonly string[]> {
    if (configuration === undefined) return ['the definitions have errors']
    const deployment = this.#parts.deployment(configuration)
    const outcome = await this.#parts.supervisor.deploy(deployment)
    if (outcome.kind === 'refused') return outcome.reasons
    this.#deployed = configuration
    this.#parts.onDeployed(configuration)
    return []
  }

  #sayProblems(problems: readonly Problem[]): void {
    for (const problem of problems) this.#parts.log.problem(problem)
  }

  async #openHttp(): Promise<void> {
    const { http: port, host } = this.#parts.settings
    if (port === undefined) return
    this.#ports.http = await this.#listen({ scheme: 'http', port, host, tls: undefined })
  }

  /** Resolves to the file that makes clients trust the port. */
  async #openHttps(): Promise<string | undefined> {
    const { https: port, host } = this.#parts.settings
    if (port === undefined) return undefined
    const { certificate, privateKey, caFile, notes } = await this.#parts
      .certificate()
      .catch(refuseCertificate)
    for (const note of notes) this.#parts.log.info(note)
    const tls = { certificate, privateKey }
    this.#ports.https = await this.#listen({ scheme: 'https', port, host, tls })
    return caFile
  }

  async #listen(shared: SharedPort): Promise<number> {
    try {
      return await this.#parts.supervisor.listen(shared)
    } catch (thrown) {
      if (!(thrown instanceof ListenRefused)) throw thrown
      throw portFailure({ setting: shared.scheme, ...shared }, thrown.code, thrown.message)
    }
  }
}

function refuseCertificate(thrown: unknown): never {
  throw failure(
    `The certificate for HTTPS cannot be made or read: ${messageOf(thrown)}`,
    'Mend the files in the data folder (--data DIR), or start without HTTPS: --https off.',
  )
}
