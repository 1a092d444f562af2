/**
 * Who stands out of its group by its success rate: looked at once an interval by the one worker that leads the group, from
 * the totals of all workers.
 */

import { Timer, type TimerWheel } from '../base/timer-wheel.ts'
import { type Ejecting, eject, type Member } from './outlier.ts'
import { CELL, FIGURE } from './target-cells.ts'
import type { TargetTable } from './target-memory.ts'

/** Below so many calls in an interval a rate says nothing. */
const CALLS_MIN = 20
/** Below so many targets there is no mean to stand out from. */
const TARGETS_MIN = 3

/** What one target was asked since the last look, and how often it failed. */
interface Rate {
  readonly row: number
  readonly success: number
}

/** Looks at the success rates of one group, once an interval; in the worker that leads it. */
export class SuccessRates {
  readonly #table: TargetTable
  /** Totals at the last look, by row. */
  #before = new Map<number, { readonly calls: number; readonly failures: number }>()

  constructor(table: TargetTable) {
    this.#table = table
  }

  /** Rows of the targets that stand out. */
  look(targets: readonly Member[], deviations: number): ReadonlySet<number> {
    const rates: Rate[] = []
    const after = new Map<number, { readonly calls: number; readonly failures: number }>()
    for (const { row } of targets) {
      const now = this.#totals(row)
      const { calls, failures } = this.#before.get(row) ?? now
      after.set(row, now)
      const asked = now.calls - calls
      if (asked >= CALLS_MIN) rates.push({ row, success: 1 - (now.failures - failures) / asked })
    }
    this.#before = after
    return outliers(rates, deviations)
  }

  #totals(row: number) {
    const failures =
      this.#table.total(row, FIGURE.status5xx) + this.#table.total(row, FIGURE.connectionErrors)
    return { calls: this.#table.total(row, FIGURE.requests), failures }
  }
}

function outliers(rates: readonly Rate[], deviations: number): ReadonlySet<number> {
  if (deviations === 0 || rates.length < TARGETS_MIN) return new Set()
  const mean = rates.reduce((sum, { success }) => sum + success, 0) / rates.length
  const variance = rates.reduce((sum, { success }) => sum + (success - mean) ** 2, 0) / rates.length
  const least = mean - deviations * Math.sqrt(variance)
  return new Set(rates.filter(({ success }) => success < least).map(({ row }) => row))
}

/** Looks at a group for as long as it is served, and forgives targets that have behaved. */
export class SuccessWatch {
  readonly #from: Ejecting
  readonly #timers: TimerWheel
  readonly #rates: SuccessRates
  readonly #timer: Timer

  constructor(from: Ejecting, timers: TimerWheel) {
    this.#from = from
    this.#timers = timers
    this.#rates = new SuccessRates(from.table)
    this.#timer = new Timer(() => this.#look())
    this.#wait()
  }

  close(): void {
    this.#timers.remove(this.#timer)
  }

  #wait(): void {
    this.#timers.set(this.#timer, this.#from.group.outlierDetection.intervalMs)
  }

  #look(): void {
    const { targets, table, group } = this.#from
    const { successRateDeviations } = group.outlierDetection
    for (const row of this.#rates.look(targets, successRateDeviations)) eject(row, this.#from)
    for (const { row } of targets) {
      const isOut = table.get(row, CELL.ejectedUntil) !== 0
      if (!isOut && table.get(row, CELL.ejections) > 0) table.add(row, CELL.ejections, -1)
    }
    this.#wait()
  }
}
