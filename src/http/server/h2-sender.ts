// hot path — see STYLE §8
/**
 * DATA of all streams of a connection on its way out (RFC 9113 §5.2): windows, and whose turn it is.
 *
 * A stream that has something to send while others wait stands behind them. Each sends one frame a turn, so a large
 * response never holds up a small one.
 */

import { INITIAL_WINDOW_BYTES, WINDOW_BYTES_MAX } from '../h2/frame.ts'
import { FRAME_BYTES_MAX } from './h2-limits.ts'
import type { H2Output } from './h2-output.ts'
import type { H2Stream } from './h2-stream.ts'

export class H2Sender {
  /** What a new stream may send. */
  initialWindow = INITIAL_WINDOW_BYTES
  readonly #output: H2Output
  /** What all streams together may send. */
  #window = INITIAL_WINDOW_BYTES
  /** Have data, and a window of their own; in the order of their turns. */
  readonly #waiting = new Set<H2Stream>()
  #pumping = false

  constructor(output: H2Output) {
    this.#output = output
  }

  /** Whoever comes now has to wait. */
  get busy(): boolean {
    return this.#waiting.size > 0 || this.#output.congested
  }

  /** False: the window would be larger than a window may be. */
  widen(increment: number): boolean {
    this.#window += increment
    if (this.#window > WINDOW_BYTES_MAX) return false
    this.pump()
    return true
  }

  /** Sends as many frames as windows and socket allow; returns the bytes. `last`: they are the stream's last. */
  send(stream: H2Stream, chunk: Uint8Array, last: boolean): number {
    let sent = 0
    while (sent < chunk.length && !this.#output.congested) {
      const count = this.sendOne(stream, chunk, sent, last)
      if (count === 0) break
      sent += count
    }
    return sent
  }

  /** One frame with what stands at `from`. */
  sendOne(stream: H2Stream, chunk: Uint8Array, from: number, last: boolean): number {
    const left = chunk.length - from
    const count = Math.min(left, this.#window, stream.sendWindow, FRAME_BYTES_MAX)
    if (count <= 0) return 0
    const piece = count === chunk.length ? chunk : chunk.subarray(from, from + count)
    this.#output.data(stream.id, piece, last && count === left)
    this.#window -= count
    stream.sendWindow -= count
    return count
  }

  /** The stream has data and a window: it gets its turn when there is one. */
  wait(stream: H2Stream): void {
    this.#waiting.add(stream)
  }

  forget(stream: H2Stream): void {
    this.#waiting.delete(stream)
  }

  /** Something has opened: a window, or the socket. */
  pump(): void {
    // A stream that is told to go on may write, and so close or open others.
    if (this.#pumping) return
    this.#pumping = true
    while (this.#window > 0 && !this.#output.congested) {
      const next = this.#waiting.values().next().value
      if (next === undefined) break
      this.#waiting.delete(next)
      next.takeTurn()
    }
    this.#pumping = false
  }
}
