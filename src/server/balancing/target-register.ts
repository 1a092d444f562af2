/**
 * The main thread's side of load balancing: which row of shared memory is whose, what was discovered, and what all workers
 * have found out about targets.
 *
 * The memory is made with the first load balancer, and stays. A target keeps its row, and what is known of it, for as long
 * as it is in a group that some listener leads to; workers are told of rows with the deployment, or with the order that
 * brings new targets.
 */

import type { DeployedTargets } from '../../balancing/balancing.ts'
import {
  groupKey,
  type Reaching,
  targetKey,
  targetsOf,
  waysToGroups,
} from '../../balancing/reach.ts'
import {
  CELL,
  FIGURE,
  type FigureName,
  HEALTH,
  HEALTH_REASONS,
} from '../../balancing/target-cells.ts'
import { allocateTargets, type TargetMemory, TargetTable } from '../../balancing/target-memory.ts'
import type { Clock } from '../../base/clock.ts'
import type { Configuration } from '../../domain/http-api.ts'
import type { Limits } from '../../domain/limits.ts'
import type { Target, TargetGroup } from '../../domain/target-group.ts'
import type { SeenTarget } from '../../domain/target-health.ts'
import type { TargetGroupFigures } from '../../observability/metrics/metric-table.ts'
import type { Order } from '../messages.ts'
import { asksForBalancing } from './asks-for-balancing.ts'

export class TargetRegister {
  readonly #rowsMax: number
  readonly #workers: number
  readonly #clock: Clock
  readonly #rows = new Map<string, number>()
  readonly #discovered = new Map<string, readonly Target[]>()
  readonly #free: number[] = []
  #memory: TargetMemory | undefined
  #table: TargetTable | undefined
  #served: Reaching = { stages: [] }

  constructor(limits: Limits, workers: number, clock: Clock) {
    this.#rowsMax = limits.balancingTargets
    this.#workers = workers
    this.#clock = clock
  }

  /** Why there is no room for it; undefined: there is. */
  findProblem(configuration: Reaching): string | undefined {
    const wanted = new Set([...this.#rows.keys(), ...this.#keysOf(configuration)]).size
    if (wanted <= this.#rowsMax) return undefined
    return `${wanted} targets and target groups are more than the limit balancingTargets (${this.#rowsMax})`
  }

  /** What a deployment carries; undefined: nothing is balanced. */
  share(configuration: Configuration): DeployedTargets | undefined {
    if (this.#memory === undefined && !asksForBalancing(configuration)) return undefined
    return this.#shareOf(configuration)
  }

  /** This is served now: rows that nobody in it has are free again. */
  retain(configuration: Reaching): void {
    this.#served = configuration
    if (this.#table === undefined) return
    const kept = new Set(this.#keysOf(configuration))
    for (const [key, row] of this.#rows) {
      if (kept.has(key)) continue
      this.#rows.delete(key)
      this.#free.push(row)
    }
    for (const arn of this.#discovered.keys()) {
      if (configuration.balancing?.targetGroups[arn] === undefined) this.#discovered.delete(arn)
    }
  }

  /**
   * The targets of a group have been discovered: the order that tells workers. They stand besides those of the document,
   * until the next order; undefined: there are none any more. Throws a RangeError when there is no room.
   */
  discovered(targetGroupArn: string, targets: readonly Target[] | undefined): Order {
    const before = this.#discovered.get(targetGroupArn)
    this.#discover(targetGroupArn, targets)
    const problem = this.findProblem(this.#served)
    if (problem !== undefined) {
      this.#discover(targetGroupArn, before)
      throw new RangeError(problem)
    }
    const deployed = this.#shareOf(this.#served)
    return { kind: 'targets', targetGroupArn, targets: deployed }
  }

  /** Every target of a group, as the checks of the workers have found it; undefined: no listener leads there. */
  healthOf(targetGroupArn: string): readonly SeenTarget[] | undefined {
    const group = this.#served.balancing?.targetGroups[targetGroupArn]
    const ways = waysToGroups(this.#served).get(targetGroupArn)
    if (group === undefined || ways === undefined) return undefined
    return this.#targetsOf(group).map((target) => this.#healthOf(group, target, [...ways]))
  }

  /** By ARN of the group. */
  figures(): ReadonlyMap<string, TargetGroupFigures> {
    const figures = new Map<string, TargetGroupFigures>()
    for (const [arn, ways] of waysToGroups(this.#served)) {
      const group = this.#served.balancing?.targetGroups[arn]
      if (group !== undefined) figures.set(arn, this.#figuresOf(group, ways))
    }
    return figures
  }

  /** A worker has ended. */
  release(workerIndex: number): void {
    this.#table?.release(workerIndex)
  }

  #discover(arn: string, targets: readonly Target[] | undefined): void {
    if (targets === undefined) this.#discovered.delete(arn)
    else this.#discovered.set(arn, targets)
  }

  #shareOf(configuration: Reaching): DeployedTargets {
    this.#memory ??= allocateTargets(this.#rowsMax, this.#workers)
    this.#table ??= new TargetTable(this.#memory, -1, this.#clock)
    for (const key of this.#keysOf(configuration)) {
      if (!this.#rows.has(key)) this.#rows.set(key, this.#newRow())
    }
    return { memory: this.#memory, rows: this.#rows, discovered: this.#discovered }
  }

  /** Those that were freed last wait longest: calls of before may still be counted there. */
  #newRow(): number {
    const row =
      this.#rows.size + this.#free.length < this.#rowsMax
        ? this.#rows.size + this.#free.length
        : this.#free.shift()!
    this.#table!.clear(row)
    return row
  }

  #keysOf(configuration: Reaching): string[] {
    const keys: string[] = []
    for (const [arn, ways] of waysToGroups(configuration)) {
      const group = configuration.balancing?.targetGroups[arn]
      if (group === undefined) continue
      for (const via of ways) {
        keys.push(groupKey(arn, via))
        for (const target of this.#targetsOf(group)) keys.push(targetKey(arn, via, target))
      }
    }
    return keys
  }

  #targetsOf(group: TargetGroup): readonly Target[] {
    return targetsOf(group, this.#discovered)
  }

  /** By several ways it is as well as by the best. */
  #healthOf({ arn }: TargetGroup, target: Target, ways: readonly string[]): SeenTarget {
    const { host, port } = target
    const rows = ways.flatMap((via) => this.#rows.get(targetKey(arn, via, target)) ?? [])
    const table = this.#table
    const row = rows.find((one) => table?.get(one, CELL.health) === HEALTH.healthy) ?? rows[0]
    if (table === undefined || row === undefined) return { host, port, ...UNKNOWN }
    const now = table.now()
    const health = table.get(row, CELL.health)
    return {
      ...{ host, port },
      state: STATES[health] ?? 'initial',
      reason:
        health === HEALTH.unused
          ? UNKNOWN.reason
          : (HEALTH_REASONS[table.get(row, CELL.reason)] ?? ''),
      seenStatus: table.get(row, CELL.seenStatus),
      ejected: rows.some((one) => table.get(one, CELL.ejectedUntil) > now),
    }
  }

  #figuresOf(group: TargetGroup, ways: ReadonlySet<string>): TargetGroupFigures {
    const sums: Record<string, number> = { healthy: 0, unhealthy: 0 }
    for (const name of FIGURE_NAMES) sums[name] = 0
    for (const target of this.#targetsOf(group)) {
      const { state } = this.#healthOf(group, target, [...ways])
      if (state === 'healthy' || state === 'unchecked') sums['healthy']!++
      else if (state === 'unhealthy') sums['unhealthy']!++
      for (const via of ways) {
        const row = this.#rows.get(targetKey(group.arn, via, target))
        if (row === undefined) continue
        for (const name of FIGURE_NAMES) sums[name]! += this.#table!.total(row, FIGURE[name])
      }
    }
    return sums as TargetGroupFigures
  }
}

const FIGURE_NAMES = Object.keys(FIGURE) as readonly FigureName[]
/** A worker has still to look at it. */
const UNKNOWN = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  seenStatus: 0,
  ejected: false,
} as const
/** By number. */
const STATES = ['initial', 'initial', 'healthy', 'unhealthy', 'unchecked'] as const
