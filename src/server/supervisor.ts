/**
 * Keeps N workers alive and on the same revision.
 *
 * A deployment has two phases: every worker compiles it, and only when all could does any of them make it live; so a
 * definition that one cannot compile leaves all of them as they were. A worker that dies is replaced, brought to the
 * current revision and the current ports, and counted; workers that die young again and again end the program, because
 * a restart will not help them. Deployments are carried out one after the other, and a new worker takes its place between
 * two of them: what answers on a port always serves what was deployed last.
 */

import type { Clock } from '../base/clock.ts'
import type { AcmeChallenge } from '../domain/acme-challenge.ts'
import { failure } from './failure.ts'
import type { Answer, Deployment, Order, Scheme, TlsMaterial } from './messages.ts'
import type { ProgramLog } from './program-log.ts'
import { type StartWorker, WorkerGone, WorkerSlot } from './worker/worker-slot.ts'
import type { WorkerReport } from './worker/worker-tail.ts'

/** A worker that has served for less than this did not live at all. */
const YOUNG_MS = 2_000
const YOUNG_DEATHS_MAX = 5
const BACKOFF_FIRST_MS = 100
const BACKOFF_MAX_MS = 5_000

/** Counts the lives of workers, by slot. */
export interface WorkerObserver {
  workerStarted(index: number): void
  workerEnded(index: number): void
  workerRestarted(index: number): void
}

export interface SupervisorOptions {
  readonly workers: number
  readonly startWorker: StartWorker
  readonly clock: Clock
  /** Runs `action` after `delayMs`, unless what it returns is called before. */
  readonly after: (delayMs: number, action: () => void) => () => void
  readonly log: ProgramLog
  readonly observer: WorkerObserver
  readonly onReport: (report: WorkerReport) => void
  /** Workers cannot be kept alive; `reason` is the last death. Called at most once. */
  readonly onGiveUp: (reason: string) => void
}

/** Every worker has compiled the deployment and holds it; others wait until one of the two is called. */
export interface PreparedDeployment {
  readonly kind: 'prepared'
  /** Resolves when every worker serves it. */
  commit(): Promise<void>
  discard(): void
}

export type PrepareOutcome =
  | PreparedDeployment
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }
  /** No worker is there to compile anything; one may be on its way. */
  | { readonly kind: 'unavailable' }

/** What a port needs that every worker listens on. */
export interface SharedPort {
  readonly scheme: Scheme
  /** 0: the first worker takes a free port, and the others the same. */
  readonly port: number
  readonly host: string | undefined
  readonly tls: TlsMaterial | undefined
}

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #slots: readonly WorkerSlot[]
  readonly #ports: SharedPort[] = []
  #current: Deployment | undefined
  /** Ends when whatever was asked for last, a deployment or the return of a worker, is over. */
  #queue: Promise<void> = Promise.resolve()
  #youngDeaths = 0
  #tailing = false
  /** Told to every worker that starts, too. */
  readonly #standing = new Map<string, Order>()
  /** A crash during the first deployment fails the start instead of being repaired. */
  #phase: 'booting' | 'running' | 'stopping' = 'booting'

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#slots = Array.from(
      { length: options.workers },
      (_, index) => new WorkerSlot(index, options.startWorker),
    )
  }

  get workersServing(): number {
    return this.#slots.filter((slot) => slot.state === 'serving').length
  }

  /** Starts every worker. They load their code while the main thread reads the definitions. */
  start(): void {
    for (const slot of this.#slots) this.#startWorker(slot)
  }

  /**
   * The first phase: every worker compiles, none serves it yet. The first deployment also ends the start of the workers.
   */
  async prepare(deployment: Deployment): Promise<PrepareOutcome> {
    const end = await this.#turn()
    try {
      const slots = this.#deployable()
      if (slots.length === 0) {
        end()
        return { kind: 'unavailable' }
      }
      const reasons = await prepareAll(slots, deployment)
      if (reasons.length > 0) {
        discard(this.#deployable())
        end()
        return { kind: 'refused', reasons }
      }
      return {
        kind: 'prepared',
        commit: () => this.#commitAll(deployment).finally(end),
        discard: () => {
          discard(this.#deployable())
          end()
        },
      }
    } catch (thrown) {
      end()
      throw thrown
    }
  }

  /** Every worker listens; resolves to the port. Throws a `ListenRefused` with Node's code. */
  async listen(port: SharedPort): Promise<number> {
    const end = await this.#turn()
    try {
      const [first, ...others] = this.#deployable()
      if (first === undefined) throw failure('No worker is running')
      const bound = { ...port, port: await this.#listenOne(first, port) }
      // From here on, a worker that starts anew listens too.
      this.#ports.push(bound)
      await Promise.all(others.map((slot) => this.#listenOne(slot, bound)))
      return bound.port
    } finally {
      end()
    }
  }

  /** An order to one worker, if it is alive. */
  tellWorker(index: number, order: Order): void {
    this.#slots[index]?.tell(order)
  }

  /** An order to every worker that is alive. */
  broadcast(order: Order): void {
    for (const slot of this.#slots) slot.tell(order)
  }

  /** An order to every worker there is and will be; the next one of that name replaces it. */
  stand(name: string, order: Order): void {
    this.#standing.set(name, order)
    this.broadcast(order)
  }

  /** The order of that name holds no more; `order` says so to the workers that have heard it. */
  retract(name: string, order: Order): void {
    if (this.#standing.delete(name)) this.broadcast(order)
  }

  /** Live requests come as reports from now on, also from workers that start later; or no more. */
  tail(on: boolean): void {
    this.#tailing = on
    this.broadcast({ kind: 'tail', on })
  }

  /** Resolves when every worker answers it, also those that start later; or none does any more. */
  async challenge(challenge: AcmeChallenge, on: boolean): Promise<void> {
    const order = { kind: 'challenge', challenge, on } as const
    const name = `challenge ${challenge.type} ${challenge.host}`
    if (on) this.#standing.set(name, order)
    else this.#standing.delete(name)
    await Promise.allSettled(this.#slots.map((slot) => slot.ask(order)))
  }

  /** One worker throws; the others must not notice. For tests. */
  crash(index: number, reason: string): void {
    this.#slots[index]?.tell({ kind: 'crash', reason })
  }

  /** Everything is served on, but connections end with their next response. */
  leave(): void {
    this.stand('leave', { kind: 'leave' })
  }

  /** Nothing new is accepted. True: everything in flight was answered; false: the time was over first. */
  async drain(timeoutMs: number): Promise<boolean> {
    this.#phase = 'stopping'
    return this.#everyWorker({ kind: 'drain' }, timeoutMs)
  }

  /** Ends every worker. What is in flight is cut; log lines are written, if that takes no longer than `timeoutMs`. */
  async stop(timeoutMs: number): Promise<void> {
    this.#phase = 'stopping'
    await this.#everyWorker({ kind: 'destroy' }, timeoutMs)
    for (const slot of this.#slots) slot.terminate()
  }

  /** True: every worker has carried the order out or is gone; false: the time was over first. */
  async #everyWorker(order: Order, timeoutMs: number): Promise<boolean> {
    const all = Promise.allSettled(this.#slots.map((slot) => slot.ask(order)))
    const { promise: late, resolve } = Promise.withResolvers<boolean>()
    const cancel = this.#options.after(timeoutMs, () => resolve(false))
    const inTime = await Promise.race([all.then(() => true), late])
    cancel()
    return inTime
  }

  #startWorker(slot: WorkerSlot): void {
    if (this.#phase === 'stopping') return
    const { observer } = this.#options
    slot.start({
      onDeath: (reason) => this.#onDeath(slot, reason),
      onReport: (report) => this.#options.onReport(report),
    })
    if (this.#tailing) slot.tell({ kind: 'tail', on: true })
    for (const order of this.#standing.values()) slot.tell(order)
    observer.workerStarted(slot.index)
  }

  /** A worker that has taken the place of a dead one since has nothing to commit; its turn comes next. */
  async #commitAll(deployment: Deployment): Promise<void> {
    this.#current = deployment
    await Promise.allSettled(this.#deployable().map((slot) => this.#commit(slot, deployment)))
    this.#phase = this.#phase === 'booting' ? 'running' : this.#phase
  }

  /**
   * While a deployment has its turn workers may leave these, and none joins. The first one goes to all, so that a worker
   * that has died already refuses it.
   */
  #deployable(): readonly WorkerSlot[] {
    if (this.#phase === 'booting') return this.#slots
    return this.#slots.filter((slot) => slot.state === 'serving')
  }

  /** Waits until nothing else is deployed. Resolves to how to let the next one begin. */
  async #turn(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const before = this.#queue
    this.#queue = promise
    await before
    return resolve
  }

  async #commit(slot: WorkerSlot, deployment: Deployment): Promise<void> {
    await slot.ask({ kind: 'commit' })
    slot.revision = deployment.configuration.revision
    if (this.#phase === 'booting') slot.serves(this.#options.clock.now())
  }

  #onDeath(slot: WorkerSlot, reason: string): void {
    const { clock, log, after, observer } = this.#options
    observer.workerEnded(slot.index)
    if (this.#phase !== 'running') return
    const { servingSinceMs } = slot
    // One that has never served was young, however long its start took on a machine that is busy.
    const isYoung = servingSinceMs === undefined || clock.now() - servingSinceMs < YOUNG_MS
    this.#youngDeaths = isYoung ? this.#youngDeaths + 1 : 0
    log.error(`worker ${slot.index} crashed: ${reason}`)
    if (this.#youngDeaths >= YOUNG_DEATHS_MAX) {
      this.#phase = 'stopping'
      this.#options.onGiveUp(reason)
      return
    }
    observer.workerRestarted(slot.index)
    after(backoffMs(this.#youngDeaths), () => void this.#restart(slot))
  }

  async #restart(slot: WorkerSlot): Promise<void> {
    this.#startWorker(slot)
    try {
      await this.#bringUp(slot)
      this.#options.log.warn(`worker ${slot.index} is back`)
    } catch (thrown) {
      // A death in between is reported and repaired by onDeath; anything else ends in one.
      if (thrown instanceof WorkerGone) return
      this.#options.log.error(`worker ${slot.index} cannot serve: ${String(thrown)}`)
      slot.terminate()
    }
  }

  /** Its code and most of what it serves are loaded before others have to wait for it. */
  async #bringUp(slot: WorkerSlot): Promise<void> {
    await this.#catchUp(slot)
    const end = await this.#turn()
    try {
      if (slot.revision !== this.#current?.configuration.revision) await this.#catchUp(slot)
      for (const port of this.#ports) await this.#listenOne(slot, port)
      slot.serves(this.#options.clock.now())
    } finally {
      end()
    }
  }

  /** To the current revision, which other workers have compiled before. */
  async #catchUp(slot: WorkerSlot): Promise<void> {
    const deployment = this.#current
    if (deployment === undefined) return
    const refused = reasonsOf(await slot.ask({ kind: 'prepare', deployment }))
    if (refused.length > 0) throw failure(refused.join('; '))
    await slot.ask({ kind: 'commit' })
    slot.revision = deployment.configuration.revision
  }

  async #listenOne(slot: WorkerSlot, port: SharedPort): Promise<number> {
    const address = {
      port: port.port,
      reusePort: this.#slots.length > 1,
      ...(port.host === undefined ? {} : { host: port.host }),
    }
    const answer = await slot.ask({ kind: 'listen', scheme: port.scheme, address, tls: port.tls })
    if (answer.kind === 'done') return answer.port
    throw new ListenRefused(answer.code, answer.reasons.join('; '))
  }
}

/** A worker could not listen; `code` is Node's (`EADDRINUSE`). */
export class ListenRefused extends Error {
  override name = 'ListenRefused'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Why not, from every worker; empty: all of them could. */
async function prepareAll(
  slots: readonly WorkerSlot[],
  deployment: Deployment,
): Promise<readonly string[]> {
  const answers = await Promise.all(slots.map((slot) => prepare(slot, deployment)))
  return [...new Set(answers.flatMap(reasonsOf))]
}

function discard(slots: readonly WorkerSlot[]): void {
  for (const slot of slots) slot.tell({ kind: 'discard' })
}

/** A worker that dies while it compiles has refused: the deployment may be what killed it. */
async function prepare(slot: WorkerSlot, deployment: Deployment): Promise<Answer> {
  try {
    return await slot.ask({ kind: 'prepare', deployment })
  } catch (thrown) {
    if (!(thrown instanceof WorkerGone)) throw thrown
    // The log has the rest: where in the code it was is nothing for callers.
    const [what = ''] = thrown.message.split('\n', 1)
    return { kind: 'refused', reasons: [`a worker crashed: ${what}`], code: '' }
  }
}

function reasonsOf(answer: Answer): readonly string[] {
  return answer.kind === 'refused' ? answer.reasons : []
}

/** None after a long life, then doubling. */
function backoffMs(youngDeaths: number): number {
  if (youngDeaths === 0) return 0
  return Math.min(BACKOFF_FIRST_MS * 2 ** (youngDeaths - 1), BACKOFF_MAX_MS)
}
