/**
 * Frames on their way out: written one behind the other into a block, and handed to the transport in one piece.
 *
 * A block is never written twice, so the transport may keep what it was handed for as long as it likes.
 */

import { FRAME_HEAD_BYTES } from '../../http/h2/frame.ts'
import { copyBytes } from './copy-bytes.ts'

const BLOCK_BYTES = 65_536

export class FrameWriter {
  readonly #handOver: (bytes: Buffer) => void
  #block: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0

  constructor(handOver: (bytes: Buffer) => void) {
    this.#handOver = handOver
  }

  /** Begins a frame whose `length` bytes of payload follow by `number` and `bytes`. */
  head(length: number, typeAndFlags: number, streamId: number): void {
    this.#reserve(FRAME_HEAD_BYTES + length)
    const block = this.#block
    const at = this.#end
    block[at] = length >>> 16
    block[at + 1] = length >>> 8
    block[at + 2] = length
    block[at + 3] = typeAndFlags >>> 8
    block[at + 4] = typeAndFlags
    block[at + 5] = streamId >>> 24
    block[at + 6] = streamId >>> 16
    block[at + 7] = streamId >>> 8
    block[at + 8] = streamId
    this.#end = at + FRAME_HEAD_BYTES
  }

  /** 32 bits. */
  number(value: number): void {
    this.#end = this.#block.writeUInt32BE(value >>> 0, this.#end)
  }

  /** A setting: 16 bits and 32. */
  setting(id: number, value: number): void {
    this.#end = this.#block.writeUInt16BE(id, this.#end)
    this.number(value)
  }

  bytes(source: Uint8Array, from: number, to: number): void {
    copyBytes(source, from, to, this.#block, this.#end)
    this.#end += to - from
  }

  /** Everything written so far goes to the transport. */
  flush(): void {
    if (this.#end === this.#start) return
    const bytes = this.#block.subarray(this.#start, this.#end)
    this.#start = this.#end
    this.#handOver(bytes)
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#block.length) return
    this.flush()
    this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes))
    this.#start = 0
    this.#end = 0
  }
}

/** Type and flags of a frame as one number. */
export function frameType(type: number, flags = 0): number {
  return (type << 8) | flags
}
