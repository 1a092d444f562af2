/**
 * Sends what is in the outbox: each message at least once, again with growing pauses, until it is sent, refused or old.
 *
 * What is to be done stands in the store, so a restart goes on where it was; a message whose answer was lost is sent a
 * second time under the same id. Only a few are on their way at one time, and only their keys are held in memory.
 */

import type { Clock } from '../../base/clock.ts'
import type { RecordKey, Scope, Store } from '../../storage/store.ts'
import type { SendMessage, SendOutcome } from './http-sender.ts'
import { type Delivery, OUTBOX_KIND, type OutboxMessage } from './outbox-message.ts'

export interface MessageDispatchParts {
  readonly store: Store
  readonly send: SendMessage
  readonly clock: Clock
  /** Returns how to call it off. */
  readonly after: (delayMs: number, action: () => void) => () => void
  /** Hears of messages that are given up; never of what they say or for whom. */
  readonly onFailed: (key: RecordKey, error: string) => void
  readonly attemptsMax: number
}

interface Waiting {
  readonly scope: Scope
  readonly key: RecordKey
  dueMs: number
}

const AT_ONE_TIME = 4
const PAUSE_FIRST_MS = 1_000
const PAUSE_MAX_MS = 300_000
/** Keys in memory; what is beyond is found when these are done. */
const WAITING_MAX = 10_000

export class MessageDispatch {
  readonly #parts: MessageDispatchParts
  readonly #waiting = new Map<string, Waiting>()
  readonly #onTheWay = new Set<string>()
  #isOverfull = false
  #stopListening: () => void = () => undefined
  #cancelTimer: () => void = () => undefined
  #isClosed = false

  constructor(parts: MessageDispatchParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    this.#stopListening = this.#parts.store.onCommit(({ changes }) => {
      for (const { scope, key, after } of changes) {
        if (key.kind === OUTBOX_KIND && after !== undefined) this.#note(scope, key, after as never)
      }
      this.#pump()
    })
    await this.#find()
  }

  close(): void {
    this.#isClosed = true
    this.#stopListening()
    this.#cancelTimer()
  }

  async #find(): Promise<void> {
    this.#isOverfull = false
    const { store } = this.#parts
    const records = await store.read((reader) => reader.everywhere<OutboxMessage>(OUTBOX_KIND))
    for (const { scope, kind, parent, id, body } of records) {
      this.#note(scope, { kind, parent, id }, body)
    }
    this.#pump()
  }

  #note(scope: Scope, key: RecordKey, { delivery }: OutboxMessage): void {
    if (delivery !== undefined && delivery.status !== 'waiting') return
    const name = nameOf(scope, key)
    if (this.#waiting.has(name) || this.#onTheWay.has(name)) return
    if (this.#waiting.size >= WAITING_MAX) {
      this.#isOverfull = true
      return
    }
    const dueMs = delivery === undefined ? 0 : Date.parse(delivery.nextAttemptAt)
    this.#waiting.set(name, { scope, key, dueMs })
  }

  /** Sends what is due, and comes back when the next one is. */
  #pump(): void {
    if (this.#isClosed) return
    this.#cancelTimer()
    const nowMs = this.#parts.clock.epochMs()
    let nextMs = Number.POSITIVE_INFINITY
    for (const [name, waiting] of this.#waiting) {
      if (this.#onTheWay.size >= AT_ONE_TIME) return
      if (waiting.dueMs <= nowMs) this.#begin(name, waiting)
      else nextMs = Math.min(nextMs, waiting.dueMs)
    }
    if (nextMs === Number.POSITIVE_INFINITY) return
    this.#cancelTimer = this.#parts.after(nextMs - nowMs, () => this.#pump())
  }

  #begin(name: string, waiting: Waiting): void {
    this.#waiting.delete(name)
    this.#onTheWay.add(name)
    void this.#attempt(waiting).then((dueMs) => {
      this.#onTheWay.delete(name)
      if (this.#isClosed) return
      if (dueMs !== undefined) this.#waiting.set(name, { ...waiting, dueMs })
      else if (this.#isOverfull && this.#waiting.size === 0) void this.#find()
      this.#pump()
    })
  }

  /** When to try again; undefined: never. Does not reject. */
  async #attempt({ scope, key }: Waiting): Promise<number | undefined> {
    const { store, send, clock, onFailed } = this.#parts
    try {
      const record = await store.read((reader) => reader.in(scope).get<OutboxMessage>(key))
      if (record === undefined) return undefined
      const outcome = await send(key.id, record.body)
      const attempts = (record.body.delivery?.attempts ?? 0) + 1
      const delivery = this.#deliveryAfter(outcome, attempts)
      await store.write(async (transaction) => {
        const records = transaction.in(scope)
        const now = await records.get<OutboxMessage>(key)
        if (now !== undefined) await records.put(key, { ...now.body, delivery })
      })
      if (delivery.status === 'failed') onFailed(key, delivery.lastError)
      return delivery.status === 'waiting' ? Date.parse(delivery.nextAttemptAt) : undefined
    } catch {
      // The store cannot be used at this moment, which its own callers tell the operator.
      return clock.epochMs() + PAUSE_MAX_MS
    }
  }

  #deliveryAfter(outcome: SendOutcome, attempts: number): Delivery {
    const { clock, attemptsMax } = this.#parts
    const nowMs = clock.epochMs()
    if (outcome.kind === 'sent') return { status: 'sent', attempts, sentAt: isoTime(nowMs) }
    const { error: lastError } = outcome
    if (outcome.kind === 'never' || attempts >= attemptsMax) {
      return { status: 'failed', attempts, lastError }
    }
    const pauseMs = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** (attempts - 1))
    return { status: 'waiting', attempts, lastError, nextAttemptAt: isoTime(nowMs + pauseMs) }
  }
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

function nameOf({ accountId, region }: Scope, { parent, id }: RecordKey): string {
  return JSON.stringify([accountId, region, parent, id])
}
