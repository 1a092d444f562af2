/** Which targets and groups this worker looks after, begun and ended as groups come and go. */

import { isDeepStrictEqual } from 'node:util'
import { assert } from '../base/assert.ts'
import type { Target, TargetGroup } from '../domain/target-group.ts'
import type { Origin } from '../http/client/origin.ts'
import type { BalancingParts } from './balancing.ts'
import { DIRECT, groupKey, targetKey } from './reach.ts'
import { compileMatcher } from './status-matcher.ts'
import { SuccessWatch } from './success-rates.ts'
import type { TargetTable } from './target-memory.ts'
import { TargetWatch } from './target-watch.ts'

export interface WatchedGroup {
  readonly group: TargetGroup
  /** A VPC link, or DIRECT. */
  readonly via: string
}

interface Watching {
  readonly group: TargetGroup
  readonly watch: { close(): void }
}

type Rows = ReadonlyMap<string, number>

export class TargetWatches {
  readonly #parts: Pick<BalancingParts, 'worker' | 'workers' | 'timers' | 'random' | 'checkOrigin'>
  #watching = new Map<string, Watching>()

  constructor(
    parts: Pick<BalancingParts, 'worker' | 'workers' | 'timers' | 'random' | 'checkOrigin'>,
  ) {
    this.#parts = parts
  }

  /** From now on these, and no others. */
  use(groups: readonly WatchedGroup[], rows: Rows, table: TargetTable): void {
    const before = this.#watching
    this.#watching = new Map()
    const stays = (
      key: string,
      group: TargetGroup,
      alike: (a: TargetGroup) => unknown,
    ): boolean => {
      const known = before.get(key)
      if (known === undefined || !isDeepStrictEqual(alike(known.group), alike(group))) return false
      before.delete(key)
      this.#watching.set(key, known)
      return true
    }
    const begun: (() => void)[] = []
    for (const watched of groups) {
      const { group, via } = watched
      const key = groupKey(group.arn, via)
      if (this.#leads(rows, key) && !stays(key, group, alikeAsGroup)) {
        begun.push(() => this.#watchGroup(watched, rows, table))
      }
      for (const target of group.targets) {
        const name = targetKey(group.arn, via, target)
        if (target.draining || !this.#leads(rows, name) || stays(name, group, alikeForChecks))
          continue
        begun.push(() => this.#watchTarget(target, watched, rows, table))
      }
    }
    for (const { watch } of before.values()) watch.close()
    for (const begin of begun) begin()
  }

  close(): void {
    for (const { watch } of this.#watching.values()) watch.close()
    this.#watching.clear()
  }

  #leads(rows: Rows, key: string): boolean {
    return rowOf(rows, key) % this.#parts.workers === this.#parts.worker
  }

  #watchGroup({ group, via }: WatchedGroup, rows: Rows, table: TargetTable): void {
    const row = rowOf(rows, groupKey(group.arn, via))
    const targets = membersOf(group, via, rows)
    const watch = new SuccessWatch({ row, group, targets, table }, this.#parts.timers)
    this.#watching.set(groupKey(group.arn, via), { group, watch })
  }

  #watchTarget(target: Target, { group, via }: WatchedGroup, rows: Rows, table: TargetTable): void {
    const { timers, random } = this.#parts
    const key = targetKey(group.arn, via, target)
    const matches = compileMatcher(group.healthCheck.matcher) ?? (() => false)
    const watch = new TargetWatch(target, {
      ...{ group, table, timers, random },
      groupRow: rowOf(rows, groupKey(group.arn, via)),
      row: rowOf(rows, key),
      how: { matches, origin: this.#checkOrigin(target, group, via) },
      rowsOfGroup: () => membersOf(group, via, rows).map(({ row }) => row),
    })
    this.#watching.set(key, { group, watch })
    watch.begin()
  }

  /** A link carries requests, not connections: what is checked by TCP elsewhere has to answer there, with any status. */
  #checkOrigin(
    { host, port }: Target,
    { healthCheck }: TargetGroup,
    via: string,
  ): Origin | undefined {
    if (healthCheck.protocol === 'TCP' && via === DIRECT) return undefined
    // A check sends nothing that others may not see, and calls verify the certificate themselves.
    const tls = healthCheck.protocol === 'HTTPS' ? { serverName: '', verify: false } : undefined
    const address = { host, port: healthCheck.port ?? port, tls }
    return this.#parts.checkOrigin(via === DIRECT ? address : { ...address, via })
  }
}

function membersOf({ arn, targets }: TargetGroup, via: string, rows: Rows) {
  return targets.map((target) => ({
    row: rowOf(rows, targetKey(arn, via, target)),
    draining: target.draining,
  }))
}

function rowOf(rows: Rows, key: string): number {
  const row = rows.get(key)
  assert(row !== undefined, 'every target that is served has a row')
  return row
}

function alikeAsGroup({ targets, outlierDetection }: TargetGroup) {
  return { targets, outlierDetection }
}

function alikeForChecks({ healthCheck, slowStartMs }: TargetGroup) {
  return { healthCheck, slowStartMs }
}
