/**
 * Reads of TLS connections into one buffer that all links of a thread share.
 *
 * A TLS socket makes a buffer of its own for each record of 16 KB; most of what reading a large body costs is to make and
 * to collect them. A socket that is created may be given a buffer instead (`onread` of `net.Socket`), one that a
 * server accepts may not: so it is told afterwards. Where Node should ever do it otherwise, the socket is read as usual.
 */

import type { TLSSocket } from 'node:tls'

/** Every read is handled before the next can happen. */
const SHARED_READ_BUFFER = Buffer.allocUnsafeSlow(65_536)

interface Handle {
  useUserBuffer?(buffer: Uint8Array): void
}

/** `read` hears what comes; the bytes are valid during the call. Nobody may have read from the socket yet. */
export function readInto(socket: TLSSocket, read: (bytes: Buffer) => void): void {
  const handle = (socket as unknown as { readonly _handle: Handle | null })._handle
  const slots = slotsOf(socket)
  if (slots === undefined || typeof handle?.useUserBuffer !== 'function') {
    socket.on('data', read)
    return
  }
  const early = socket.read() as Buffer | null
  Object.assign(socket, {
    [slots.buffer]: SHARED_READ_BUFFER,
    [slots.callback]: (length: number, bytes: Buffer) => read(bytes.subarray(0, length)),
  })
  handle.useUserBuffer(SHARED_READ_BUFFER)
  if (early !== null) read(early)
  socket.resume()
}

/** Where a socket keeps what `onread` gave it; undefined: not where Node 24 and 26 do. */
function slotsOf(socket: TLSSocket): { buffer: symbol; callback: symbol } | undefined {
  const symbols = Object.getOwnPropertySymbols(socket)
  const named = (name: string): symbol | undefined =>
    symbols.find(({ description }) => description === name)
  const buffer = named('kBuffer')
  const callback = named('kBufferCb')
  return buffer === undefined || callback === undefined ? undefined : { buffer, callback }
}
