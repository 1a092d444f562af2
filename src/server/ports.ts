/**
 * Ports that cannot be had, found out early and said clearly.
 *
 * Workers share a port with SO_REUSEPORT, and so would a second Postern of the same user: both would get a part of the
 * connections. So each port is taken once without sharing, before any worker listens, and given back.
 */

import net from 'node:net'
import { messageOf } from '../base/message-of.ts'
import { codeOf, Failure, failure, usageFailure } from './failure.ts'
import { keyOf } from './settings/setting-names.ts'
import type { SettingName } from './settings/settings.ts'

export interface WantedPort {
  readonly setting: SettingName
  readonly port: number
  readonly host: string | undefined
}

/** Throws a failure that names the flags, if somebody else has a port or two flags name the same. 0 is always free. */
export async function checkPortsFree(all: readonly WantedPort[]): Promise<void> {
  const wanted = all.filter(({ port }) => port !== 0)
  refuseTwice(wanted)
  const failures: Failure[] = []
  for (const each of wanted) {
    await takeAndGiveBack(each).catch((thrown: unknown) => {
      failures.push(portFailure(each, codeOf(thrown), messageOf(thrown)))
    })
  }
  const [first] = failures
  if (first === undefined) return
  if (failures.length === 1) throw first
  throw new Failure(1, {
    message: `${failures.length} ports cannot be had`,
    mend: failures.flatMap(({ mend }) => mend ?? []).join(' '),
    details: failures.map(({ message }) => message),
  })
}

/** Workers share ports, so the kernel would hand every other connection to the wrong listener. */
function refuseTwice(wanted: readonly WantedPort[]): void {
  for (const [i, { port, host, setting }] of wanted.entries()) {
    const other = wanted.slice(0, i).find((each) => each.port === port && overlap(each.host, host))
    if (other === undefined) continue
    const flags = `--${keyOf(other.setting)} and --${keyOf(setting)}`
    throw usageFailure(`${flags} both name port ${port}`, 'Give each a port of its own, or off.')
  }
}

/** No host is every host. */
function overlap(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other
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
    return failure(
      `${wanted.host} (${hostFlag}) is not an address of this machine`,
      `Use 127.0.0.1 to be reached from this machine only, or leave ${hostFlag} out.`,
    )
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
