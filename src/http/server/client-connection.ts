/** Facts about a client connection, read once when it is accepted. */

import type { Socket } from 'node:net'
import type { ClientConnection, ClientTls } from '../exchange.ts'

/** Must be called while the socket is connected: afterwards its addresses are gone. */
export function describeClient(socket: Socket, tls: ClientTls | undefined): ClientConnection {
  return {
    remoteAddress: plainAddress(socket.remoteAddress ?? ''),
    remotePort: socket.remotePort ?? 0,
    localAddress: plainAddress(socket.localAddress ?? ''),
    localPort: socket.localPort ?? 0,
    tls,
    forwardingAuthority: '',
    forwardingSource: '',
    forwardingText: '',
  }
}

/** An IPv4 client of a dual-stack socket shows as `::ffff:192.0.2.1`. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
