/**
 * Ports that cannot be had, found out early and said clearly.
 *
 * Workers share a port with SO_REUSEPORT, and so would a second Postern of the same user: both would get a part of the
 * connections. So each port is taken once without sharing, before any worker listens, and given back.
 */

import net from 'node:net'
import { codeOf, type Failure, failure, messageOf } from './failure.ts'
import { keyOf } from './setting-names.ts'
import type { SettingName } from './settings.ts'

export interface WantedPort {
  readonly setting: SettingName
  readonly port: number
  readonly host: string | undefined
}

/** Throws a failure that names the flag, if somebody else has the port. 0 is always free. */
export async function checkPortFree(wanted: WantedPort): Promise<void> {
  if (wanted.port === 0) return
  try {
    await takeAndGiveBack(wanted)
  } catch (thrown) {
    throw portFailure(wanted, codeOf(thrown), messageOf(thrown))
  }
}

function takeAndGiveBack({ port, host }: WantedPort): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen({ port, exclusive: true, ...(host === undefined ? {} : { host }) }, () =>
      server.close(() => resolve()),
    )
  })
}

/** Why a port cannot be listened on, from Node's error. */
export function portFailure(wanted: WantedPort, code: string, message: string): Failure {
  const flag = `--${keyOf(wanted.setting)}`
  const address = wanted.host === undefined ? '' : ` of ${wanted.host}`
  const other = `Choose another with ${flag} PORT.`
  if (code === 'EADDRINUSE') {
    return failure(`Port ${wanted.port}${address} (${flag}) is in use by another program`, other)
  }
  if (code === 'EACCES') {
    return failure(`Port ${wanted.port}${address} (${flag}) needs privileges to listen on`, other)
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    const hostFlag = wanted.setting === 'control' ? '--control-host' : '--host'
    return failure(`${wanted.host} (${hostFlag}) is not an address of this machine`)
  }
  return failure(`Port ${wanted.port}${address} (${flag}) cannot be opened: ${message}`, other)
}

/** Systems on which several threads can listen on one port and the kernel spreads the connections evenly. */
const SHARING_PLATFORMS: ReadonlySet<string> = new Set(['linux', 'freebsd'])

/** How many workers run: the number asked for, one for each core, or one where ports cannot be shared. */
export function workersFor(
  asked: number | undefined,
  machine: { readonly platform: string; readonly cores: number },
): { readonly workers: number; readonly note: string | undefined } {
  const workers = asked ?? Math.min(machine.cores, AUTO_WORKERS_MAX)
  if (workers === 1 || SHARING_PLATFORMS.has(machine.platform)) return { workers, note: undefined }
  const note =
    asked === undefined
      ? undefined
      : `${machine.platform} cannot share a port between threads: running 1 worker, not ${asked}`
  return { workers: 1, note }
}

/** More than this by default would cost memory that most machines need for the services behind. */
const AUTO_WORKERS_MAX = 8
