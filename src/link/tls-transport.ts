/** A TLS connection as the transport of a link. */

import type { TLSSocket } from 'node:tls'
import { readInto } from './shared-tls-read.ts'
import type { LinkTransport, TransportListener } from './transport.ts'

/** Beyond it data waits in its streams, where it can be held back one by one. */
const CONGESTED_FROM_BYTES = 524_288

export class TlsTransport implements LinkTransport {
  readonly #socket: TLSSocket
  #closed = false

  constructor(socket: TLSSocket) {
    this.#socket = socket
    socket.setNoDelay(true)
  }

  /** Bytes are read from here on. Nobody has read any yet. */
  attach(listener: TransportListener): void {
    const socket = this.#socket
    let detail = 'the connection was closed'
    socket.on('drain', () => listener.onDrain())
    socket.on('error', (error: NodeJS.ErrnoException) => {
      detail = `${error.code ?? error.name}: ${error.message}`
    })
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      if (this.#closed) return
      this.#closed = true
      listener.onClosed(detail)
    })
    readInto(socket, (bytes) => listener.onBytes(bytes))
  }

  get congested(): boolean {
    return this.#socket.writableLength > CONGESTED_FROM_BYTES
  }

  write(bytes: Buffer, written?: () => void): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes, written)
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
