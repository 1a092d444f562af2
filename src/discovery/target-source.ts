/**
 * Something that knows the targets of a group and tells whenever they change: DNS, Kubernetes.
 *
 * A source goes on by itself until it is stopped, whatever fails, and then says nothing more. It tells of every success,
 * so that whoever listens knows how old the last one is.
 */

import type { Target } from '../domain/target-group.ts'

export interface SourceListener {
  /** All of them, as they are at this moment. */
  readonly found: (targets: readonly Target[]) => void
  /** It will try again; why it could not this time, as a sentence without a full stop. */
  readonly failed: (reason: string) => void
}

export interface TargetSource {
  start(listener: SourceListener): void
  stop(): void
}

/** Calls after a while. Returns how to call it off. */
export type After = (delayMs: number, action: () => void) => () => void

/** Without what stands there twice, in an order that does not change by itself. */
export function sortedTargets(targets: readonly Target[]): Target[] {
  const byName = new Map(targets.map((target) => [`${target.host} ${target.port}`, target]))
  return [...byName.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target)
}
