/**
 * Three hosts on one machine, as network namespaces of Linux: `public`, `gateway` and `private`, in a row. The outer two
 * reach the gateway's host and nothing beyond it; the services of the private host have an address that no other host
 * has a route to. The machine itself is the operator's desk, with a cable of its own to the gateway.
 *
 *   public 10.N.1.2 ── 10.N.1.1 gateway 10.N.2.1 ── 10.N.2.2 private, services at 10.N.9.1
 *                                   10.N.3.1 ── 10.N.3.2 the machine
 *
 * It needs Linux, iproute2, and the right to make namespaces. `close` takes every host away, with its programs.
 */

import {
  type ChildProcess,
  execFileSync,
  type SpawnOptions,
  spawn,
  spawnSync,
} from 'node:child_process'
import { once } from 'node:events'

export type HostName = 'public' | 'gateway' | 'private'

/** Networks of their own for every test process: the machine itself has a cable to one of them. */
const NETWORK = `10.${100 + (process.pid % 100)}`

export const ADDRESS = {
  publicClient: `${NETWORK}.1.2`,
  gatewayFromOutside: `${NETWORK}.1.1`,
  gatewayFromInside: `${NETWORK}.2.1`,
  privateHost: `${NETWORK}.2.2`,
  services: `${NETWORK}.9.1`,
  gatewayFromDesk: `${NETWORK}.3.1`,
  desk: `${NETWORK}.3.2`,
} as const

const STOP_MS = 5_000

export interface NetworkHosts {
  /** What stands before a command that is to run there. */
  on(host: HostName): readonly string[]
  /** Starts a program on a host; it ends with the hosts at the latest. */
  spawn(host: HostName, command: readonly string[], options?: SpawnOptions): ChildProcess
  /** Runs a program on a host to its end and resolves to what it printed; rejects when it fails. */
  run(host: HostName, command: readonly string[]): Promise<string>
  close(): Promise<void>
}

export function findIp(): boolean {
  return spawnSync('ip', ['-Version'], { stdio: 'ignore' }).status === 0
}

/** Undefined: namespaces can be made here; otherwise why not. */
export function whyNoHosts(): string | undefined {
  const name = `postern-${process.pid}-try`
  try {
    ip('netns', 'add', name)
    ip('netns', 'del', name)
    return undefined
  } catch (thrown) {
    return `ip netns does not work here: ${thrown instanceof Error ? thrown.message : thrown}`
  }
}

export function networkHosts(): NetworkHosts {
  const nameOf = (host: HostName) => `postern-${process.pid}-${host}`
  const children = new Set<ChildProcess>()
  const made: string[] = []
  const removeHosts = () => {
    for (const name of made.splice(0)) ip('netns', 'del', name)
  }
  // A test that is cut short leaves no host behind.
  process.once('exit', removeHosts)
  for (const host of ['public', 'gateway', 'private'] as const) {
    ip('netns', 'add', nameOf(host))
    made.push(nameOf(host))
    ip('-n', nameOf(host), 'link', 'set', 'lo', 'up')
  }
  join(nameOf('public'), ADDRESS.publicClient, [nameOf('gateway'), ADDRESS.gatewayFromOutside])
  join(nameOf('private'), ADDRESS.privateHost, [nameOf('gateway'), ADDRESS.gatewayFromInside])
  cableToDesk(nameOf('gateway'))
  ip('-n', nameOf('private'), 'address', 'add', `${ADDRESS.services}/32`, 'dev', 'lo')
  const on = (host: HostName) => ['ip', 'netns', 'exec', nameOf(host)]
  const start: NetworkHosts['spawn'] = (host, command, options = {}) => {
    const [ip, ...words] = [...on(host), ...command]
    const child = spawn(ip!, words, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }
  return {
    on,
    close: async () => {
      await Promise.all([...children].map(stop))
      removeHosts()
    },
    spawn: start,
    run: async (host, command) => {
      const child = start(host, command)
      let output = ''
      let complaints = ''
      child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text))
      child.stderr!.setEncoding('utf8').on('data', (text: string) => (complaints += text))
      const [code] = await once(child, 'close')
      if (code !== 0) throw new Error(`${command.join(' ')} on ${host}: ${code}\n${complaints}`)
      return output
    },
  }
}

/** A cable between two hosts. */
function join(host: string, address: string, [other, itsAddress]: readonly [string, string]): void {
  // At most fifteen characters, and unique on the machine until it is moved.
  const cable = `p${process.pid}${host.slice(-3)}`
  ip('link', 'add', `${cable}a`, 'netns', host, 'type', 'veth', 'peer', `${cable}b`, 'netns', other)
  for (const [name, place, end] of [
    [host, address, `${cable}a`],
    [other, itsAddress, `${cable}b`],
  ] as const) {
    ip('-n', name, 'address', 'add', `${place}/24`, 'dev', end)
    ip('-n', name, 'link', 'set', end, 'up')
  }
}

/** Goes with the gateway's host. */
function cableToDesk(gateway: string): void {
  const [near, far] = [`p${process.pid}desk`, `p${process.pid}dekb`]
  ip('link', 'add', near, 'type', 'veth', 'peer', far, 'netns', gateway)
  ip('address', 'add', `${ADDRESS.desk}/24`, 'dev', near)
  ip('link', 'set', near, 'up')
  ip('-n', gateway, 'address', 'add', `${ADDRESS.gatewayFromDesk}/24`, 'dev', far)
  ip('-n', gateway, 'link', 'set', far, 'up')
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await gone
  clearTimeout(late)
}
