// hot path — see STYLE §8
/**
 * One group of targets in one worker, on one way to it: who gets the next request, and what is learnt from the answers.
 *
 * Health and ejections stand in shared memory; what follows from them, the candidates and their weights, is worked out
 * when the group's version has changed or time has done something (the end of an ejection, a slow start), not for each
 * request. A target that is unhealthy, left out or draining is no candidate, unless so few are left that the panic
 * threshold is passed: then all are, since a few would be buried under the load of all.
 */

import type { Random } from '../base/random.ts'
import { Timer, type TimerWheel } from '../base/timer-wheel.ts'
import type { Target, TargetGroup } from '../domain/target-group.ts'
import type { Origin } from '../http/client/origin.ts'
import { type Candidate, type Picker, pickerFor } from './algorithms.ts'
import { eject, rampOf } from './outlier.ts'
import { RetryBudget } from './retry-budget.ts'
import { CELL, HEALTH } from './target-cells.ts'
import type { TargetTable } from './target-memory.ts'

/** How often weights follow a slow start. */
const RAMP_STEP_MS = 250
const TENTH_MS = 100
/** Targets that a sentence tells of. */
const TOLD_MAX = 8

/** A call at a target: they are linked, so that they are found when the target's time is over. */
export interface TargetCall {
  next: TargetCall | undefined
  previous: TargetCall | undefined
  /** The target goes, and the call has not ended in its time. */
  cut(): void
}

export class BalancedTarget implements Candidate {
  readonly host: string
  readonly port: number
  /** In shared memory. */
  readonly row: number
  readonly origin: Origin
  /** What a cookie calls it. */
  readonly id: string
  weight: number
  draining: boolean
  effectiveWeight = 1
  current = 0
  /** It was left out, and one call at a time finds out whether it is well again. */
  onTrial = false
  candidate = false
  /** The request that looks for a target has been there. */
  tried = false
  /** Requests under way that it may have. */
  most: number
  #firstCall: TargetCall | undefined
  /** Ends what is under way some time after it has begun to go. */
  #departure: Timer | undefined
  readonly #table: TargetTable

  constructor(target: Target, parts: TargetParts) {
    this.host = target.host
    this.port = target.port
    this.row = parts.row
    this.origin = parts.origin
    this.id = parts.id
    this.weight = target.weight
    this.draining = target.draining
    this.most = Number.MAX_SAFE_INTEGER
    this.#table = parts.table
  }

  link(call: TargetCall): void {
    const next = this.#firstCall
    call.next = next
    if (next !== undefined) next.previous = call
    this.#firstCall = call
  }

  unlink(call: TargetCall): void {
    const { next, previous } = call
    if (next !== undefined) next.previous = previous
    if (previous === undefined) this.#firstCall = next
    else previous.next = next
    call.next = undefined
    call.previous = undefined
  }

  /** It gets nothing new; what it has may end within that time. */
  depart(timers: TimerWheel, delayMs: number): void {
    if (this.#departure !== undefined) return
    this.#departure = new Timer(() => {
      while (this.#firstCall !== undefined) this.#firstCall.cut()
    })
    timers.set(this.#departure, Math.max(1, delayMs))
  }

  /** It was to go, and stays. */
  stay(timers: TimerWheel): void {
    if (this.#departure !== undefined) timers.remove(this.#departure)
    this.#departure = undefined
  }

  get load(): number {
    return this.#table.get(this.row, CELL.inFlight)
  }

  get closed(): boolean {
    if (this.tried) return true
    if (this.onTrial) return this.load > 0
    return this.most !== Number.MAX_SAFE_INTEGER && this.load >= this.most
  }

  /** As many as may be under way now. */
  get room(): number {
    return this.onTrial ? 1 : this.most
  }
}

export interface TargetParts {
  readonly row: number
  readonly origin: Origin
  readonly id: string
  readonly table: TargetTable
}

export interface GroupParts {
  readonly table: TargetTable
  readonly timers: TimerWheel
  readonly random: Random
  /** The group's own row. */
  readonly row: number
  /** Everything that a new target of it needs. */
  readonly partsOf: (target: Target) => TargetParts
}

export class BalancedGroup {
  readonly arn: string
  readonly row: number
  readonly budget: RetryBudget
  group: TargetGroup
  targets: readonly BalancedTarget[] = []
  /** So few are well that all get requests. */
  panics = false
  readonly #parts: GroupParts
  readonly table: TargetTable
  readonly #timer: Timer
  #picker: Picker<BalancedTarget>
  #byId: ReadonlyMap<string, BalancedTarget> = new Map()
  #seenVersion = -1
  #stale = true

  constructor(group: TargetGroup, parts: GroupParts) {
    this.arn = group.arn
    this.row = parts.row
    this.group = group
    this.#parts = parts
    this.table = parts.table
    this.#picker = pickerFor(group.algorithm, parts.random)
    this.budget = new RetryBudget(group.retryBudget)
    this.#timer = new Timer(() => {
      this.#stale = true
    })
  }

  /** Targets that stay keep what is known of them. */
  update(group: TargetGroup): void {
    const before = new Map(this.targets.map((target) => [nameOf(target), target]))
    const { deregistrationDelayMs: delayMs } = group
    this.targets = group.targets.map((target) => {
      const known =
        before.get(nameOf(target)) ?? new BalancedTarget(target, this.#parts.partsOf(target))
      before.delete(nameOf(target))
      known.weight = target.weight
      known.draining = target.draining
      if (target.draining) known.depart(this.#parts.timers, delayMs)
      else known.stay(this.#parts.timers)
      known.most = group.targetConcurrencyMax ?? Number.MAX_SAFE_INTEGER
      return known
    })
    if (group.algorithm !== this.group.algorithm) {
      this.#picker = pickerFor(group.algorithm, this.#parts.random)
    }
    for (const target of before.values()) target.depart(this.#parts.timers, delayMs)
    this.budget.share = group.retryBudget
    this.group = group
    this.#byId = new Map(this.targets.map((target) => [target.id, target]))
    this.#stale = true
  }

  /** It is not served any more. */
  close(): void {
    const { timers } = this.#parts
    timers.remove(this.#timer)
    for (const target of this.targets) target.depart(timers, this.group.deregistrationDelayMs)
  }

  /** A target that has taken in the request (`leave` it). Undefined: there is none, or all that could are full. */
  enter(stickyId: string): BalancedTarget | undefined {
    if (this.#stale || this.table.get(this.row, CELL.version) !== this.#seenVersion) this.#refresh()
    const wanted = stickyId === '' ? undefined : this.#byId.get(stickyId)
    if (wanted?.candidate === true && !wanted.closed && this.#enters(wanted)) return wanted
    // Others may fill one up between the look and the step.
    for (let i = this.targets.length; i > 0; i--) {
      const target = this.#picker.pick()
      if (target === undefined || this.#enters(target)) return target
    }
    return undefined
  }

  /** There are targets that could, had they room. */
  get hasCandidates(): boolean {
    return this.targets.some(({ candidate }) => candidate)
  }

  /** Why nobody can take a request, for operators. */
  describe(): string {
    const { name } = this.group
    if (this.targets.length === 0) return `target group ${name} has no targets`
    const states = this.targets.map(
      (target) => `${target.host}:${target.port} ${this.#stateOf(target)}`,
    )
    return `target group ${name}: ${states.slice(0, TOLD_MAX).join(', ')}`
  }

  #stateOf({ row, draining, weight }: BalancedTarget): string {
    if (draining) return 'is draining'
    if (weight === 0) return 'has weight 0'
    if (this.table.get(row, CELL.ejectedUntil) > this.table.now())
      return 'is left out after failures'
    return isHealthy(row, this.table) ? 'is healthy' : 'is unhealthy'
  }

  /** The answer of a target was good. */
  succeeded(target: BalancedTarget): void {
    if (this.table.get(target.row, CELL.failedInARow) !== 0) {
      this.table.set(target.row, CELL.failedInARow, 0)
    }
    if (target.onTrial) this.#readmit(target)
  }

  /** A status from 500 on, or no answer. */
  failed(target: BalancedTarget): void {
    const inARow = this.table.add(target.row, CELL.failedInARow, 1) + 1
    const { consecutive5xx } = this.group.outlierDetection
    if (consecutive5xx === 0) return
    if (inARow >= consecutive5xx || target.onTrial) eject(target.row, this)
  }

  #enters(target: BalancedTarget): boolean {
    return this.table.enter(target.row, target.room)
  }

  #readmit(target: BalancedTarget): void {
    const table = this.table
    target.onTrial = false
    table.set(target.row, CELL.ejectedUntil, 0)
    if (this.group.slowStartMs > 0) table.set(target.row, CELL.rampSince, table.now())
    table.add(this.row, CELL.version, 1)
  }

  #refresh(): void {
    const table = this.table
    this.#seenVersion = table.get(this.row, CELL.version)
    this.#stale = false
    const now = table.now()
    const all = this.targets.filter(({ draining, weight }) => !draining && weight > 0)
    const well = all.filter((target) => isWell(target, table, now))
    this.panics = well.length < this.group.panicThreshold * all.length
    const candidates = this.panics
      ? all
      : well.length > 0
        ? well
        : all.filter((target) => isNew(target, table, now))
    for (const target of this.targets) {
      target.candidate = false
      target.onTrial = false
    }
    let nextMs = 0
    for (const target of candidates) {
      target.candidate = true
      target.onTrial = !this.panics && table.get(target.row, CELL.ejectedUntil) !== 0
      const ramp = rampOf(table.get(target.row, CELL.rampSince), now, this.group.slowStartMs)
      target.effectiveWeight = target.weight * ramp
      if (ramp < 1) nextMs = RAMP_STEP_MS
    }
    for (const { row } of all) {
      const leftMs = (table.get(row, CELL.ejectedUntil) - now) * TENTH_MS
      if (leftMs > 0 && (nextMs === 0 || leftMs < nextMs)) nextMs = leftMs
    }
    if (nextMs > 0) this.#parts.timers.set(this.#timer, nextMs)
    this.#picker.use(candidates)
  }
}

function nameOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host} ${port}`
}

function isHealthy(row: number, table: TargetTable): boolean {
  const health = table.get(row, CELL.health)
  return health === HEALTH.healthy || health === HEALTH.unchecked
}

function isWell({ row }: BalancedTarget, table: TargetTable, now: number): boolean {
  return isHealthy(row, table) && table.get(row, CELL.ejectedUntil) <= now
}

/** Nothing is known against it. */
function isNew({ row }: BalancedTarget, table: TargetTable, now: number): boolean {
  const health = table.get(row, CELL.health)
  return health !== HEALTH.unhealthy && table.get(row, CELL.ejectedUntil) <= now
}
