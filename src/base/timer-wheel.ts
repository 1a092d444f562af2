// hot path — see STYLE §8
/**
 * Deadlines for many connections at the cost of a field write.
 *
 * One interval for each worker turns a wheel of slots. A timer that is pushed back, as nearly all are, only gets a
 * later deadline: it is moved when its old slot comes up. Resolution is one tick, and a timer never fires early.
 */

import type { Clock } from './clock.ts'

const SLOTS = 512
/**
 * Delays from here on are counted from the wheel's last tick instead of from a reading of the clock, which costs more
 * than all the rest of `set`; they end up to one tick later, or earlier by what one turn of the event loop takes.
 */
const COARSE_FROM_MS = 1_000

/** Something with a deadline. Owners extend it or hold one; `onTimeout` runs at most once per `set`. */
export class Timer {
  /** Monotonic ms; 0: not set. */
  deadline = 0
  /** Tick of the slot that it is in; meaningless while it is in none. */
  tick = 0
  /** Links of the slot's ring; null while in no slot. */
  next: Timer | null = null
  previous: Timer | null = null
  readonly onTimeout: () => void

  constructor(onTimeout: () => void) {
    this.onTimeout = onTimeout
  }
}

export class TimerWheel {
  readonly #clock: Clock
  readonly #tickMs: number
  /** Ring heads, one a slot. */
  readonly #slots: Timer[] = []
  #linked = 0
  #cursor: number
  #lastTickMs = 0
  #interval: NodeJS.Timeout | undefined

  constructor(clock: Clock, tickMs = 20) {
    this.#clock = clock
    this.#tickMs = tickMs
    for (let i = 0; i < SLOTS; i++) {
      const head = new Timer(nothing)
      head.next = head
      head.previous = head
      this.#slots.push(head)
    }
    this.#cursor = this.#tickOf(clock.now())
  }

  now(): number {
    return this.#clock.now()
  }

  /** Fires `timer` after `delayMs`, unless it is set again or cleared before. */
  set(timer: Timer, delayMs: number): void {
    const coarse = delayMs >= COARSE_FROM_MS && this.#linked > 0
    const now = coarse ? this.#lastTickMs + this.#tickMs : this.#clock.now()
    if (this.#linked === 0) {
      this.#cursor = this.#tickOf(now)
      this.#lastTickMs = now
    }
    const deadline = now + delayMs
    timer.deadline = deadline
    if (timer.next === null) this.#link(timer)
    else if (deadline < (timer.tick - 1) * this.#tickMs) {
      // Its slot comes up too late: it was waiting for a later deadline, which may have been cleared since.
      this.#unlink(timer)
      this.#link(timer)
    }
  }

  clear(timer: Timer): void {
    timer.deadline = 0
  }

  /** Clears and forgets the timer now; for owners that are about to be dropped. */
  remove(timer: Timer): void {
    timer.deadline = 0
    if (timer.next !== null) this.#unlink(timer)
  }

  /** Fires what is due. Called by the interval; tests call it themselves. */
  advance(): void {
    const now = this.#clock.now()
    this.#lastTickMs = now
    const until = this.#tickOf(now)
    // After a long pause (a suspended machine) one full turn visits every slot.
    if (until - this.#cursor > SLOTS) this.#cursor = until - SLOTS
    while (this.#cursor < until) {
      this.#cursor++
      this.#visit(this.#slots[this.#cursor % SLOTS]!, now)
    }
  }

  stop(): void {
    clearInterval(this.#interval)
    this.#interval = undefined
  }

  #visit(head: Timer, now: number): void {
    // No callback can add to this slot: whatever it sets lands at least one tick further on.
    for (let timer = head.next!; timer !== head; timer = head.next!) {
      this.#unlink(timer)
      if (timer.deadline === 0) continue
      if (timer.deadline > now) {
        this.#link(timer)
      } else {
        timer.deadline = 0
        timer.onTimeout()
      }
    }
    if (this.#linked === 0) this.stop()
  }

  #link(timer: Timer): void {
    const due = this.#tickOf(timer.deadline) + 1
    // Further away than one turn: the last slot of this turn, and again from there.
    const tick = Math.max(Math.min(due, this.#cursor + SLOTS - 1), this.#cursor + 1)
    timer.tick = tick
    const head = this.#slots[tick % SLOTS]!
    const last = head.previous!
    timer.previous = last
    timer.next = head
    last.next = timer
    head.previous = timer
    this.#linked++
    this.#interval ??= setInterval(() => this.advance(), this.#tickMs).unref()
  }

  #unlink(timer: Timer): void {
    timer.previous!.next = timer.next
    timer.next!.previous = timer.previous
    timer.next = null
    timer.previous = null
    this.#linked--
  }

  #tickOf(ms: number): number {
    return Math.floor(ms / this.#tickMs)
  }
}

function nothing(): void {}
