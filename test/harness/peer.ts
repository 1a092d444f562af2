/**
 * One end of a raw connection, scripted: the client of a scenario, or one connection that an origin accepted.
 */

import type { Socket } from 'node:net'
import { ByteStream } from './byte-stream.ts'
import { Message, readField } from './message.ts'

export class Peer {
  readonly socket: Socket
  readonly stream: ByteStream

  constructor(socket: Socket) {
    this.socket = socket
    this.stream = new ByteStream(socket)
    socket.setNoDelay(true)
  }

  /** Writes bytes as they are; a string is latin1. */
  send(bytes: string | Uint8Array): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    return this
  }

  /** Writes and resolves when the kernel has taken it all. */
  flush(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()))
  }

  /** Half-closes: says that no more will come, and goes on reading. */
  end(): this {
    this.socket.end()
    return this
  }

  /** Breaks the connection with a RST. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** Reads one whole request. */
  async request(): Promise<Message> {
    const request = await this.requestHead()
    if (request.framing !== 'none') await this.#body(request)
    return request
  }

  /** Reads a request up to its empty line, for a script that answers before the body. */
  async requestHead(): Promise<Message> {
    const request = new Message(await this.stream.takeUntil('\r\n\r\n'))
    void request.requestLine
    return request
  }

  /** Reads one whole response. `to`: the method it answers, since HEAD has no body. */
  async response(to = 'GET'): Promise<Message> {
    const response = await this.responseHead()
    const bodiless = to === 'HEAD' || response.status < 200 || [204, 304].includes(response.status)
    if (bodiless) return response
    if (response.framing === 'none') response.body = await this.stream.takeRest()
    else await this.#body(response)
    return response
  }

  async responseHead(): Promise<Message> {
    const response = new Message(await this.stream.takeUntil('\r\n\r\n'))
    void response.status
    return response
  }

  /** One chunk of a chunked body; empty at the end. */
  async chunk(): Promise<Buffer> {
    const size = await this.stream.takeUntil('\r\n')
    if (!/^[0-9a-fA-F]{1,8}$/.test(size)) throw new Error(`chunk size ${JSON.stringify(size)}`)
    const bytes = await this.stream.take(Number.parseInt(size, 16))
    if (bytes.length > 0 && (await this.stream.take(2)).toString() !== '\r\n') {
      throw new Error('chunk without its line end')
    }
    return bytes
  }

  /** Waits until the peer has closed; returns the bytes that came before and were not read. */
  async closed(): Promise<string> {
    return (await this.stream.takeRest()).toString('latin1')
  }

  async #body(message: Message): Promise<void> {
    if (message.framing !== 'chunked') {
      message.body = await this.stream.take(message.framing as number)
      return
    }
    const chunks: Buffer[] = []
    for (let chunk = await this.chunk(); chunk.length > 0; chunk = await this.chunk()) {
      chunks.push(chunk)
    }
    message.chunks = chunks.map((chunk) => chunk.length)
    message.body = Buffer.concat(chunks)
    message.trailers = await this.#trailers()
  }

  async #trailers(): Promise<(readonly [string, string])[]> {
    const trailers = []
    for (;;) {
      const line = await this.stream.takeUntil('\r\n')
      if (line === '') return trailers
      trailers.push(readField(line))
    }
  }
}
