/** How long to wait after failures in a row: doubling, with jitter so that many do not come back at once. */

import type { Random } from '../base/random.ts'

const FIRST_MS = 500
const MOST_MS = 30_000

/** Between half and the whole of the doubled time. */
export function backoffMs(failures: number, random: Random): number {
  const full = Math.min(FIRST_MS * 2 ** Math.min(failures, 10), MOST_MS)
  return full / 2 + (random() * full) / 2
}
