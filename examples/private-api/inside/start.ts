/**
 * One host of the private side: an orders service on loopback, and an ingress of the mesh in front of it. Prints the
 * ingress's port as its first line, and ends by SIGTERM once the calls under way have ended.
 *
 *   node examples/private-api/inside/start.ts --folder CERTIFICATES --issuer URL --jwks URL \
 *     [--address 127.0.0.1] [--port 0]
 */

import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { meshIngress } from './mesh-ingress.ts'
import { ordersService } from './orders-service.ts'

const { values: flags } = parseArgs({
  options: {
    folder: { type: 'string', default: '.' },
    issuer: { type: 'string', default: '' },
    jwks: { type: 'string', default: '' },
    address: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
  },
})

const { folder, issuer, jwks: jwksUri, address } = flags
const service = ordersService()
const servicePort = await listen(service, '127.0.0.1', 0)
const ingress = meshIngress({ folder, tokens: { issuer, jwksUri }, servicePort })
console.log(await listen(ingress, address, Number(flags.port)))

process.once('SIGTERM', () => {
  for (const server of [ingress, service]) server.close()
  ingress.closeIdleConnections()
})

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
