// hot path — see STYLE §8
/**
 * One stream of a client connection (RFC 9113 §5): states and windows of both directions, and what waits for them.
 *
 * What the client sends before it is wanted waits here, at most a window of it; what it does not take yet waits here as
 * well. So a stream that is slow holds up nobody but itself.
 */

import { CODE, FRAME, WINDOW_BYTES_MAX } from '../h2/frame.ts'
import type { DataPiece } from '../h2/frame-reader.ts'
import type { H2Exchange } from './h2-exchange.ts'
import { STREAM_WINDOW_BYTES } from './h2-limits.ts'
import type { H2Head, H2Output } from './h2-output.ts'
import type { H2Sender } from './h2-sender.ts'

/** The connection, as far as a stream needs it. */
export interface StreamOwner {
  readonly output: H2Output
  readonly sender: H2Sender
  readonly writeTimeoutMs: number
  /** Body bytes have been taken: the client may send as many more. */
  taken(bytes: number): void
  streamClosed(stream: H2Stream): void
  /** The client has not read the response for too long. */
  streamStalled(stream: H2Stream): void
}

const NOTHING = Buffer.alloc(0)
const HELD_BLOCK_BYTES = 8_192

export class H2Stream {
  readonly id: number
  sendWindow: number
  /** Undefined: the request was refused. */
  exchange: H2Exchange | undefined
  remoteEnded: boolean
  localEnded = false
  closed = false
  /** What is done with body bytes as they come. */
  #mode: 'hold' | 'pass' | 'drop' = 'hold'

  readonly #owner: StreamOwner
  #receiveWindow = STREAM_WINDOW_BYTES
  /** Of the content-length, what has not come yet; -1: there is none. */
  #expectedBytes = -1
  /** Taken, and not yet given back to the window. */
  #takenBytes = 0
  #held: Buffer[] | undefined
  #heldBytes = 0
  /** The block that the last of `#held` stands in, and how far it is used. */
  #heldBlock = NOTHING
  #heldEnd = 0

  #queue: Buffer[] | undefined
  #queuedBytes = 0
  #endQueued = false
  /** A write was refused; the writer waits to hear that it may go on. */
  #refused = false
  #queuedBefore = 0
  #stalledMs = 0

  constructor(id: number, owner: StreamOwner, ended: boolean) {
    this.id = id
    this.#owner = owner
    this.remoteEnded = ended
    this.sendWindow = owner.sender.initialWindow
  }

  /** Bytes of the body that wait for a reader. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** HEADERS; the last frame of the response if `last`. */
  head(head: H2Head, last: boolean): void {
    if (this.closed || this.localEnded) return
    this.#owner.output.head(this.id, head, last)
    if (last) this.#endLocal()
  }

  /** DATA, copied. False: not all of it is on its way. `last`: END_STREAM behind it. */
  write(chunk: Uint8Array, last: boolean): boolean {
    if (this.closed || this.localEnded) return true
    const { sender, output } = this.#owner
    let sent = 0
    if (this.#queue === undefined) {
      if (chunk.length === 0) {
        if (last) this.#sendEnd(output)
        return true
      }
      if (!sender.busy) sent = sender.send(this, chunk, last)
      if (sent === chunk.length) {
        if (last) this.#endLocal()
        return true
      }
    }
    this.#enqueue(chunk, sent, last)
    return false
  }

  reset(code: number): void {
    if (this.closed) return
    this.#owner.output.number(FRAME.reset, this.id, code)
    this.#close()
  }

  /** Hands over what waits, and what comes from now on. */
  pass(): void {
    this.#mode = 'pass'
    while (this.#held !== undefined && this.#mode === 'pass') {
      const chunk = this.#held.shift()!
      if (this.#held.length === 0) this.#held = undefined
      this.#heldBytes -= chunk.length
      this.#take(chunk.length)
      this.exchange?.receive(chunk)
    }
    if (this.#mode === 'pass' && this.#held === undefined && this.remoteEnded) {
      this.exchange?.inputEnded()
    }
  }

  hold(): void {
    if (this.#mode === 'pass') this.#mode = 'hold'
  }

  /** The rest of the body is of no use. The client stops at the end of its window. */
  drop(): void {
    this.#mode = 'drop'
    this.#owner.taken(this.#heldBytes)
    this.#held = undefined
    this.#heldBytes = 0
  }

  /** Everything that waits, as one. */
  takeHeld(): Buffer {
    const held = this.#held
    if (held === undefined) return NOTHING
    this.#held = undefined
    this.#owner.taken(this.#heldBytes)
    this.#heldBytes = 0
    return held.length === 1 ? held[0]! : Buffer.concat(held)
  }

  // What follows is for the connection.

  /** The content-length of the request; -1: there is none. */
  expect(bodyBytes: number): void {
    this.#expectedBytes = bodyBytes
  }

  /** An error code when the client has sent more than it may, or less than it said. */
  received(piece: DataPiece): number {
    this.#receiveWindow -= piece.flowBytes
    if (this.#receiveWindow < 0) return CODE.flowControlError
    const length = piece.to - piece.from
    // RFC 9113 §8.1.1.
    if (!this.#countDown(length, piece.ended)) return CODE.protocolError
    if (piece.ended) this.remoteEnded = true
    // Padding counts, and is worth nothing: it is given back at once.
    if (piece.flowBytes > length) this.#take(piece.flowBytes - length)
    if (length > 0) this.#receivedBytes(piece.bytes.subarray(piece.from, piece.to))
    if (piece.ended) this.#passEnd()
    return CODE.noError
  }

  /** Trailers: nothing of them is passed on but that they are the end. False: too little has come before them. */
  receivedEnd(): boolean {
    if (!this.#countDown(0, true)) return false
    this.remoteEnded = true
    this.#passEnd()
    return true
  }

  /** The client, or the connection, has ended it. */
  receivedReset(): void {
    this.remoteEnded = true
    if (!this.closed) this.#close()
  }

  /** False: the window would be larger than a window may be. */
  widen(increment: number): boolean {
    this.sendWindow += increment
    if (this.sendWindow > WINDOW_BYTES_MAX) return false
    if (this.#queue !== undefined && this.sendWindow > 0) this.#owner.sender.wait(this)
    return true
  }

  /** Sends one frame of what waits. */
  takeTurn(): void {
    const queue = this.#queue
    if (queue === undefined) return
    const chunk = queue[0]!
    const last = this.#endQueued && queue.length === 1
    const sent = this.#owner.sender.sendOne(this, chunk, 0, last)
    this.#queuedBytes -= sent
    if (sent < chunk.length) queue[0] = chunk.subarray(sent)
    else queue.shift()
    if (queue.length > 0) {
      if (this.sendWindow > 0) this.#owner.sender.wait(this)
      return
    }
    this.#queue = undefined
    if (last) this.#endLocal()
    else if (this.#refused) {
      this.#refused = false
      this.exchange?.drained()
    }
  }

  /** Looks for a client that does not read. Called every `elapsedMs`. */
  watch(elapsedMs: number): void {
    if (this.#queuedBytes === 0 || this.#queuedBytes !== this.#queuedBefore) {
      this.#queuedBefore = this.#queuedBytes
      this.#stalledMs = 0
    } else {
      this.#stalledMs += elapsedMs
      if (this.#stalledMs >= this.#owner.writeTimeoutMs) {
        this.#owner.streamStalled(this)
        return
      }
    }
    this.exchange?.watchBody(elapsedMs)
  }

  #countDown(length: number, ended: boolean): boolean {
    if (this.#expectedBytes < 0) return true
    this.#expectedBytes -= length
    return this.#expectedBytes >= 0 && (!ended || this.#expectedBytes === 0)
  }

  #passEnd(): void {
    if (this.closed || this.#mode !== 'pass' || this.#held !== undefined) return
    this.exchange?.inputEnded()
  }

  #receivedBytes(chunk: Buffer): void {
    if (this.#mode === 'pass' && this.#held === undefined) {
      this.#take(chunk.length)
      this.exchange?.receive(chunk)
    } else if (this.#mode === 'drop') this.#owner.taken(chunk.length)
    else this.#keep(chunk)
  }

  /** A copy; many small ones share a block, or a byte would cost a hundred. */
  #keep(chunk: Buffer): void {
    this.#heldBytes += chunk.length
    if (this.#held === undefined) {
      this.#held = [Buffer.from(chunk)]
      this.#heldBlock = NOTHING
      this.#heldEnd = 0
      return
    }
    if (this.#heldEnd + chunk.length > this.#heldBlock.length) {
      this.#heldBlock = Buffer.allocUnsafeSlow(Math.max(HELD_BLOCK_BYTES, chunk.length))
      this.#heldEnd = 0
      this.#held.push(NOTHING)
    }
    const block = this.#heldBlock
    chunk.copy(block, this.#heldEnd)
    this.#heldEnd += chunk.length
    // The last is what stands in the block; what has been handed over of it begins a new one.
    this.#held[this.#held.length - 1] = block.subarray(0, this.#heldEnd)
  }

  /** The window is opened again once half of it has been used. */
  #take(bytes: number): void {
    this.#owner.taken(bytes)
    this.#takenBytes += bytes
    if (this.remoteEnded || this.closed || this.#takenBytes < STREAM_WINDOW_BYTES / 2) return
    this.#owner.output.number(FRAME.windowUpdate, this.id, this.#takenBytes)
    this.#receiveWindow += this.#takenBytes
    this.#takenBytes = 0
  }

  #enqueue(chunk: Uint8Array, sent: number, last: boolean): void {
    this.#endQueued = last
    this.#refused = true
    if (sent < chunk.length) {
      this.#queue ??= []
      this.#queue.push(Buffer.from(sent === 0 ? chunk : chunk.subarray(sent)))
      this.#queuedBytes += chunk.length - sent
    }
    // Without a window of its own, the client's update wakes it.
    if (this.sendWindow > 0) this.#owner.sender.wait(this)
  }

  #sendEnd(output: H2Output): void {
    output.data(this.id, NOTHING, true)
    this.#endLocal()
  }

  /** RFC 9113 §8.1: answered before the request was read, so the client may stop sending it. */
  #endLocal(): void {
    this.localEnded = true
    if (this.remoteEnded) this.#close()
    else this.reset(CODE.noError)
  }

  #close(): void {
    this.closed = true
    this.#queue = undefined
    this.#queuedBytes = 0
    this.drop()
    this.#owner.sender.forget(this)
    this.#owner.streamClosed(this)
  }
}
