// hot path — see STYLE §8
/**
 * What all threads know of targets and their groups: one row each in shared memory.
 *
 * The main thread gives rows out and takes them back; the one worker that checks a target writes its health; every
 * worker counts calls. Verdicts and calls under way are atomic cells that all see at once. Totals are doubles, an own
 * area for each worker, which the main thread adds up. Times are tenths of a second of the process's clock, so that they fit.
 */

import type { Clock } from '../base/clock.ts'
import { CELL, CELLS, FIGURE, FIGURES } from './target-cells.ts'

export interface TargetMemory {
  readonly rows: number
  readonly cells: SharedArrayBuffer
  /** One for each worker. */
  readonly figures: readonly SharedArrayBuffer[]
}

export function allocateTargets(rows: number, workers: number): TargetMemory {
  const bytes = rows * FIGURES * Float64Array.BYTES_PER_ELEMENT
  return {
    rows,
    cells: new SharedArrayBuffer(rows * CELLS * Int32Array.BYTES_PER_ELEMENT),
    figures: Array.from({ length: workers }, () => new SharedArrayBuffer(bytes)),
  }
}

/** One thread's view. */
export class TargetTable {
  readonly rows: number
  readonly #cells: Int32Array
  readonly #figures: readonly Float64Array[]
  readonly #own: Float64Array
  readonly #owner: number
  readonly #clock: Clock

  /** `worker`: -1 for the main thread, which counts nothing. */
  constructor(memory: TargetMemory, worker: number, clock: Clock) {
    this.rows = memory.rows
    this.#cells = new Int32Array(memory.cells)
    this.#figures = memory.figures.map((figures) => new Float64Array(figures))
    this.#own = this.#figures[Math.max(worker, 0)]!
    this.#owner = worker + 1
    this.#clock = clock
  }

  /** The time in cells; never 0. */
  now(): number {
    return Math.floor(this.#clock.now() / 100) + 1
  }

  get(row: number, cell: number): number {
    return Atomics.load(this.#cells, row * CELLS + cell)
  }

  set(row: number, cell: number, value: number): void {
    Atomics.store(this.#cells, row * CELLS + cell, value)
  }

  /** Returns what was there before. */
  add(row: number, cell: number, by: number): number {
    return Atomics.add(this.#cells, row * CELLS + cell, by)
  }

  count(row: number, figure: number): void {
    this.#own[row * FIGURES + figure]!++
  }

  /** Of all workers. */
  total(row: number, figure: number): number {
    let sum = 0
    for (const figures of this.#figures) sum += figures[row * FIGURES + figure]!
    return sum
  }

  /** A call begins, unless so many are under way already, whoever began them. */
  enter(row: number, most: number): boolean {
    if (this.add(row, CELL.inFlight, 1) >= most) {
      this.add(row, CELL.inFlight, -1)
      return false
    }
    this.#own[row * FIGURES + FIGURE.inFlight]!++
    return true
  }

  leave(row: number): void {
    this.#own[row * FIGURES + FIGURE.inFlight]!--
    this.add(row, CELL.inFlight, -1)
  }

  /** One thread at a time may leave targets of a group out. False: another is at it. */
  lock(groupRow: number): boolean {
    const at = groupRow * CELLS + CELL.ticket
    return Atomics.compareExchange(this.#cells, at, 0, this.#owner) === 0
  }

  unlock(groupRow: number): void {
    Atomics.compareExchange(this.#cells, groupRow * CELLS + CELL.ticket, this.#owner, 0)
  }

  /** A row for somebody new. */
  clear(row: number): void {
    for (let cell = 0; cell < CELLS; cell++) this.set(row, cell, 0)
    for (const figures of this.#figures) figures.fill(0, row * FIGURES, (row + 1) * FIGURES)
  }

  /** A worker has died: its calls are not under way any more, and it holds nothing. */
  release(worker: number): void {
    const figures = this.#figures[worker]!
    for (let row = 0; row < this.rows; row++) {
      const at = row * FIGURES + FIGURE.inFlight
      if (figures[at] !== 0) this.add(row, CELL.inFlight, -figures[at]!)
      figures[at] = 0
      Atomics.compareExchange(this.#cells, row * CELLS + CELL.ticket, worker + 1, 0)
    }
  }
}
