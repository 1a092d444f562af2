/** A TLS connection as the transport of a link. */

import type { TLSSocket } from 'node:tls'
import type { LinkTransport, TransportListener } from './transport.ts'

/** Beyond it data waits in its streams, where it can be held back one by one. */
const CONGESTED_FROM_BYTES = 262_144

export class TlsTransport implements LinkTransport {
  readonly #socket: TLSSocket
  #closed = false

  constructor(socket: TLSSocket) {
    this.#socket = socket
    socket.setNoDelay(true)
  }

  /** Bytes are read from here on. */
  attach(listener: TransportListener): void {
    const socket = this.#socket
    let detail = 'the connection was closed'
    socket.on('data', (bytes: Buffer) => listener.onBytes(bytes))
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
  }

  get congested(): boolean {
    return this.#socket.writableLength > CONGESTED_FROM_BYTES
  }

  write(bytes: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes)
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
