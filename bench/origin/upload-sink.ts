/**
 * An origin for uploads: reads each request body to its last byte, then gives the origin's usual answer, keep-alive.
 *
 * nginx cannot do this without a second hop (`return` answers before the body is there). Raw sockets, so that the sink
 * costs little more than the copy out of the kernel. Understands Content-Length and chunked bodies. Runs as its own
 * process: `node upload-sink.ts PORT`.
 */
import net from 'node:net'
import { ORIGIN_JSON } from './answer.ts'

const ANSWER = `HTTP/1.1 200 OK\r\nContent-Length: ${ORIGIN_JSON.length}\r\n\r\n${ORIGIN_JSON}`
const LAST_CHUNK = '0\r\n\r\n'
const HEAD_CHARACTERS_MAX = 16_384

/** The state of one connection: first a head is gathered, then the body's bytes are counted off. */
export class UploadReader {
  #head = ''
  #inBody = false
  #missing = 0
  #chunked = false
  #tail = ''

  /** Takes the next bytes; true when a request has ended with them. */
  read(bytes: Buffer): boolean {
    if (this.#inBody) return this.#body(bytes, 0)
    const known = this.#head.length
    this.#head += bytes.toString('latin1')
    const headEnd = this.#head.indexOf('\r\n\r\n')
    if (headEnd < 0) {
      if (this.#head.length > HEAD_CHARACTERS_MAX) throw new Error('the head does not end')
      return false
    }
    const head = this.#head.slice(0, headEnd).toLowerCase()
    this.#chunked = /\r\ntransfer-encoding: *chunked/.test(head)
    this.#missing = Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0)
    this.#head = ''
    this.#tail = ''
    this.#inBody = true
    return this.#body(bytes, headEnd + 4 - known)
  }

  #body(bytes: Buffer, start: number): boolean {
    const ended = this.#chunked
      ? this.#endsWithLastChunk(bytes, start)
      : this.#counted(bytes, start)
    this.#inBody = !ended
    return ended
  }

  #counted(bytes: Buffer, start: number): boolean {
    this.#missing -= bytes.length - start
    if (this.#missing < 0) throw new Error('more bytes than Content-Length says')
    return this.#missing === 0
  }

  /** Bodies of the bench are letters, so the last chunk's five bytes occur nowhere else; no pipelining. */
  #endsWithLastChunk(bytes: Buffer, start: number): boolean {
    const from = Math.max(start, bytes.length - LAST_CHUNK.length)
    this.#tail = (this.#tail + bytes.toString('latin1', from)).slice(-LAST_CHUNK.length)
    return this.#tail === LAST_CHUNK
  }
}

function serve(port: number): net.Server {
  const server = net.createServer({ noDelay: true }, (socket) => {
    const reader = new UploadReader()
    socket.on('data', (bytes) => {
      if (reader.read(bytes as Buffer)) socket.write(ANSWER)
    })
    socket.on('error', () => socket.destroy())
  })
  return server.listen(port, '127.0.0.1', 1_024)
}

if (import.meta.main) serve(Number(process.argv[2]))
