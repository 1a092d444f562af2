/**
 * Reads of client sockets into one buffer that all connections of a thread share.
 *
 * An accepted socket reads into a fresh 64 KB buffer each time, which is then cut down: for a request of a hundred bytes
 * that is the dearest thing Node does. Sockets that are created take `onread` with a buffer instead, accepted ones do
 * not; so the accepted socket's handle is moved into a created one. Where Node should ever lack the handle, the socket
 * is used as it came.
 */

import net, { type Socket } from 'node:net'
import { type Accepted, type SocketInternals, takeHandle } from './accepted-handle.ts'

/** Every read is handled before the next can happen; whoever keeps bytes copies them. */
const SHARED_READ_BUFFER = Buffer.allocUnsafeSlow(65_536)

/** Receives reads: `[0, length)` of the buffer, valid during the call. */
export type OnRead = (socket: Socket, bytes: Buffer, length: number) => void

/** A socket that was made with `SHARED_READS`. */
interface SharedReader extends Socket {
  /** Undefined: nobody has said yet that he wants the reads; whoever listens gets 'data' events. */
  hears: OnRead | undefined
}

/** The option `onread` of sockets that say later who hears their reads. */
export const SHARED_READS = { buffer: SHARED_READ_BUFFER, callback: onSharedRead }

function onSharedRead(this: SharedReader, length: number, bytes: Uint8Array): boolean {
  if (this.hears !== undefined) this.hears(this, bytes as Buffer, length)
  else this.emit('data', Buffer.from(bytes.subarray(0, length)))
  return true
}

/** `onRead` hears what the socket reads from now on, in the shared buffer where it has it. */
export function hearReads(socket: Socket, onRead: OnRead): void {
  if ('hears' in socket) {
    ;(socket as SharedReader).hears = onRead
    socket.resume()
  } else socket.on('data', (bytes: Buffer) => onRead(socket, bytes, bytes.length))
}

/** Nobody hears them until somebody says so again. */
export function forgetReads(socket: Socket): void {
  if ('hears' in socket) (socket as SharedReader).hears = undefined
  else socket.removeAllListeners('data')
}

/** A socket on the connection, that reads into the shared buffer. */
export function sharedSocket({ handle, server }: Accepted): Socket {
  const options = { handle, allowHalfOpen: true, onread: SHARED_READS }
  const socket = new net.Socket(options as unknown as net.SocketConstructorOpts)
  ;(socket as SharedReader).hears = undefined
  // The server counts the connection until this socket closes.
  const internals = socket as unknown as SocketInternals
  internals._server = server
  internals.server = server
  return socket
}

/**
 * The socket to use instead of the accepted one; `onRead` hears its reads, there are no 'data' events. Nothing may have
 * been attached to the accepted socket yet.
 */
export function withSharedReads(accepted: Socket, onRead: OnRead): Socket {
  const taken = takeHandle(accepted)
  const socket = taken === undefined ? accepted : sharedSocket(taken)
  hearReads(socket, onRead)
  return socket
}
