// hot path — see STYLE §8
/**
 * Frames on their way out of one connection (RFC 9113 §4.1, §6): written one behind the other into blocks, handed to the
 * socket once a turn of the event loop and one write at a time, so that everything that became ready meanwhile shares
 * a write and a TLS record.
 *
 * Blocks belong to the thread and are held only while something waits in them: a connection that is idle has none.
 */

import type { Socket } from 'node:net'
import { FLAG, FRAME, FRAME_HEAD_BYTES } from '../h2/frame.ts'
import { fieldBlockRoom, writeContentLength, writeResponseFields } from '../message/h2-fields.ts'
import { FRAME_BYTES_MAX } from './h2-limits.ts'

/** Two of the largest frames and some small ones. */
const BLOCK_BYTES = 2 * (FRAME_BYTES_MAX + FRAME_HEAD_BYTES) + 1_024
/** Blocks that the thread keeps for the next who needs one. */
const FREE_BLOCKS_MAX = 64
/** Above it streams wait with their data. */
const CONGESTED_BYTES = 65_536
/** RFC 7541 §6.3: a dynamic table of no bytes, said once, in front of the first block. */
const NO_TABLE = 0x20

class OutputBlock {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  end = 0
}

const freeBlocks: OutputBlock[] = []

/** Those that have something to write at the end of this turn. */
let waiting: H2Output[] = []

export interface H2Head {
  readonly status: number
  readonly headers: string
  /** -1: no content-length. */
  readonly bodyBytes: number
}

/** Node's own: below the handle of TLS is that of TCP, which knows what the kernel has not taken. */
interface SecuredSocket extends Socket {
  readonly _handle?: { readonly _parent?: { readonly writeQueueSize?: number } } | null
}

export interface H2OutputOwner {
  /** Bytes have left. */
  onWritten(): void
}

export class H2Output {
  /** Bytes that the kernel has not taken yet. */
  pendingBytes = 0
  #sentBytes = 0
  readonly #socket: SecuredSocket
  readonly #owner: H2OutputOwner
  /** Frames are written into it. */
  #block: OutputBlock | undefined
  /** Those in front of it, which are full. */
  #full: OutputBlock[] | undefined
  /** The one that the socket has. */
  #written: OutputBlock | undefined
  #awaitsFlush = false
  #ending = false
  #saidNoTable = false

  constructor(socket: Socket, owner: H2OutputOwner) {
    this.#socket = socket
    this.#owner = owner
  }

  /** Bytes that wait because the client does not read. */
  get queuedBytes(): number {
    return this.#socket._handle?._parent?.writeQueueSize ?? this.pendingBytes
  }

  /** A figure that stands still only while the client takes nothing: writes that are done, and the kernel's progress. */
  get takenBytes(): number {
    return this.#sentBytes - this.queuedBytes
  }

  get congested(): boolean {
    return this.pendingBytes >= CONGESTED_BYTES
  }

  /** A frame of one 32-bit number. */
  number(type: number, streamId: number, value: number): void {
    const at = this.#begin(4, type << 8, streamId)
    this.#block!.bytes.writeUInt32BE(value >>> 0, at)
  }

  /** A frame with these bytes. `kind`: type and flags. */
  bytes(kind: number, streamId: number, source: Uint8Array): void {
    const at = this.#begin(source.length, kind, streamId)
    this.#block!.bytes.set(source, at)
  }

  /** DATA. The piece is not larger than a frame. */
  data(streamId: number, piece: Uint8Array, last: boolean): void {
    const at = this.#begin(piece.length, (FRAME.data << 8) | (last ? FLAG.endStream : 0), streamId)
    if (piece.length > 0) this.#block!.bytes.set(piece, at)
  }

  head(streamId: number, head: H2Head, last: boolean): void {
    const room = fieldBlockRoom(head.headers)
    if (room > FRAME_BYTES_MAX) {
      this.#longHead(streamId, head, last)
      return
    }
    const kind = (FRAME.headers << 8) | FLAG.endHeaders | (last ? FLAG.endStream : 0)
    const start = this.#begin(room, kind, streamId)
    this.#cut(start, this.#fields(this.#block!.bytes, start, head))
  }

  /** Drops what has not been handed to the socket. */
  discard(): void {
    for (const block of this.#full ?? []) release(block)
    if (this.#block !== undefined) release(this.#block)
    this.#full = undefined
    this.#block = undefined
    this.pendingBytes = this.#written?.end ?? 0
  }

  /** FIN behind everything that waits. */
  end(): void {
    if (this.#ending) return
    this.#ending = true
    this.flush()
    if (this.pendingBytes === 0) this.#socket.end()
  }

  flush(): void {
    this.#awaitsFlush = false
    if (this.#written !== undefined || this.#socket.destroyed) return
    const block = this.#nextBlock()
    if (block === undefined) return
    this.#written = block
    this.#socket.write(block.bytes.subarray(0, block.end), this.#onWritten)
  }

  #nextBlock(): OutputBlock | undefined {
    const full = this.#full?.shift()
    if (full !== undefined) return full
    const block = this.#block
    this.#full = undefined
    this.#block = undefined
    return block
  }

  readonly #onWritten = (error?: Error | null): void => {
    const block = this.#written!
    this.#written = undefined
    this.pendingBytes -= block.end
    this.#sentBytes += block.end
    release(block)
    // 'close' follows and does the work.
    if (error !== undefined && error !== null) return
    this.#owner.onWritten()
    if (this.pendingBytes > 0) this.flush()
    else if (this.#ending) this.#socket.end()
  }

  /** The head of a frame; returns where its payload goes, for which there is room in `#block`. */
  #begin(length: number, kind: number, streamId: number): number {
    const block = this.#reserve(FRAME_HEAD_BYTES + length)
    const at = block.end
    writeHead(block.bytes, at, length, kind)
    block.bytes.writeUInt32BE(streamId, at + 5)
    block.end = at + FRAME_HEAD_BYTES + length
    this.pendingBytes += FRAME_HEAD_BYTES + length
    if (!this.#awaitsFlush) {
      this.#awaitsFlush = true
      flushSoon(this)
    }
    return at + FRAME_HEAD_BYTES
  }

  /** The payload of the frame begun last ends at `end`, before what was reserved for it. */
  #cut(start: number, end: number): void {
    const block = this.#block!
    const length = end - start
    const { bytes } = block
    bytes[start - 9] = length >>> 16
    bytes[start - 8] = length >>> 8
    bytes[start - 7] = length
    this.pendingBytes -= block.end - end
    block.end = end
  }

  #fields(target: Buffer, at: number, head: H2Head): number {
    let start = at
    if (!this.#saidNoTable) {
      this.#saidNoTable = true
      target[start++] = NO_TABLE
    }
    const end = writeResponseFields(target, start, head.status, head.headers)
    return head.bodyBytes < 0 ? end : writeContentLength(target, end, head.bodyBytes)
  }

  /** HEADERS and CONTINUATION. */
  #longHead(streamId: number, head: H2Head, last: boolean): void {
    const target = Buffer.allocUnsafe(fieldBlockRoom(head.headers))
    const length = this.#fields(target, 0, head)
    let kind = (FRAME.headers << 8) | (last ? FLAG.endStream : 0)
    for (let from = 0; from < length; from += FRAME_BYTES_MAX) {
      const to = Math.min(length, from + FRAME_BYTES_MAX)
      if (to === length) kind |= FLAG.endHeaders
      this.bytes(kind, streamId, target.subarray(from, to))
      kind = FRAME.continuation << 8
    }
  }

  #reserve(bytes: number): OutputBlock {
    const block = this.#block
    if (block !== undefined) {
      if (block.end + bytes <= BLOCK_BYTES) return block
      this.#full ??= []
      this.#full.push(block)
    }
    const next = freeBlocks.pop() ?? new OutputBlock()
    next.end = 0
    this.#block = next
    return next
  }
}

function release(block: OutputBlock): void {
  if (freeBlocks.length < FREE_BLOCKS_MAX) freeBlocks.push(block)
}

/** Length, type and flags. */
function writeHead(bytes: Buffer, at: number, length: number, kind: number): void {
  bytes[at] = length >>> 16
  bytes[at + 1] = length >>> 8
  bytes[at + 2] = length
  bytes[at + 3] = kind >>> 8
  bytes[at + 4] = kind
}

function flushSoon(output: H2Output): void {
  if (waiting.length === 0) setImmediate(flushWaiting)
  waiting.push(output)
}

function flushWaiting(): void {
  const outputs = waiting
  waiting = []
  for (const output of outputs) output.flush()
}
