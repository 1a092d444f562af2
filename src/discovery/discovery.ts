/**
 * Which groups are discovered, from where, and what becomes of them when a source fails.
 *
 * A group keeps the targets that its source has found last for as long as it says, and then has none: stale addresses may
 * belong to somebody else by then. What fails is said once, and so is that it works again.
 */

import { type DiscoverySource, parseDiscoverySource } from '../domain/discovery-source.ts'
import type { Target } from '../domain/target-group.ts'
import type { After, TargetSource } from './target-source.ts'

export interface DiscoveryParts {
  /** Undefined: this program has no such source; why, for the log. */
  readonly sourceFor: (source: DiscoverySource) => TargetSource | string
  /** The targets of a group from now on. */
  readonly use: (groupArn: string, targets: readonly Target[]) => void
  readonly log: {
    warn(message: string): void
    info(message: string): void
    error(message: string): void
  }
  readonly after: After
  readonly targetsMax: number
}

/** One group that is discovered. */
export interface DiscoveredGroup {
  readonly arn: string
  /** `dns:A:name:port` */
  readonly source: string
  readonly holdMs: number
}

export class Discovery {
  readonly #parts: DiscoveryParts
  readonly #held = new Map<string, HeldGroup>()

  constructor(parts: DiscoveryParts) {
    this.#parts = parts
  }

  /** These and no others. Those that are as they were go on. */
  reconcile(groups: readonly DiscoveredGroup[]): void {
    const wanted = new Map(groups.map((group) => [group.arn, group]))
    for (const [arn, held] of this.#held) {
      const group = wanted.get(arn)
      if (group?.source === held.group.source && group.holdMs === held.group.holdMs) continue
      held.stop()
      this.#held.delete(arn)
    }
    for (const [arn, group] of wanted) {
      const held = this.#held.get(arn)
      if (held !== undefined) held.repeat()
      else this.#held.set(arn, new HeldGroup(group, this.#parts))
    }
  }

  close(): void {
    this.reconcile([])
  }
}

class HeldGroup {
  readonly group: DiscoveredGroup
  readonly #parts: DiscoveryParts
  readonly #source: TargetSource | undefined
  #targets: readonly Target[] | undefined
  /** As JSON: what was told last. */
  #told = ''
  #isFailing = false
  #cancelHold: () => void = () => {}

  constructor(group: DiscoveredGroup, parts: DiscoveryParts) {
    this.group = group
    this.#parts = parts
    const parsed = parseDiscoverySource(group.source)
    const source = typeof parsed === 'string' ? parsed : parts.sourceFor(parsed)
    if (typeof source === 'string') {
      parts.log.error(`${this.#name()} has no targets: ${source}`)
      return
    }
    this.#source = source
    source.start({
      found: (targets) => this.#found(targets),
      failed: (reason) => this.#failed(reason),
    })
  }

  stop(): void {
    this.#cancelHold()
    this.#source?.stop()
  }

  /** What was found stands: another deployment may have forgotten it. */
  repeat(): void {
    if (this.#targets !== undefined) this.#parts.use(this.group.arn, this.#targets)
  }

  #found(targets: readonly Target[]): void {
    const { log, targetsMax } = this.#parts
    this.#cancelHold()
    if (this.#isFailing) log.info(`${this.#name()} is discovered again from ${this.group.source}`)
    this.#isFailing = false
    if (targets.length > targetsMax) {
      log.warn(`${this.#name()} has ${targets.length} targets; ${targetsMax} of them are used`)
    }
    this.#use(targets.slice(0, targetsMax))
  }

  #failed(reason: string): void {
    if (this.#isFailing) return
    const { log, after } = this.#parts
    const { holdMs } = this.group
    this.#isFailing = true
    const kept = this.#targets?.length ?? 0
    const what =
      kept === 0 ? 'It has no targets' : `Its ${kept} targets stay for ${holdMs / 1_000} s`
    log.warn(`${this.#name()} cannot be discovered: ${reason}. ${what}`)
    this.#cancelHold = after(holdMs, () => this.#giveUp())
  }

  #giveUp(): void {
    const { log } = this.#parts
    if (this.#targets === undefined || this.#targets.length === 0) return
    log.error(`${this.#name()} has no targets any more: its source has failed for too long`)
    this.#use([])
  }

  #use(targets: readonly Target[]): void {
    const text = JSON.stringify(targets)
    this.#targets = targets
    if (text === this.#told) return
    this.#told = text
    this.#parts.use(this.group.arn, targets)
  }

  #name(): string {
    return `target group ${this.group.arn.split('/')[1] ?? this.group.arn}`
  }
}
