/**
 * Which processor core does which work.
 *
 * The gateway has core 0 for itself; the load, and the runner that only waits, share core 1. The origin moves to a
 * third core where there is one. Without this the scheduler decides the result.
 */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export interface Cores {
  readonly gateway: number
  readonly load: number
  readonly origin: number
}

/** The layout for this machine; refuses where cores cannot be pinned or are too few. */
export function chooseCores(): Cores {
  if (process.platform !== 'linux') {
    throw new Error(
      'bench: it needs Linux: it pins cores with taskset and reads /proc. Run it there, or in a container.',
    )
  }
  const count = availableParallelism()
  if (count < 2) {
    throw new Error(
      'bench: it needs two cores, one for the gateway and one for the load; this machine offers one.',
    )
  }
  return { gateway: 0, load: 1, origin: count > 2 ? 2 : 1 }
}

/** Moves the calling process away from the gateway's core. */
export function pinRunner(cores: Cores): void {
  const moved = spawnSync('taskset', ['-a', '-cp', String(cores.load), String(process.pid)])
  if (moved.status !== 0) {
    throw new Error(`bench: taskset cannot pin to core ${cores.load}: ${moved.stderr}`)
  }
}
