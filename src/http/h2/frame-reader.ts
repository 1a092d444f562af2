// hot path — see STYLE §8
/**
 * Reader of HTTP/2 frames, on the side of a server (RFC 9113 §3.4, §4, §6): bytes in, calls out.
 *
 * It settles what a frame says by itself: sizes, padding, stream 0 or not, the order of a block's frames. What a stream
 * may do is its listener's business. Frames wait until they are whole, but DATA, which is passed on as it comes. Bytes
 * handed out are valid during the call.
 */

import { CODE, FLAG, FRAME, FRAME_HEAD_BYTES, PREFACE, WINDOW_BYTES_MAX } from './frame.ts'

export interface FrameLimits {
  /** The payload of a frame, as announced. */
  readonly frameBytesMax: number
  /** A block with all its CONTINUATION frames, and how many frames it may have. */
  readonly blockBytesMax: number
  readonly blockFramesMax: number
}

export interface FrameListener {
  /**
   * A piece of DATA: `[from, to)`. `flowBytes`: what it takes of the windows; padding counts. `ended`: the piece is the
   * stream's last.
   */
  onData(streamId: number, piece: DataPiece): void
  /** A whole field block: `[from, to)`. */
  onBlock(streamId: number, block: BlockPiece): void
  onPriority(): void
  onReset(streamId: number, code: number): void
  /** `[from, to)`: pairs of 16 and 32 bits. */
  onSettings(bytes: Buffer, from: number, to: number): void
  onSettingsAck(): void
  /** Eight bytes. */
  onPing(bytes: Buffer, from: number): void
  onPingAck(): void
  onGoAway(): void
  /** More than nothing. */
  onWindowUpdate(streamId: number, increment: number): void
  /** A type that RFC 9113 does not know, to be ignored. */
  onExtension(): void
  /** What has come cannot be read on (RFC 9113 §5.4.1). */
  onFault(code: number, detail: string): void
}

/** One object for all frames of a reader. */
export class DataPiece {
  bytes: Buffer = NOTHING
  from = 0
  to = 0
  flowBytes = 0
  ended = false
}

export class BlockPiece {
  bytes: Buffer = NOTHING
  from = 0
  to = 0
  ended = false
}

const NOTHING = Buffer.alloc(0)
const TOO_LONG = 'a frame is too long'

export class FrameReader {
  readonly #listener: FrameListener
  readonly #limits: FrameLimits
  readonly #data = new DataPiece()
  readonly #block = new BlockPiece()
  /** The beginning of a frame. */
  #partial: Buffer | undefined
  #stopped = false
  #prefaceAt = 0
  /** Of the frame that is being read. */
  #frameStream = 0
  #flags = 0
  #settled = false
  /** The DATA frame that is being passed on: bytes of content and of padding still to come. */
  #dataStream = 0
  #contentLeft = 0
  #paddingLeft = 0
  #dataEnds = false
  /** The block that is not whole yet; 0: none. */
  #blockStream = 0
  #blockEnds = false
  #blockParts: Buffer = NOTHING
  #blockFrames = 0

  constructor(listener: FrameListener, limits: FrameLimits) {
    this.#listener = listener
    this.#limits = limits
  }

  /** A block has begun and is not whole. */
  get inBlock(): boolean {
    return this.#blockStream !== 0
  }

  /** Nothing is read any more. */
  stop(): void {
    this.#stopped = true
    this.#partial = undefined
    this.#blockParts = NOTHING
  }

  /** `[0, length)` of a buffer that is somebody else's again when this returns. */
  read(bytes: Buffer, length: number): void {
    const partial = this.#partial
    if (partial === undefined) {
      this.#readAll(bytes, length)
      return
    }
    this.#partial = undefined
    const joined = Buffer.allocUnsafe(partial.length + length)
    partial.copy(joined)
    bytes.copy(joined, partial.length, 0, length)
    this.#readAll(joined, joined.length)
  }

  #readAll(bytes: Buffer, length: number): void {
    let at = this.#prefaceAt === PREFACE.length ? 0 : this.#readPreface(bytes, length)
    while (!this.#stopped && at < length) {
      const next =
        this.#dataStream === 0
          ? this.#readFrame(bytes, at, length)
          : this.#passOn(bytes, at, length)
      if (next === at) break
      at = next
    }
    if (!this.#stopped && at < length) this.#partial = Buffer.from(bytes.subarray(at, length))
  }

  #readPreface(bytes: Buffer, length: number): number {
    let at = 0
    while (at < length && this.#prefaceAt < PREFACE.length) {
      if (bytes[at++] !== PREFACE[this.#prefaceAt++]) {
        this.#fail(CODE.protocolError, 'no HTTP/2 preface')
        return at
      }
    }
    return at
  }

  /** Returns the offset behind the frame, or `at` when it is not whole. */
  #readFrame(bytes: Buffer, at: number, to: number): number {
    if (to - at < FRAME_HEAD_BYTES) return at
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
    const type = bytes[at + 3]!
    this.#flags = bytes[at + 4]!
    this.#frameStream = number32(bytes, at + 5) & WINDOW_BYTES_MAX
    const fault = this.#faultOf(type, length)
    if (fault !== undefined) {
      this.#fail(fault === TOO_LONG ? CODE.frameSizeError : CODE.protocolError, fault)
      return at
    }
    const start = at + FRAME_HEAD_BYTES
    if (type === FRAME.data) return this.#beginData(bytes, start, to, length)
    const end = start + length
    if (end > to) return at
    this.#whole(bytes, start, end, type)
    return end
  }

  /** What can be told from the head of a frame. */
  #faultOf(type: number, length: number): string | undefined {
    if (length > this.#limits.frameBytesMax) return TOO_LONG
    if (!this.#settled && (type !== FRAME.settings || this.#has(FLAG.ack))) {
      return 'the first frame is not SETTINGS'
    }
    const wanted = this.#blockStream
    if (wanted !== 0 && (type !== FRAME.continuation || this.#frameStream !== wanted)) {
      return 'a field block is interrupted'
    }
    return type === FRAME.data && this.#frameStream === 0 ? 'DATA on stream 0' : undefined
  }

  #has(flag: number): boolean {
    return (this.#flags & flag) !== 0
  }

  /** Returns the offset of the content, or of the frame when even that is not there. */
  #beginData(bytes: Buffer, start: number, to: number, length: number): number {
    let padding = 0
    if (this.#has(FLAG.padded)) {
      if (start === to && length > 0) return start - FRAME_HEAD_BYTES
      padding = length === 0 ? 1 : bytes[start]! + 1
      if (padding > length) {
        this.#fail(CODE.protocolError, 'padding longer than its frame')
        return start
      }
    }
    this.#dataStream = this.#frameStream
    this.#contentLeft = length - padding
    this.#paddingLeft = padding === 0 ? 0 : padding - 1
    this.#dataEnds = this.#has(FLAG.endStream)
    // The length of the padding counts, and nothing else may come.
    const flowBytes = padding === 0 ? 0 : 1
    const content = start + flowBytes
    if (padding > 0 || length === 0) this.#piece(bytes, content, content, flowBytes)
    return content
  }

  /** The rest of a DATA frame, as far as it is there. */
  #passOn(bytes: Buffer, at: number, to: number): number {
    if (this.#contentLeft > 0) {
      const end = Math.min(to, at + this.#contentLeft)
      this.#contentLeft -= end - at
      this.#piece(bytes, at, end, end - at)
      return end
    }
    const count = Math.min(to - at, this.#paddingLeft)
    this.#paddingLeft -= count
    this.#piece(bytes, at, at, count)
    return at + count
  }

  #piece(bytes: Buffer, from: number, to: number, flowBytes: number): void {
    const piece = this.#data
    const id = this.#dataStream
    const last = this.#contentLeft === 0 && this.#paddingLeft === 0
    if (last) this.#dataStream = 0
    piece.bytes = bytes
    piece.from = from
    piece.to = to
    piece.flowBytes = flowBytes
    piece.ended = last && this.#dataEnds
    this.#listener.onData(id, piece)
  }

  #whole(bytes: Buffer, from: number, to: number, type: number): void {
    switch (type) {
      case FRAME.headers:
        this.#headers(bytes, from, to)
        break
      case FRAME.continuation:
        if (this.#blockStream === 0) this.#fail(CODE.protocolError, 'CONTINUATION of nothing')
        else this.#blockPart(bytes, from, to, this.#has(FLAG.endHeaders))
        break
      case FRAME.settings:
        if (this.#onConnection((to - from) % 6 === 0)) this.#settings(bytes, from, to)
        break
      case FRAME.ping:
        if (!this.#onConnection(to - from === 8)) break
        if (this.#has(FLAG.ack)) this.#listener.onPingAck()
        else this.#listener.onPing(bytes, from)
        break
      case FRAME.goAway:
        if (this.#onConnection(to - from >= 8)) this.#listener.onGoAway()
        break
      default:
        this.#ofStream(bytes, from, to, type)
    }
  }

  #ofStream(bytes: Buffer, from: number, to: number, type: number): void {
    switch (type) {
      case FRAME.priority:
        if (this.#onStream(to - from === 5)) this.#listener.onPriority()
        break
      case FRAME.reset:
        if (!this.#onStream(to - from === 4)) break
        this.#listener.onReset(this.#frameStream, number32(bytes, from) >>> 0)
        break
      case FRAME.windowUpdate:
        this.#windowUpdate(bytes, from, to)
        break
      case FRAME.pushPromise:
        this.#fail(CODE.protocolError, 'PUSH_PROMISE from a client')
        break
      default:
        this.#listener.onExtension()
    }
  }

  /** For frames that concern the connection. */
  #onConnection(fits: boolean): boolean {
    if (this.#frameStream !== 0) return this.#fail(CODE.protocolError, 'a stream where none may be')
    return fits || this.#fail(CODE.frameSizeError, 'a frame of a wrong length')
  }

  #onStream(fits: boolean): boolean {
    if (this.#frameStream === 0) return this.#fail(CODE.protocolError, 'stream 0 where none may be')
    return fits || this.#fail(CODE.frameSizeError, 'a frame of a wrong length')
  }

  #windowUpdate(bytes: Buffer, from: number, to: number): void {
    if (to - from !== 4) {
      this.#fail(CODE.frameSizeError, 'a frame of a wrong length')
      return
    }
    const increment = number32(bytes, from) & WINDOW_BYTES_MAX
    if (increment === 0) this.#fail(CODE.protocolError, 'WINDOW_UPDATE of nothing')
    else this.#listener.onWindowUpdate(this.#frameStream, increment)
  }

  #settings(bytes: Buffer, from: number, to: number): void {
    this.#settled = true
    if (!this.#has(FLAG.ack)) this.#listener.onSettings(bytes, from, to)
    else if (to === from) this.#listener.onSettingsAck()
    else this.#fail(CODE.frameSizeError, 'an acknowledgement with content')
  }

  #headers(bytes: Buffer, from: number, to: number): void {
    const id = this.#frameStream
    let start = from
    let end = to
    if (this.#has(FLAG.padded)) end -= bytes[start++]!
    if (this.#has(FLAG.priority)) {
      // RFC 7540 §5.3.1; that it is deprecated does not make it right.
      if (start + 5 <= end && (number32(bytes, start) & WINDOW_BYTES_MAX) === id) {
        this.#fail(CODE.protocolError, 'a stream that depends on itself')
        return
      }
      start += 5
    }
    if (id === 0 || start > end || start > to) {
      this.#fail(CODE.protocolError, 'HEADERS on stream 0, or with more padding than frame')
      return
    }
    this.#blockStream = id
    this.#blockEnds = this.#has(FLAG.endStream)
    this.#blockFrames = 0
    if (this.#has(FLAG.endHeaders)) this.#deliver(bytes, start, end)
    else this.#blockPart(bytes, start, end, false)
  }

  #blockPart(bytes: Buffer, from: number, to: number, complete: boolean): void {
    const { blockBytesMax, blockFramesMax } = this.#limits
    const length = this.#blockParts.length + to - from
    if (++this.#blockFrames > blockFramesMax || length > blockBytesMax) {
      this.#fail(CODE.enhanceYourCalm, 'a field block is too long')
      return
    }
    this.#blockParts = Buffer.concat([this.#blockParts, bytes.subarray(from, to)])
    if (!complete) return
    const whole = this.#blockParts
    this.#blockParts = NOTHING
    this.#deliver(whole, 0, whole.length)
  }

  #deliver(bytes: Buffer, from: number, to: number): void {
    const block = this.#block
    const id = this.#blockStream
    this.#blockStream = 0
    block.bytes = bytes
    block.from = from
    block.to = to
    block.ended = this.#blockEnds
    this.#listener.onBlock(id, block)
  }

  #fail(code: number, detail: string): false {
    this.stop()
    this.#listener.onFault(code, detail)
    return false
  }
}

/** Signed: the caller masks or shifts. */
function number32(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
