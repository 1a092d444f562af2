/**
 * How busy the machine is with other work: sampled before each row, while nothing of the bench runs.
 *
 * It is kept beside the numbers, because a busy machine spoils latency, start times and requests per second, and even
 * processor time a little (cold caches).
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const SAMPLE_MS = 500

export interface CpuTimes {
  readonly busy: number
  readonly total: number
}

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal, all cores together. */
export function parseCpuTimes(text: string): CpuTimes {
  const ticks = text.slice(0, text.indexOf('\n')).trim().split(/\s+/).slice(1, 9).map(Number)
  const total = ticks.reduce((sum, each) => sum + each, 0)
  return { busy: total - ticks[3]! - ticks[4]!, total }
}

/** Percent of all cores in use, over half a second. */
export async function busyPercent(): Promise<number> {
  const before = readCpuTimes()
  await sleep(SAMPLE_MS)
  const after = readCpuTimes()
  return Math.round((100 * (after.busy - before.busy)) / Math.max(1, after.total - before.total))
}

function readCpuTimes(): CpuTimes {
  return parseCpuTimes(readFileSync('/proc/stat', 'utf8'))
}
