/**
 * Reads of client sockets into one buffer that all connections of a thread share.
 *
 * An accepted socket reads into a fresh 64 KB buffer each time, which is then cut down: for a request of a hundred bytes
 * that is the dearest thing Node does. Sockets that are created take `onread` with a buffer instead, accepted ones do
 * not; so the accepted socket's handle is moved into a created one. Where Node should ever lack the handle, the socket
 * is used as it came.
 */

import net, { type Server, type Socket } from 'node:net'

/** Every read is handled before the next can happen; whoever keeps bytes copies them. */
const SHARED_READ_BUFFER = Buffer.allocUnsafeSlow(65_536)

interface SocketInternals {
  _handle: unknown
  _server: Server | null
  server: Server | null
}

/** Receives reads: `[0, length)` of the buffer, valid during the call. */
export type OnRead = (socket: Socket, bytes: Buffer, length: number) => void

/**
 * The socket to use instead of the accepted one; `onRead` hears its reads, there are no 'data' events. Nothing may have
 * been attached to the accepted socket yet.
 */
export function withSharedReads(accepted: Socket, onRead: OnRead): Socket {
  const internals = accepted as unknown as SocketInternals
  const handle = internals._handle
  const server = internals._server
  if (handle === null || typeof handle !== 'object' || server === null) {
    accepted.on('data', (bytes: Buffer) => onRead(accepted, bytes, bytes.length))
    return accepted
  }
  internals._handle = null
  internals._server = null
  internals.server = null
  const options = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: SHARED_READ_BUFFER,
      callback: (length: number, bytes: Uint8Array) => {
        onRead(socket, bytes as Buffer, length)
        return true
      },
    },
  }
  const socket: Socket = new net.Socket(options as net.SocketConstructorOpts)
  // The server counts the connection until this socket closes.
  const moved = socket as unknown as SocketInternals
  moved._server = server
  moved.server = server
  return socket
}
