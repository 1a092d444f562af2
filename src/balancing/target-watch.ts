/**
 * Watches one target: checks it again and again, and writes the verdict where all threads see it. One worker does this for
 * each target, which the row of the target decides; whoever takes that worker's place goes on with the counts that it left.
 */

import type { Random } from '../base/random.ts'
import { Timer, type TimerWheel } from '../base/timer-wheel.ts'
import type { Target, TargetGroup } from '../domain/target-group.ts'
import { type CheckParts, checkTarget, type Verdict } from './health-check.ts'
import { CELL, HEALTH, HEALTH_REASONS, type HealthReason } from './target-cells.ts'
import type { TargetTable } from './target-memory.ts'

export interface WatchParts {
  readonly group: TargetGroup
  readonly groupRow: number
  readonly row: number
  readonly table: TargetTable
  readonly timers: TimerWheel
  readonly random: Random
  readonly how: Pick<CheckParts, 'matches' | 'origin'>
  /** Rows of the group's targets: who is healthy decides whether a new one starts slowly. */
  readonly rowsOfGroup: () => readonly number[]
}

/** Checks of many targets do not come in step. */
const JITTER = 0.1

export class TargetWatch {
  readonly #target: Target
  readonly #parts: WatchParts
  readonly #timer: Timer
  #giveUp: (() => void) | undefined
  #closed = false

  constructor(target: Target, parts: WatchParts) {
    this.#target = target
    this.#parts = parts
    this.#timer = new Timer(() => this.#check())
  }

  /** The first check is made at once. */
  begin(): void {
    const { table, row, group } = this.#parts
    if (!group.healthCheck.enabled) {
      this.#settle(HEALTH.unchecked, 'Target.HealthCheckDisabled', 0)
      return
    }
    const known = table.get(row, CELL.health)
    if (known === HEALTH.unused || known === HEALTH.unchecked) {
      this.#settle(HEALTH.initial, 'Elb.InitialHealthChecking', 0)
    }
    this.#check()
  }

  close(): void {
    this.#closed = true
    this.#parts.timers.remove(this.#timer)
    this.#giveUp?.()
  }

  #check(): void {
    const { timers, how, random, group } = this.#parts
    const { healthCheck: check } = group
    // From check to check, not from answer to check.
    timers.set(this.#timer, check.intervalMs * (1 - JITTER / 2 + JITTER * random()))
    this.#giveUp?.()
    this.#giveUp = checkTarget(this.#target, { ...how, check, timers }, (verdict) =>
      this.#judge(verdict),
    )
  }

  #judge(verdict: Verdict): void {
    this.#giveUp = undefined
    if (this.#closed) return
    const { table, row, group } = this.#parts
    const counted = verdict.isHealthy ? CELL.successes : CELL.failures
    table.set(row, verdict.isHealthy ? CELL.failures : CELL.successes, 0)
    const inARow = table.add(row, counted, 1) + 1
    const health = table.get(row, CELL.health)
    const { healthyThreshold, unhealthyThreshold } = group.healthCheck
    // A new target is healthy after its first good check, as with Elastic Load Balancing.
    const wanted = health === HEALTH.initial ? 1 : healthyThreshold
    if (verdict.isHealthy && health !== HEALTH.healthy && inARow >= wanted) {
      this.#startSlowly()
      this.#settle(HEALTH.healthy, '', verdict.status)
    } else if (!verdict.isHealthy && health !== HEALTH.unhealthy && inARow >= unhealthyThreshold) {
      this.#settle(HEALTH.unhealthy, verdict.reason, verdict.status)
    } else if (!verdict.isHealthy && health === HEALTH.unhealthy) {
      this.#note(verdict.reason, verdict.status)
    }
  }

  /** Unless it is the first of its group: somebody has to take the load. */
  #startSlowly(): void {
    const { table, row, group, rowsOfGroup } = this.#parts
    const others = rowsOfGroup().some(
      (other) => other !== row && table.get(other, CELL.health) === HEALTH.healthy,
    )
    table.set(row, CELL.rampSince, group.slowStartMs > 0 && others ? table.now() : 0)
  }

  #settle(health: number, reason: HealthReason, status: number): void {
    const { table, row, groupRow } = this.#parts
    this.#note(reason, status)
    table.set(row, CELL.health, health)
    table.add(groupRow, CELL.version, 1)
  }

  #note(reason: HealthReason, status: number): void {
    const { table, row } = this.#parts
    table.set(row, CELL.reason, HEALTH_REASONS.indexOf(reason))
    table.set(row, CELL.seenStatus, status)
  }
}
