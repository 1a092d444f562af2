/**
 * The life of `postern up` in the main thread: boot, deploy again on request, drain.
 *
 * What the first answer does not need waits until plain HTTP is open: workers load their code while definitions are
 * read and ports are checked; the certificate, HTTPS and the control port come after. Whatever goes wrong in boot is a
 * `Failure`; after that a definition that cannot be deployed leaves the last good one in service.
 */

import { isLoopbackHost } from '../base/loopback.ts'
import { messageOf } from '../base/message-of.ts'
import { limitsOf } from '../domain/limits.ts'
import { formatProblem, type Problem } from '../domain/problem.ts'
import type { ServedApis } from '../domain/served-apis.ts'
import { type BoundPorts, listApis, NO_APIS } from './api-list.ts'
import { rotateTicketSecrets } from './certificates/ticket-secrets.ts'
import type { ControlSource } from './control/control-port.ts'
import type { MainThreadPort } from './control/main-thread-port.ts'
import type { ReadFiles } from './definition-files.ts'
import { Failure, failure, usageFailure } from './failure.ts'
import type { TlsMaterial } from './messages.ts'
import { checkPortsFree, portFailure } from './ports.ts'
import type { ProgramLog } from './program-log.ts'
import type { FirstKey, ReadyReport } from './ready-lines.ts'
import type { Settings } from './settings/settings.ts'
import type { StoredApis } from './stored-apis.ts'
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
  /** Opens the store. */
  readonly storedApis: (served: () => ServedApis, ports: () => BoundPorts) => Promise<StoredApis>
  readonly certificate: () => Promise<ServingCertificate>
  readonly controlPort: (source: ControlSource, apis: StoredApis) => Promise<OpenableControl>
  /** Looks after certificates from now on. Resolves to how to end it. */
  readonly certificateWork: (apis: StoredApis) => Promise<() => Promise<void>>
  readonly metrics: () => string
  /** Agents of VPC links that were here before the start are back, or have had their time. */
  readonly linksReady: () => boolean
  /** Sends what is waiting for collectors, for a moment at most; undefined: nothing is exported. */
  readonly closeTelemetry: (() => Promise<void>) | undefined
  /** Milliseconds since the process began. */
  readonly uptimeMs: () => number
  readonly log: ProgramLog
}

/** The control port, and what its opening has to tell. */
export interface OpenableControl extends MainThreadPort {
  /** Others on this machine learn from the data folder where it listens; called once it does. */
  announce(url: string): Promise<void>
  /** Opens the identity port if there is a user pool, from now on. Resolves to its address; undefined: there is none yet. */
  openIdentity(): Promise<string | undefined>
  /** The access key that this start has made; undefined on every later start. */
  readonly firstKey: FirstKey | undefined
}

type MutablePorts = { http: number | undefined; https: number | undefined }

export class Program implements ControlSource {
  readonly #parts: ProgramParts
  readonly #ports: MutablePorts = { http: undefined, https: undefined }
  #phase: 'booting' | 'serving' | 'ending' = 'booting'
  #control: OpenableControl | undefined
  #identityUrl: string | undefined
  #endCertificateWork = async (): Promise<void> => {}
  #opening: Promise<StoredApis> | undefined
  #apis: StoredApis | undefined

  constructor(parts: ProgramParts) {
    this.#parts = parts
  }

  healthy(): boolean {
    return this.#phase !== 'serving' || this.#parts.supervisor.workersServing > 0
  }

  ready(): boolean {
    const { supervisor, linksReady } = this.#parts
    return this.#phase === 'serving' && supervisor.workersServing > 0 && linksReady()
  }

  metrics(): string {
    return this.#parts.metrics()
  }

  apis(): ServedApis {
    const served = this.#apis?.publisher.served
    return served === undefined ? NO_APIS : listApis(served, this.#ports)
  }

  /** Resolves when every port answers. Throws a Failure; then call `stop`. */
  async boot(): Promise<ReadyReport> {
    const { supervisor, version, workers, uptimeMs } = this.#parts
    supervisor.start()
    const [apis] = await Promise.all([this.#openStore(), this.#checkPorts()])
    await Promise.all([apis.begin(), apis.readFiles()]).then(([, read]) => this.#deployFirst(read))
    await this.#openHttp()
    const startMs = Math.round(uptimeMs())
    const [controlUrl, caFile] = await Promise.all([this.#openControlPort(), this.#openHttps()])
    this.#endCertificateWork = await this.#parts.certificateWork(apis)
    if (this.#phase === 'booting') this.#phase = 'serving'
    const ports = { ...this.#ports }
    const { firstKey } = this.#control ?? {}
    const identityUrl = this.#identityUrl
    const list = this.apis()
    return { version, startMs, workers, list, ports, controlUrl, identityUrl, caFile, firstKey }
  }

  /** Reads the definitions again and deploys them; what is wrong is said, and then nothing changes. */
  async reload(): Promise<void> {
    const { log, uptimeMs } = this.#parts
    const before = uptimeMs()
    const publisher = this.#apis?.publisher
    const served = publisher?.served.revision ?? 0
    const reasons = await this.#reloadNow()
    const revision = publisher?.served.revision ?? 0
    if (reasons.length > 0) {
      log.error(`not deployed, revision ${revision} stays in service: ${reasons.join('; ')}`)
    } else if (revision === served)
      log.info(`nothing has changed, revision ${revision} stays in service`)
    else log.info(`deployed revision ${revision} after ${Math.round(uptimeMs() - before)} ms`)
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
    const wasServing = this.#phase === 'serving'
    this.#phase = 'ending'
    if (wasServing && settings.drainDelay > 0) await this.#leave(settings.drainDelay)
    const { drainTimeoutMs } = limitsOf(settings.limits, settings.limit)
    const drained = await supervisor.drain(settings.drainTimeout ?? drainTimeoutMs)
    await this.stop()
    return drained
  }

  /** Balancers in front see that we are not ready, and send their clients elsewhere, before a port closes. */
  async #leave(delayMs: number): Promise<void> {
    this.#parts.log.info(`not ready from now on; serving for ${delayMs} ms more (--drain-delay)`)
    this.#parts.supervisor.leave()
    await new Promise((resolve) => setTimeout(resolve, delayMs))
  }

  /** Ends everything at once. */
  async stop(): Promise<void> {
    const timeoutMs = this.#phase === 'booting' ? 0 : STOP_TIMEOUT_MS
    this.#phase = 'ending'
    // A start that fails may do so while the store is being opened.
    const apis = await this.#opening?.catch(() => undefined)
    await this.#endCertificateWork()
    // A write under way ends with the workers at the latest; its caller still hears of it.
    const written = apis?.writes.close()
    await this.#parts.supervisor.stop(timeoutMs)
    await written
    await this.#parts.closeTelemetry?.()
    this.#control?.close()
    // Last, because from then on another process may have the folder.
    await apis?.close()
  }

  async #checkPorts(): Promise<void> {
    const { http, https, control, host, controlHost, insecureControl } = this.#parts.settings
    if (insecureControl && !isLoopbackHost(controlHost)) throw insecureElsewhere(controlHost)
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
    const apis = this.#apis!
    const isNeeded =
      port !== undefined || (await apis.hasUserPools()) || (await apis.hasAgentLinks())
    if (!isNeeded) return undefined
    this.#control = await this.#parts.controlPort(this, apis)
    this.#identityUrl = await this.#control.openIdentity()
    if (port === undefined) return undefined
    try {
      const bound = await this.#control.listen(port, host)
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}/`
      await this.#control.announce(url)
      return url
    } catch (thrown) {
      const { code = '', message } = thrown as NodeJS.ErrnoException
      throw portFailure({ setting: 'control', port, host }, code, message)
    }
  }

  async #openStore(): Promise<StoredApis> {
    this.#opening = this.#parts.storedApis(
      () => this.apis(),
      () => this.#ports,
    )
    this.#apis = await this.#opening
    return this.#apis
  }

  async #deployFirst({ files, problems }: ReadFiles): Promise<void> {
    if (files === undefined) {
      const errors = problems.filter((problem) => problem.severity === 'error').length
      const noun = errors === 1 ? '1 error' : `${errors} errors`
      const message = `The definitions cannot be served: ${noun}`
      throw new Failure(1, { message, details: problems.map(formatProblem) })
    }
    this.#sayProblems(problems)
    const reasons = await this.#apis!.deployFiles(files, { first: true })
    if (reasons.length > 0) {
      throw new Failure(1, { message: 'The APIs cannot be served', details: reasons })
    }
  }

  /** Why nothing was deployed. A bug of the importer must not end a gateway that serves. */
  async #reloadNow(): Promise<readonly string[]> {
    try {
      const { files, problems } = await this.#apis!.readFiles()
      this.#sayProblems(problems)
      if (files === undefined) return ['the definitions have errors']
      return await this.#apis!.deployFiles(files, { first: false })
    } catch (thrown) {
      return [`a bug: ${thrown instanceof Error ? thrown.stack : String(thrown)}`]
    }
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
    rotateTicketSecrets(this.#parts.supervisor)
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

function insecureElsewhere(host: string): Failure {
  return usageFailure(
    `--insecure-control: everybody who reaches ${host} could change every API`,
    'Leave one of the two out: --insecure-control, or --control-host.',
  )
}

function refuseCertificate(thrown: unknown): never {
  throw failure(
    `The certificate for HTTPS cannot be made or read: ${messageOf(thrown)}`,
    'Mend the files in the data folder (--data DIR), or start without HTTPS: --https off.',
  )
}
