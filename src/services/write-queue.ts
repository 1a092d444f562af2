/**
 * The one way in for writes: batch, make live, commit.
 *
 * Calls that wait are taken together: one transaction, each call in a savepoint of its own; then the stages that have to
 * serve differently are compiled by the workers; then the transaction is committed; then the workers swap; then the calls
 * return. So a thousand writers cost a few deployments, and what a call has answered is live and survives. When a batch
 * cannot go live, nothing of it stays and its halves run again, and theirs, until only the call at fault fails.
 */

import { ServiceError } from '../aws/service-error.ts'
import type { HttpApiStage } from '../domain/http-api.ts'
import type { SharedDocuments } from '../domain/shared-documents.ts'
import type { Store, Transaction } from '../storage/store.ts'
import { StoreUnusable } from '../storage/store-unusable.ts'
import { AuditTrail } from './audit-trail.ts'
import type { LiveStages, StageChanges } from './live-stages.ts'

/** More calls than this wait for the next batch, so that none waits for all. */
const BATCH_MAX = 256
/** More calls than this are refused: somebody is writing faster than a disk can. */
const WAITING_MAX = 10_000

/** Every worker has compiled the change and holds it; exactly one of the two has to be called. */
export interface PreparedStages {
  readonly kind: 'prepared'
  /** Resolves when every worker serves it. */
  commit(): Promise<void>
  discard(): void
}

export type PrepareOutcome =
  | PreparedStages
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }
  /** No worker is there to compile anything at this moment. */
  | { readonly kind: 'unavailable' }

/** Where stages go live: the workers, as the composition root gives them. */
export interface StagePublisher {
  /** Everything that is served, at start. Nothing is compiled before the first `prepare`. */
  begin(stages: readonly HttpApiStage[], shared?: SharedDocuments): void
  prepare(changes: StageChanges): Promise<PrepareOutcome>
}

export interface WriteQueueParts {
  readonly store: Store
  readonly stages: LiveStages
  readonly publisher: StagePublisher
  readonly now: () => Date
  readonly newId: (length: number) => string
}

type Work<T> = (transaction: Transaction) => Promise<T>

interface Job {
  readonly work: Work<unknown>
  /** Publish even when no stage has changed: the first deployment of a start. */
  readonly publishAlways: boolean
  readonly onRefused: SubmitOptions['onRefused']
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export interface SubmitOptions {
  readonly publishAlways?: boolean
  /** What `work` wrote could not go live: writes what the log should know of it, in a transaction of its own. */
  readonly onRefused?: (transaction: Transaction, error: ServiceError) => Promise<void>
}

interface Attempt {
  readonly results: readonly Result[]
  /** Undefined: no stage has changed. */
  readonly prepared: PreparedStages | undefined
}

type Result = { readonly value: unknown } | { readonly error: unknown }

export class WriteQueue {
  readonly #parts: WriteQueueParts
  #waiting: Job[] = []
  /** Undefined: nothing is under way. */
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(parts: WriteQueueParts) {
    this.#parts = parts
  }

  /** Resolves when what `work` has written is committed and live. Rejects with what `work` threw, or a ServiceError. */
  submit<T>(work: Work<T>, options: SubmitOptions = {}): Promise<T> {
    if (this.#isClosed) throw ending()
    if (this.#waiting.length >= WAITING_MAX) {
      throw new ServiceError('TooManyRequestsException', 'Too many writes are waiting. Try again.')
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        work,
        publishAlways: options.publishAlways === true,
        onRefused: options.onRefused,
        resolve: resolve as (value: unknown) => void,
        reject,
      })
      this.#running ??= this.#run()
    })
  }

  /** Refuses what waits and what is still to come. Resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const job of this.#waiting.splice(0)) job.reject(ending())
    await this.#running
  }

  async #run(): Promise<void> {
    // Calls that arrive in the same turn belong to the first batch.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const jobs = this.#waiting.splice(0, BATCH_MAX)
      await this.#runTogether(jobs)
    }
    this.#running = undefined
  }

  async #runTogether(jobs: readonly Job[]): Promise<void> {
    let attempt: Attempt
    try {
      attempt = await this.#attempt(jobs)
    } catch (error) {
      await this.#runApart(jobs, error)
      return
    }
    // Committed: from here on nothing may run again, whatever happens to the workers.
    const swapped = await swap(attempt)
    for (const [i, job] of jobs.entries()) settle(job, swapped ?? attempt.results[i]!)
  }

  /** `error` is why all of them together could not go live. */
  async #runApart(jobs: readonly Job[], error: unknown): Promise<void> {
    // A disk that is full is full for all of them.
    if (error instanceof StoreUnusable) {
      for (const job of jobs) job.reject(error)
      return
    }
    if (jobs.length === 1) {
      await this.#reject(jobs[0]!, error)
      return
    }
    const half = Math.ceil(jobs.length / 2)
    await this.#runTogether(jobs.slice(0, half))
    await this.#runTogether(jobs.slice(half))
  }

  async #reject(job: Job, error: unknown): Promise<void> {
    const { onRefused } = job
    try {
      if (onRefused !== undefined && error instanceof ServiceError) {
        await this.#parts.store.write((transaction) => onRefused(transaction, error))
      }
      job.reject(error)
    } catch (thrown) {
      job.reject(thrown)
    }
  }

  /** Throws when nothing of it could be made live or kept. */
  async #attempt(jobs: readonly Job[]): Promise<Attempt> {
    let prepared: PreparedStages | undefined
    let results: Result[]
    try {
      results = await this.#parts.store.write(async (transaction) => {
        const done: Result[] = []
        for (const job of jobs) done.push(await runOne(job, transaction))
        const changes = await this.#follow(transaction)
        if (
          jobs.some((job) => job.publishAlways) ||
          changes.live.length + changes.gone.length > 0 ||
          changes.shared !== undefined
        ) {
          prepared = await this.#prepare(changes)
        }
        return done
      })
    } catch (error) {
      prepared?.discard()
      throw error
    }
    return { results, prepared }
  }

  /** What deploys by itself, with its own entry in the audit log. */
  async #follow(transaction: Transaction): Promise<StageChanges> {
    const { stages, now, newId } = this.#parts
    const trail = new AuditTrail()
    const changes = await stages.after(trail.over(transaction), { now: now(), newId })
    for (const scope of trail.scopes()) {
      const written = trail.changes(scope)
      // A stage that only got a new revision has deployed nothing.
      if (!written.some(({ resource }) => resource.startsWith('deployment/'))) continue
      await transaction.audit({
        scope,
        who: 'automatic deployment',
        sourceIp: '',
        requestId: '',
        action: 'postern:AutoDeploy',
        changes: written,
      })
    }
    return changes
  }

  async #prepare(changes: StageChanges): Promise<PreparedStages> {
    const outcome = await this.#parts.publisher.prepare(changes)
    if (outcome.kind === 'prepared') return outcome
    if (outcome.kind === 'unavailable') {
      const message = 'No worker is running at this moment. Try again.'
      throw new ServiceError('ServiceUnavailableException', message)
    }
    throw new ServiceError(
      'BadRequestException',
      `The API cannot be deployed: ${outcome.reasons.join('; ')}`,
    )
  }
}

async function runOne(job: Job, transaction: Transaction): Promise<Result> {
  try {
    return { value: await transaction.savepoint(() => job.work(transaction)) }
  } catch (error) {
    return { error }
  }
}

/** Undefined: every worker serves it. */
async function swap({ prepared }: Attempt): Promise<{ readonly error: unknown } | undefined> {
  try {
    await prepared?.commit()
    return undefined
  } catch (error) {
    return { error }
  }
}

function ending(): ServiceError {
  return new ServiceError('ServiceUnavailableException', 'Postern is ending. Nothing was changed.')
}

function settle(job: Job, result: Result): void {
  if ('error' in result) job.reject(result.error)
  else job.resolve(result.value)
}
