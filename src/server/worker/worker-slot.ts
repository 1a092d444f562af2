/**
 * One place for a worker thread: the worker that is in it now, and the orders it has not answered yet.
 *
 * The supervisor keeps a fixed number of slots. A worker that dies leaves its slot `down`; whoever waits for an answer
 * from it gets `WorkerGone` with the reason of the death.
 */

import { assert } from '../../base/assert.ts'
import type { Answer, NumberedAnswer, NumberedOrder, Order } from '../messages.ts'
import type { WorkerReport } from './worker-tail.ts'

/** A worker thread, as far as a slot needs it; tests bring their own. */
export interface WorkerHandle {
  post(order: NumberedOrder): void
  terminate(): void
}

export interface WorkerEvents {
  onAnswer(answer: NumberedAnswer): void
  onReport(report: WorkerReport): void
  /** An exception that nobody caught; the worker ends after it. */
  onFault(reason: string): void
  onExit(exitCode: number): void
}

export interface SlotObserver {
  /** Why the worker ended; once. */
  onDeath(reason: string): void
  onReport(report: WorkerReport): void
}

export type StartWorker = (index: number, events: WorkerEvents) => WorkerHandle

/** The worker ended before it answered. */
export class WorkerGone extends Error {
  override name = 'WorkerGone'
}

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: WorkerGone) => void
}

export class WorkerSlot {
  readonly index: number
  /** `starting` until it has the current revision and listens on every port. */
  state: 'down' | 'starting' | 'serving' = 'down'
  /** The revision that its worker serves; 0: none yet. */
  revision = 0
  /** Undefined until it serves. */
  servingSinceMs: number | undefined
  readonly #start: StartWorker
  readonly #waiting = new Map<number, Waiting>()
  #worker: WorkerHandle | undefined
  #lastDeath = 'no worker is running'
  #lastId = 0

  constructor(index: number, start: StartWorker) {
    this.index = index
    this.#start = start
  }

  /** Puts a new worker into the empty slot. */
  start(observer: SlotObserver): void {
    assert(this.state === 'down', 'a slot takes a new worker only when it is empty')
    this.state = 'starting'
    this.revision = 0
    this.servingSinceMs = undefined
    let fault: string | undefined
    this.#worker = this.#start(this.index, {
      onAnswer: (answer) => this.#settle(answer),
      onReport: (report) => observer.onReport(report),
      onFault: (reason) => {
        fault ??= reason
      },
      onExit: (exitCode) => {
        const reason = fault ?? `the thread ended with code ${exitCode}`
        this.#empty(reason)
        observer.onDeath(reason)
      },
    })
  }

  /** Its worker has the current revision and listens on every port. */
  serves(nowMs: number): void {
    this.state = 'serving'
    this.servingSinceMs = nowMs
  }

  /** Gives an order. Rejects with `WorkerGone` when the worker ends first, or when there is none. */
  ask(order: Order): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#worker === undefined) {
        reject(new WorkerGone(this.#lastDeath))
        return
      }
      const id = ++this.#lastId
      this.#waiting.set(id, { resolve, reject })
      this.#worker.post({ ...order, id })
    })
  }

  /** Gives an order whose answer nobody needs. */
  tell(order: Order): void {
    this.ask(order).catch(ignoreDeath)
  }

  terminate(): void {
    this.#worker?.terminate()
  }

  #settle(answer: NumberedAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    waiting?.resolve(answer)
  }

  #empty(reason: string): void {
    this.state = 'down'
    this.#worker = undefined
    this.#lastDeath = reason
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(new WorkerGone(reason))
  }
}

/** `onDeath` has told the supervisor already. */
function ignoreDeath(): void {}
