/** `--last` where it is a number: how many entries. */

import { usageFailure } from '../server/failure.ts'

const COUNT_MAX = 1_000

/** Throws a usage failure. */
export function entryCount(last: string): number {
  const count = Number(last)
  if (Number.isInteger(count) && count >= 1 && count <= COUNT_MAX) return count
  throw usageFailure(`--last must be a number from 1 to ${COUNT_MAX}, not ${JSON.stringify(last)}`)
}
