// hot path — see STYLE §8
/**
 * When a target that fails its callers is left out: how many may be at a time, and for how long. After its time it is on trial: one call at a time, and the first decides (a circuit breaker that is half open).
 */

import type { TargetGroup } from '../domain/target-group.ts'
import { CELL, FIGURE } from './target-cells.ts'
import type { TargetTable } from './target-memory.ts'

const TENTH_MS = 100
/** Each time longer, but no longer than so many times the first. */
const TIMES_MAX = 10

export interface Member {
  readonly row: number
  readonly draining: boolean
}

/** A group, as far as one of its targets may be left out of it. */
export interface Ejecting {
  /** The group's own row. */
  readonly row: number
  readonly group: TargetGroup
  readonly targets: readonly Member[]
  readonly table: TargetTable
}

/** Leaves a target out for a while, unless it is out or too many are. */
export function eject(targetRow: number, from: Ejecting): void {
  const { table, row, group } = from
  const now = table.now()
  if (table.get(targetRow, CELL.ejectedUntil) > now || !table.lock(row)) return
  if (mayEject(from, now)) {
    const times = Math.min(table.add(targetRow, CELL.ejections, 1) + 1, TIMES_MAX)
    const forMs = group.outlierDetection.baseEjectionMs * times
    table.set(targetRow, CELL.ejectedUntil, now + Math.max(1, Math.ceil(forMs / TENTH_MS)))
    table.set(targetRow, CELL.failedInARow, 0)
    table.count(targetRow, FIGURE.ejections)
    table.add(row, CELL.version, 1)
  }
  table.unlock(row)
}

/** Asked while the group's ticket is held: nobody else leaves one out meanwhile. */
function mayEject({ targets, group, table }: Ejecting, now: number): boolean {
  let members = 0
  let out = 0
  for (const { row, draining } of targets) {
    if (draining) continue
    members++
    if (table.get(row, CELL.ejectedUntil) > now) out++
  }
  return out + 1 <= group.outlierDetection.ejectedShareMax * members
}

/** What part of its weight a target has in its slow start: over 0, up to 1. */
export function rampOf(since: number, now: number, slowStartMs: number): number {
  if (since === 0 || slowStartMs === 0) return 1
  return Math.min(1, Math.max(0.01, ((now - since) * TENTH_MS) / slowStartMs))
}
