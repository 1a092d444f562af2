/**
 * How much a worker has to do, as only its own thread can tell: ten times a second the memory, the heap, and how late its
 * timer was.
 */

import os from 'node:os'
import v8 from 'node:v8'
import type { Clock } from '../../base/clock.ts'
import type { Limits } from '../../domain/limits.ts'
import type { OverloadChange } from '../../runtime/overload/overload-guard.ts'
import type { DataPlane } from './data-plane.ts'

const LOOK_MS = 100

export interface PressureParts {
  readonly plane: Pick<DataPlane, 'look'>
  readonly limits: Limits
  readonly clock: Clock
}

/** Begins at once and keeps no thread alive. */
export function watchPressure({ plane, limits, clock }: PressureParts): void {
  const memoryBytesMax = Math.min(limits.overloadMemoryBytes, memoryOfMachine())
  let dueMs = clock.now() + LOOK_MS
  setInterval(() => {
    const nowMs = clock.now()
    const lagMs = Math.max(0, nowMs - dueMs)
    dueMs = nowMs + LOOK_MS
    plane.look({
      memoryBytes: process.memoryUsage.rss(),
      memoryBytesMax,
      heapShare: heapShare(),
      lagMs,
    })
  }, LOOK_MS).unref()
}

const STAGES = [
  'calm again',
  'connections are not kept',
  'a share of the calls is refused',
  'nobody is let in',
] as const

/** For the log of the program. */
export function overloadLine({ stage, before, detail }: OverloadChange): string {
  const direction = stage > before ? 'rises' : 'falls'
  return `overload ${direction} from stage ${before} to ${stage} (${STAGES[stage]}): ${detail}`
}

/** What a container allows, where it is one. */
function memoryOfMachine(): number {
  const constrained = process.constrainedMemory()
  const total = os.totalmem()
  return constrained > 0 && constrained < total ? constrained : total
}

function heapShare(): number {
  const { used_heap_size: used, heap_size_limit: limit } = v8.getHeapStatistics()
  return used / limit
}
