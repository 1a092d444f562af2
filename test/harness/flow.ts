/** Large bodies: sends under back-pressure, and waits for the moment at which nothing moves any more. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Peer } from './peer.ts'

const PIECE = 65_536
/** Polls without progress after which a flow counts as held back. */
const QUIET_POLLS = 40
const POLL_MS = 5

/** A body on its way out of one peer. */
export class Flow {
  sent = 0
  readonly finished: Promise<void>

  constructor(peer: Peer, bytes: number) {
    this.finished = this.#pump(peer, bytes)
  }

  async #pump(peer: Peer, bytes: number): Promise<void> {
    while (this.sent < bytes) {
      const piece = pattern(this.sent, Math.min(PIECE, bytes - this.sent))
      await peer.flush(piece)
      this.sent += piece.length
    }
  }

  /** Resolves to the bytes sent, once back-pressure (or the end) has stopped the flow. */
  async stalled(): Promise<number> {
    let before = -1
    for (let quiet = 0; quiet < QUIET_POLLS; quiet++) {
      if (this.sent !== before) quiet = 0
      before = this.sent
      await pause(POLL_MS)
    }
    return this.sent
  }
}

/** Bytes that tell where in the body they stand, so that a lost or doubled piece shows. */
export function pattern(offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < length; i += 4)
    bytes.writeUInt32LE((offset + i) >>> 0, Math.min(i, length - 4))
  return bytes
}

/** Offset of the first byte that is not the pattern's, or -1. */
export function firstDifference(bytes: Uint8Array): number {
  const whole = bytes.length - (bytes.length % 4)
  const view = new DataView(bytes.buffer, bytes.byteOffset, whole)
  for (let i = 0; i < whole; i += 4) if (view.getUint32(i, true) !== i) return i
  return -1
}
