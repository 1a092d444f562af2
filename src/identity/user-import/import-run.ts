/**
 * Does the imports that were started: row by row, each row as a whole, with the place where it is kept in the store.
 *
 * One job at a time, a few rows together. A stop is obeyed between two batches, a restart goes on behind the last batch that
 * was kept; a row that was imported in between is there already and is skipped.
 */

import type { RecordKey, Scope, Store } from '../../storage/store.ts'
import {
  IMPORT_FILE_KIND,
  IMPORT_JOB_KIND,
  type ImportFile,
  type ImportJob,
  type LineProblem,
} from './import-job.ts'
import { CsvRefused, type ImportRules, type ReadRow, readUsers, type UserRow } from './user-csv.ts'

export type RowOutcome =
  | { readonly kind: 'imported' }
  /** The user is there already. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'failed'; readonly problem: string }

export interface ImportRunParts {
  readonly store: Store
  readonly now: () => Date
  /** Undefined: the pool is not there any more. */
  readonly rulesOf: (scope: Scope, poolId: string) => Promise<ImportRules | undefined>
  /** One transaction for each user; rejects only for bugs and a store that cannot be used. */
  readonly importUser: (scope: Scope, poolId: string, user: UserRow) => Promise<RowOutcome>
  /** Hears of what is no fault of the file. */
  readonly trouble: (thrown: unknown) => void
}

interface Place {
  readonly scope: Scope
  readonly key: RecordKey
}

const BATCH = 32
/** What is kept of the lines that went wrong. */
const PROBLEMS_MAX = 1_000

export class ImportRun {
  readonly #parts: ImportRunParts
  #waiting: Place[] = []
  #running: Promise<void> | undefined
  #stopListening: () => void = () => undefined
  #isClosed = false

  constructor(parts: ImportRunParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { store } = this.#parts
    this.#stopListening = store.onCommit(({ changes }) => {
      for (const { scope, key, after } of changes) {
        const job = after as ImportJob | undefined
        if (key.kind === IMPORT_JOB_KIND && job?.status === 'Pending') this.#add({ scope, key })
      }
    })
    const jobs = await store.read((reader) => reader.everywhere<ImportJob>(IMPORT_JOB_KIND))
    for (const { scope, kind, parent, id, body } of jobs) {
      const isOpen = ['Pending', 'InProgress', 'Stopping'].includes(body.status)
      if (isOpen) this.#add({ scope, key: { kind, parent, id } })
    }
  }

  /** Resolves when what is under way has reached the end of its batch. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopListening()
    await this.#running
  }

  #add(place: Place): void {
    this.#waiting.push(place)
    this.#running ??= this.#runAll()
  }

  async #runAll(): Promise<void> {
    await Promise.resolve()
    for (;;) {
      const place = this.#waiting.shift()
      if (place === undefined || this.#isClosed) break
      try {
        await this.#run(place)
      } catch (thrown) {
        this.#parts.trouble(thrown)
      }
    }
    this.#running = undefined
  }

  async #run(place: Place): Promise<void> {
    const { store, rulesOf } = this.#parts
    const { scope, key } = place
    const fileKey = { ...key, kind: IMPORT_FILE_KIND }
    const job = await this.#jobAt(place)
    if (job === undefined) return
    const file = await store.read((reader) => reader.in(scope).get<ImportFile>(fileKey))
    const rules = await rulesOf(scope, key.parent)
    if (file === undefined || rules === undefined)
      return this.#end(place, 'Failed', 'The file is gone.')
    try {
      await this.#runRows(place, readUsers(file.body.text, rules))
    } catch (thrown) {
      if (!(thrown instanceof CsvRefused)) throw thrown
      await this.#end(place, 'Failed', thrown.message)
    }
  }

  async #runRows(place: Place, rows: Iterable<ReadRow>): Promise<void> {
    let batch: ReadRow[] = []
    const done = (await this.#jobAt(place))?.done ?? 0
    for (const row of rows) {
      if (lineOf(row) <= done) continue
      batch.push(row)
      if (batch.length < BATCH) continue
      if (!(await this.#runBatch(place, batch))) return
      batch = []
    }
    if (!(await this.#runBatch(place, batch))) return
    const job = await this.#jobAt(place)
    const none = job !== undefined && job.imported === 0 && job.failed > 0
    const message = none ? 'No user could be imported.' : 'The import is done.'
    await this.#end(place, none ? 'Failed' : 'Succeeded', message)
  }

  /** False: it has to end here. */
  async #runBatch(place: Place, batch: readonly ReadRow[]): Promise<boolean> {
    const job = await this.#jobAt(place)
    if (job === undefined || this.#isClosed) return false
    if (job.status === 'Stopping') {
      await this.#end(place, 'Stopped', 'The import was stopped; what was imported stays.')
      return false
    }
    const { importUser } = this.#parts
    const outcomes = await Promise.all(
      batch.map(async (row): Promise<RowOutcome> => {
        if (row.kind === 'bad') return { kind: 'failed', problem: row.problem }
        return importUser(place.scope, place.key.parent, row.user)
      }),
    )
    await this.#change(place, (now) => progressed(now, batch, outcomes))
    return true
  }

  #end(place: Place, status: ImportJob['status'], message: string): Promise<void> {
    const completedAt = this.#parts.now().toISOString()
    return this.#change(place, (job) => ({ ...job, status, message, completedAt }), true)
  }

  /** With its file, when the job is over: nobody needs a list of users any more. */
  #change(place: Place, to: (job: ImportJob) => ImportJob, isOver = false): Promise<void> {
    const { scope, key } = place
    return this.#parts.store.write(async (transaction) => {
      const records = transaction.in(scope)
      const record = await records.get<ImportJob>(key)
      if (record === undefined) return
      await records.put(key, to(record.body))
      if (isOver) await records.delete({ ...key, kind: IMPORT_FILE_KIND })
    })
  }

  async #jobAt({ scope, key }: Place): Promise<ImportJob | undefined> {
    return (await this.#parts.store.read((reader) => reader.in(scope).get<ImportJob>(key)))?.body
  }
}

function progressed(
  job: ImportJob,
  batch: readonly ReadRow[],
  outcomes: readonly RowOutcome[],
): ImportJob {
  const count = (kind: RowOutcome['kind']) => outcomes.filter((each) => each.kind === kind).length
  const problems = outcomes.flatMap((outcome, i): LineProblem[] => {
    if (outcome.kind === 'imported') return []
    const problem = outcome.kind === 'skipped' ? 'The user is there already.' : outcome.problem
    return [{ line: lineOf(batch[i]!), problem }]
  })
  const last = batch.at(-1)
  return {
    ...job,
    status: job.status === 'Pending' ? 'InProgress' : job.status,
    imported: job.imported + count('imported'),
    skipped: job.skipped + count('skipped'),
    failed: job.failed + count('failed'),
    done: last === undefined ? job.done : lineOf(last),
    problems: [...job.problems, ...problems].slice(0, PROBLEMS_MAX),
  }
}

function lineOf(row: ReadRow): number {
  return row.kind === 'bad' ? row.line : row.user.line
}
