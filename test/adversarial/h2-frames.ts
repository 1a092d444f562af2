/**
 * An HTTP/2 client that says exactly what it is told, right or wrong: frames as bytes over TLS (RFC 9113 §4, §6).
 *
 * Header lists are literals without index or Huffman code (RFC 7541 §6.2.2), so a test sees what it sends.
 */

import tls from 'node:tls'

export const DATA = 0
export const HEADERS = 1
export const PRIORITY = 2
export const RST_STREAM = 3
export const SETTINGS = 4
export const PUSH_PROMISE = 5
export const PING = 6
export const GOAWAY = 7
export const WINDOW_UPDATE = 8
export const CONTINUATION = 9

export const END_STREAM = 0x1
export const ACK = 0x1
export const END_HEADERS = 0x4
export const PADDED = 0x8

/** RFC 9113 §7. */
export const CODE = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  ENHANCE_YOUR_CALM: 11,
} as const

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

export type Field = readonly [name: string, value: string]

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A header block of literals. */
export function block(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]),
  )
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  return Buffer.concat([prefixInteger(bytes.length, 7, 0), bytes])
}

/** RFC 7541 §5.1. */
export function prefixInteger(value: number, prefixBits: number, pattern: number): Buffer {
  const max = 2 ** prefixBits - 1
  if (value < max) return Buffer.from([pattern | value])
  const bytes = [pattern | max]
  let rest = value - max
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

/** A GET of `/`, with fields replaced or added. */
export function request(...fields: Field[]): Field[] {
  const given = new Set(fields.map(([name]) => name))
  const pseudo: Field[] = [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':authority', 'localhost'],
    [':path', '/'],
  ]
  const replaced = fields.filter(([name]) => name.startsWith(':'))
  const rest = fields.filter(([name]) => !name.startsWith(':'))
  return [...pseudo.filter(([name]) => !given.has(name)), ...replaced, ...rest]
}

export function headers(stream: number, fields: readonly Field[], flags = END_STREAM): Buffer {
  return frame(HEADERS, flags | END_HEADERS, stream, block(fields))
}

export function data(stream: number, bytes: Uint8Array | string, flags = 0): Buffer {
  return frame(DATA, flags, stream, Buffer.from(bytes as Uint8Array))
}

export function resetStream(stream: number, code: number = CODE.CANCEL): Buffer {
  return frame(RST_STREAM, 0, stream, uint32(code))
}

export function windowUpdate(stream: number, increment: number): Buffer {
  return frame(WINDOW_UPDATE, 0, stream, uint32(increment))
}

/** Pairs of identifier and value. */
export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = pairs.map(([id, value]) => {
    const pair = Buffer.alloc(6)
    pair.writeUInt16BE(id, 0)
    pair.writeUInt32BE(value, 2)
    return pair
  })
  return frame(SETTINGS, 0, 0, Buffer.concat(payload))
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** How a server ended a connection. */
export interface Farewell {
  /** Code of the last GOAWAY; undefined when there was none. */
  readonly goaway: number | undefined
}

interface Waiter {
  readonly wanted: (frame: Frame) => boolean
  readonly found: (frame: Frame | undefined) => void
}

export class RawClient {
  /** Everything received so far. */
  readonly frames: Frame[] = []
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<Farewell>
  readonly socket: tls.TLSSocket
  #bytes: Buffer = Buffer.alloc(0)
  #waiters: Waiter[] = []
  #ended = false
  #pings = 0

  private constructor(socket: tls.TLSSocket) {
    this.socket = socket
    socket.setNoDelay()
    socket.on('data', (bytes: Buffer) => this.#received(bytes))
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#ended = true
        for (const waiter of this.#waiters) waiter.found(undefined)
        const goaway = this.frames.findLast(({ type }) => type === GOAWAY)
        resolve({ goaway: goaway?.payload.readUInt32BE(4) })
      })
    })
  }

  /** Connected, nothing said yet. */
  static bare(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = tls.connect(
        { port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false },
        () => resolve(new RawClient(socket)),
      )
      socket.once('error', reject)
    })
  }

  /** Past the exchange of settings. */
  static async connect(port: number, ...first: Buffer[]): Promise<RawClient> {
    const client = await RawClient.bare(port)
    client.send(PREFACE, first.length > 0 ? Buffer.concat(first) : settings())
    await client.first(({ type, flags }) => type === SETTINGS && flags !== ACK)
    client.send(frame(SETTINGS, ACK, 0))
    return client
  }

  /** Writes frames; false once the connection is gone. */
  send(...frames: Buffer[]): boolean {
    if (this.#ended || this.socket.destroyed) return false
    this.socket.write(Buffer.concat(frames))
    return true
  }

  /** Writes and waits until the bytes have left. False once the server has said goodbye or gone. */
  async flood(bytes: Buffer): Promise<boolean> {
    if (this.#ended || this.dismissed || this.socket.destroyed) return false
    if (this.socket.write(bytes)) return true
    const drained = new Promise((resolve) => this.socket.once('drain', resolve))
    await Promise.race([drained, this.first(({ type }) => type === GOAWAY)])
    return !this.#ended && !this.dismissed
  }

  /** A GOAWAY has arrived. */
  get dismissed(): boolean {
    return this.frames.some(({ type }) => type === GOAWAY)
  }

  /** The first frame, received or to come, that is wanted; undefined if the connection closes before. */
  first(wanted: (frame: Frame) => boolean): Promise<Frame | undefined> {
    const there = this.frames.find(wanted)
    if (there !== undefined || this.#ended) return Promise.resolve(there)
    return new Promise((found) => {
      this.#waiters.push({ wanted, found })
    })
  }

  /** Waits until everything sent so far has been worked on. False if the connection did not survive it. */
  async alive(): Promise<boolean> {
    const payload = Buffer.alloc(8)
    payload.writeUInt32BE(++this.#pings, 4)
    this.send(frame(PING, 0, 0, payload))
    const pong = await this.first(
      ({ type, flags, payload: echo }) => type === PING && flags === ACK && echo.equals(payload),
    )
    return pong !== undefined
  }

  /** Status of the response on a stream, or the code that it was reset with. */
  async outcome(stream: number): Promise<string> {
    const answer = await this.first(
      (one) => one.stream === stream && (one.type === HEADERS || one.type === RST_STREAM),
    )
    if (answer === undefined) return `closed ${(await this.closed).goaway}`
    if (answer.type === RST_STREAM) return `reset ${answer.payload.readUInt32BE(0)}`
    return `status ${statusOf(answer.payload)}`
  }

  end(): void {
    this.socket.destroy()
  }

  #received(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
    while (this.#bytes.length >= 9) {
      const end = 9 + this.#bytes.readUIntBE(0, 3)
      if (this.#bytes.length < end) return
      this.#deliver({
        type: this.#bytes[3]!,
        flags: this.#bytes[4]!,
        stream: this.#bytes.readUInt32BE(5),
        payload: Buffer.from(this.#bytes.subarray(9, end)),
      })
      this.#bytes = this.#bytes.subarray(end)
    }
  }

  #deliver(received: Frame): void {
    this.frames.push(received)
    this.#waiters = this.#waiters.filter(({ wanted, found }) => {
      if (!wanted(received)) return true
      found(received)
      return false
    })
  }
}

/** Statuses of the static table (RFC 7541, appendix A), by index. */
const STATIC_STATUSES = ['200', '204', '206', '304', '400', '404', '500']

/** `:status` from the first field of a block, which stands in the static table or is a literal. */
function statusOf(bytes: Buffer): string {
  let at = 0
  // Dynamic table size updates come first (RFC 7541 §6.3).
  while ((bytes[at]! & 0xe0) === 0x20) at++
  const first = bytes[at]!
  if ((first & 0x80) !== 0) return STATIC_STATUSES[(first & 0x7f) - 8] ?? 'of no table'
  return bytes.toString('latin1', at + 2, at + 2 + bytes[at + 1]!)
}
