/**
 * The clock: signatures, tokens and certificates all fail by one that is wrong.
 *
 * No server of time is asked. A clock that is behind shows by files of the store that are younger than now.
 */

import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { type Finding, ok, problem, warning } from './finding.ts'

const SUBJECT = 'clock'
const SLACK_MS = 60_000
/** Older than this program. */
const EARLIEST = Date.UTC(2026, 0, 1)
const MEND = 'Set it, and keep it right with NTP (systemd-timesyncd, chrony).'
const TIMESYNC = '/run/systemd/timesync'

export async function checkClock(folder: string, now: Date): Promise<readonly Finding[]> {
  const time = now.toISOString()
  if (now.getTime() < EARLIEST) return [problem(SUBJECT, `${time} is in the past`, MEND)]
  const written = await stat(path.join(folder, 'postern.db')).catch(() => undefined)
  if (written !== undefined && written.mtimeMs > now.getTime() + SLACK_MS) {
    const later = new Date(written.mtimeMs).toISOString()
    return [problem(SUBJECT, `it is ${time}, and the store was written at ${later}`, MEND)]
  }
  const isUnsynchronized = existsSync(TIMESYNC) && !existsSync(`${TIMESYNC}/synchronized`)
  return isUnsynchronized
    ? [warning(SUBJECT, `${time}; systemd has not compared it with a server of time`, MEND)]
    : [ok(SUBJECT, time)]
}
