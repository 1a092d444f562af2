/**
 * Frames on their way out: written one behind the other into a block, and handed to the transport in one piece.
 *
 * The transport has a block until it says that all pieces of it are written; then the block is used again, by whichever
 * connection needs one. Without that a large body leaves its own size in garbage.
 */

import { FRAME_HEAD_BYTES } from '../../http/h2/frame.ts'
import { copyBytes } from './copy-bytes.ts'

/** One large read of a target as one frame: four whole TLS records, and its head. */
const BLOCK_BYTES = 65_536 + FRAME_HEAD_BYTES
const BLOCKS_KEPT_MAX = 64

class Block {
  readonly bytes = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  /** Pieces that the transport has. */
  #pieces = 0
  #full = false
  readonly written: () => void

  constructor() {
    this.written = () => {
      this.#pieces--
      this.#keep()
    }
  }

  piece(): void {
    this.#pieces++
  }

  /** Nothing is written into it any more. */
  close(): void {
    this.#full = true
    this.#keep()
  }

  open(): this {
    this.#full = false
    return this
  }

  #keep(): void {
    if (this.#full && this.#pieces === 0 && blocks.length < BLOCKS_KEPT_MAX) blocks.push(this)
  }
}

const blocks: Block[] = []

/** `written` is to be called when the bytes are not needed any more. */
export type HandOver = (bytes: Buffer, written: (() => void) | undefined) => void

export class FrameWriter {
  readonly #handOver: HandOver
  #block: Block | undefined
  #bytes: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0

  constructor(handOver: HandOver) {
    this.#handOver = handOver
  }

  /** Begins a frame whose `length` bytes of payload follow by `number` and `bytes`. */
  head(length: number, typeAndFlags: number, streamId: number): void {
    this.#reserve(FRAME_HEAD_BYTES + length)
    const bytes = this.#bytes
    const at = this.#end
    bytes[at] = length >>> 16
    bytes[at + 1] = length >>> 8
    bytes[at + 2] = length
    bytes[at + 3] = typeAndFlags >>> 8
    bytes[at + 4] = typeAndFlags
    bytes[at + 5] = streamId >>> 24
    bytes[at + 6] = streamId >>> 16
    bytes[at + 7] = streamId >>> 8
    bytes[at + 8] = streamId
    this.#end = at + FRAME_HEAD_BYTES
  }

  /** 32 bits. */
  number(value: number): void {
    this.#end = this.#bytes.writeUInt32BE(value >>> 0, this.#end)
  }

  /** A setting: 16 bits and 32. */
  setting(id: number, value: number): void {
    this.#end = this.#bytes.writeUInt16BE(id, this.#end)
    this.number(value)
  }

  bytes(source: Uint8Array, from: number, to: number): void {
    copyBytes(source, from, to, this.#bytes, this.#end)
    this.#end += to - from
  }

  /** Latin1 text. */
  text(value: string): void {
    this.#end += this.#bytes.write(value, this.#end, 'latin1')
  }

  /** Everything written so far goes to the transport. */
  flush(): void {
    if (this.#end === this.#start) return
    const bytes = this.#bytes.subarray(this.#start, this.#end)
    this.#start = this.#end
    this.#block?.piece()
    this.#handOver(bytes, this.#block?.written)
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return
    this.flush()
    this.#block?.close()
    // More than a block is a header block of somebody who sends a very long one.
    this.#block = bytes > BLOCK_BYTES ? undefined : (blocks.pop()?.open() ?? new Block())
    this.#bytes = this.#block?.bytes ?? Buffer.allocUnsafeSlow(bytes)
    this.#start = 0
    this.#end = 0
  }
}

/** Type and flags of a frame as one number. */
export function frameType(type: number, flags = 0): number {
  return (type << 8) | flags
}
