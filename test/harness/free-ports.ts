/** Ports for a program that has to be told them, and in whose answers they stand. */

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'

/** Nobody listens on them now; whoever is quicker than the test can still take one. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = []
  for (let i = 0; i < count; i++) {
    const server = createServer().listen(0)
    await once(server, 'listening')
    servers.push(server)
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) server.close()
  return ports
}
