/**
 * Free loopback ports for the processes of the bench, below the range that the kernel gives to outgoing connections.
 *
 * A port out of that range would be a trap: while `waitForPort` tries it again and again, the kernel will one day choose
 * the same number as the source of the attempt, and TCP connects the socket to itself.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

const LOWEST = 10_000
const RANGE_FILE = '/proc/sys/net/ipv4/ip_local_port_range'

let next = 0

/**
 * A port nobody listens on, another one each time. It is given back before the caller uses it, so another program
 * could take it in between; the child then fails to start and says so.
 */
export async function freePort(): Promise<number> {
  const highest = Number.parseInt(readFileSync(RANGE_FILE, 'utf8'), 10)
  const count = highest - LOWEST
  if (!(count > 0)) throw new Error(`bench: no ports below ${highest}; see ${RANGE_FILE}`)
  next ||= process.pid % count
  for (let tries = 0; tries < count; tries++) {
    const port = LOWEST + (next++ % count)
    if (await isFree(port)) return port
  }
  throw new Error('bench: every port is taken')
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
