/**
 * One end of one HTTP/2 connection of a link (RFC 9113): the hub opens streams, the agent answers them.
 *
 * Any doubt about what the other end means costs the connection. Data never stops because one stream does not read: the
 * connection's own window is opened as fast as bytes come, and each stream has a window of its own.
 */

import { Timer, type TimerWheel } from '../../base/timer-wheel.ts'
import {
  CODE,
  FLAG,
  FRAME,
  FRAME_HEAD_BYTES,
  INITIAL_FRAME_BYTES,
  INITIAL_WINDOW_BYTES,
  PREFACE,
  SETTING,
  WINDOW_BYTES_MAX,
} from '../../http/h2/frame.ts'
import type { LinkTransport, TransportListener } from '../transport.ts'
import type { ByteCollector } from './byte-collector.ts'
import { FieldReader } from './field-block.ts'
import { FieldWriter, TABLE_BYTES_MAX } from './field-writer.ts'
import { FrameWriter, frameType } from './frame-writer.ts'
import { LinkStream, resetDetail, type StreamListener, type StreamOwner } from './stream.ts'

/** The payload of a frame that an end of a link takes. */
const FRAME_BYTES_MAX = 65_536
/** Half-open connections are found within five seconds: no sign of life for so long ends one. */
const SILENCE_MAX_MS = 4_000
const PING_EVERY_MS = 1_000
/** After so long without one, a ping is late: others are preferred. */
const SUSPECT_AFTER_MS = 1_500
/** Added to the connection's window at once, and whenever so much has come. */
const CREDIT_BYTES = 1 << 24
/** What one blocked stream sends before the next has its turn. */
const TURN_BYTES = 65_536
/** What the windows of all streams come to, about; each has the smallest one at least. */
const WINDOWS_BYTES = 1 << 26
/** Frames of a second that cost an answer and carry nothing. */
const CONTROL_FRAMES_MAX = 2_000
const NOTHING = Buffer.alloc(0)
/** Anything but END_STREAM and END_HEADERS. */
const UNUSUAL_HEADERS = FLAG.endHeaders | FLAG.padded | FLAG.priority

export interface PeerOptions {
  /** Hub: HTTP/2 client. Agent: HTTP/2 server. */
  readonly role: 'hub' | 'agent'
  readonly timers: TimerWheel
  /** Runs something once at the end of this turn of the event loop. */
  readonly defer: (run: () => void) => void
  readonly streamsMax: number
  readonly windowBytesMax: number
  readonly blockBytesMax: number
  /** What the other end may have this one remember of its fields; TABLE_BYTES_MAX unless told otherwise. */
  readonly tableBytesMax?: number
}

export interface PeerListener {
  /** The other end opens a stream (agent only). The listener hears of `fields` next. */
  onStream(stream: LinkStream, fields: FieldReader): StreamListener
  /** All frames of one read have been handled. */
  onReadEnd(): void
  /** The other end takes no new streams. */
  onGoAway(): void
  /** Streams have ended; there may be room for another. */
  onStreamClosed(): void
  /** Once. Streams have heard of it already. */
  onGone(detail: string): void
}

export class LinkPeer implements TransportListener, StreamOwner {
  readonly streams = new Map<number, LinkStream>()
  /** Writes the blocks of this connection; each is sent before the next one is begun. */
  readonly fields = new FieldWriter()
  roundTripMs = 0
  bytesSent = 0
  bytesReceived = 0
  streamsTotal = 0
  goAwaySent = false
  goAwayReceived = false
  gone = false

  readonly #options: PeerOptions
  readonly #transport: LinkTransport
  readonly #listener: PeerListener
  readonly #writer: FrameWriter
  readonly #fieldsIn: FieldReader
  readonly #timer: Timer
  readonly #blocked = new Set<LinkStream>()
  #ended = false
  #flushDeferred = false
  #partial: Buffer = NOTHING
  #prefaceLeft: number
  /** Payload of a DATA frame that is still to come. */
  #dataLeft = 0
  #dataStream: LinkStream | undefined
  #dataEnds = false
  /** A header block in several frames. */
  #blockParts: Buffer[] | undefined
  #blockStream = 0
  #blockEnds = false
  #nextStreamId = 1
  #lastPeerStreamId = 0
  #sendWindow = INITIAL_WINDOW_BYTES
  #receivedSinceCredit = 0
  #peerInitialWindow = INITIAL_WINDOW_BYTES
  #peerFrameBytes = INITIAL_FRAME_BYTES
  #peerStreamsMax = 100
  #heardAtMs: number
  #pingNumber = 0
  #pingSentAtMs = 0
  #pingWaiters: { readonly number: number; readonly run: () => void }[] = []
  #controlFrames = 0

  constructor(transport: LinkTransport, listener: PeerListener, options: PeerOptions) {
    this.#transport = transport
    this.#listener = listener
    this.#options = options
    this.#prefaceLeft = options.role === 'agent' ? PREFACE.length : 0
    this.#heardAtMs = options.timers.now()
    this.#writer = new FrameWriter((bytes, written) => {
      this.bytesSent += bytes.length
      transport.write(bytes, written)
    })
    this.#fieldsIn = new FieldReader(options.tableBytesMax ?? TABLE_BYTES_MAX)
    this.#timer = new Timer(() => this.#tick())
    options.timers.set(this.#timer, PING_EVERY_MS)
    this.#greet()
  }

  /** Streams that may still be opened. */
  get room(): number {
    if (this.gone || this.goAwayReceived || this.goAwaySent) return 0
    const most = Math.min(this.#peerStreamsMax, this.#options.streamsMax)
    return Math.max(0, most - this.streams.size)
  }

  /** Nothing has been heard where an answer to a ping should have been. */
  get suspect(): boolean {
    return this.#options.timers.now() - this.#heardAtMs > SUSPECT_AFTER_MS
  }

  get congested(): boolean {
    return this.#transport.congested
  }

  get windowBytes(): number {
    const share = Math.floor(WINDOWS_BYTES / (this.streams.size + 1))
    return Math.min(this.#options.windowBytesMax, Math.max(INITIAL_WINDOW_BYTES, share))
  }

  /** Hub only. The caller has looked at `room`. */
  open(block: ByteCollector, ended: boolean, listener: StreamListener): LinkStream {
    const stream = new LinkStream(this.#nextStreamId, this, listener, this.#peerInitialWindow)
    this.#nextStreamId += 2
    this.streams.set(stream.id, stream)
    this.streamsTotal++
    stream.headers(block, ended)
    return stream
  }

  /** No new streams from the other end; those that are open go on. */
  sendGoAway(): void {
    if (this.gone || this.goAwaySent) return
    this.goAwaySent = true
    this.#goAway(WINDOW_BYTES_MAX, CODE.noError, '')
    this.#flushSoon()
  }

  /** Calls back when the other end has seen everything that was sent before. */
  afterRoundTrip(run: () => void): void {
    this.#ping()
    this.#pingWaiters.push({ number: this.#pingNumber, run })
  }

  /** Sends what waits and closes. */
  end(): void {
    if (this.gone || this.#ended) return
    this.#writer.flush()
    this.#ended = true
    this.#transport.end()
  }

  /** Closes now, with a reason for the other end. */
  destroy(code: number, detail: string): void {
    if (this.gone) return
    this.#goAway(this.#lastPeerStreamId, code, detail)
    this.#writer.flush()
    this.#transport.end()
    this.onClosed(detail)
    // What cannot be sent in a second is not going to be.
    const cut = new Timer(() => this.#transport.destroy())
    this.#options.timers.set(cut, 1_000)
  }

  // The transport's side.

  onBytes(bytes: Buffer): void {
    if (this.gone) return
    this.#heardAtMs = this.#options.timers.now()
    this.bytesReceived += bytes.length
    const joined = this.#partial.length === 0 ? bytes : Buffer.concat([this.#partial, bytes])
    this.#partial = NOTHING
    const read = this.#read(joined)
    if (this.gone) return
    if (read < joined.length) this.#partial = Buffer.from(joined.subarray(read))
    this.#listener.onReadEnd()
  }

  onDrain(): void {
    if (!this.gone) this.#flushBlocked()
  }

  onClosed(detail: string): void {
    if (this.gone) return
    this.gone = true
    this.#options.timers.remove(this.#timer)
    for (const stream of [...this.streams.values()]) stream.receivedReset(-1, detail)
    this.streams.clear()
    this.#blocked.clear()
    this.#listener.onGone(detail)
  }

  // The streams' side.

  sendHeaders(stream: LinkStream, { bytes, length }: ByteCollector, last: boolean): void {
    const most = this.#peerFrameBytes
    const first = Math.min(length, most)
    let flags = last ? FLAG.endStream : 0
    if (first === length) flags |= FLAG.endHeaders
    this.#writer.head(first, frameType(FRAME.headers, flags), stream.id)
    this.#writer.bytes(bytes, 0, first)
    for (let at = first; at < length; at += most) {
      const to = Math.min(length, at + most)
      const ends = to === length ? FLAG.endHeaders : 0
      this.#writer.head(to - at, frameType(FRAME.continuation, ends), stream.id)
      this.#writer.bytes(bytes, at, to)
    }
    if (last) stream.localEnded = true
    this.#flushSoon()
  }

  sendData(stream: LinkStream, chunk: Uint8Array, last: boolean): number {
    let sent = 0
    if (chunk.length === 0) {
      if (last) this.#dataFrame(stream, chunk, 0, 0, true)
      return 0
    }
    while (sent < chunk.length && !(sent >= TURN_BYTES && this.congested)) {
      const window = Math.min(this.#sendWindow, stream.sendWindow, this.#peerFrameBytes)
      if (window <= 0) break
      const to = Math.min(chunk.length, sent + window)
      this.#dataFrame(stream, chunk, sent, to, last && to === chunk.length)
      sent = to
    }
    return sent
  }

  sendText(stream: LinkStream, text: string): boolean {
    const bytes = text.length
    if (bytes > Math.min(this.#sendWindow, stream.sendWindow, this.#peerFrameBytes)) return false
    this.#writer.head(bytes, frameType(FRAME.data, FLAG.endStream), stream.id)
    this.#writer.text(text)
    this.#sendWindow -= bytes
    stream.sendWindow -= bytes
    stream.localEnded = true
    this.#flushSoon()
    return true
  }

  sendReset(stream: LinkStream, code: number): void {
    if (this.gone) return
    this.#writer.head(4, frameType(FRAME.reset), stream.id)
    this.#writer.number(code)
    this.#flushSoon()
  }

  sendWindow(stream: LinkStream, bytes: number): void {
    this.#windowUpdate(stream.id, bytes)
  }

  block(stream: LinkStream): void {
    this.#blocked.add(stream)
  }

  closed(stream: LinkStream): void {
    this.streams.delete(stream.id)
    this.#blocked.delete(stream)
    this.#listener.onStreamClosed()
  }

  #dataFrame(stream: LinkStream, chunk: Uint8Array, from: number, to: number, last: boolean): void {
    const flags = last ? FLAG.endStream : 0
    this.#writer.head(to - from, frameType(FRAME.data, flags), stream.id)
    this.#writer.bytes(chunk, from, to)
    this.#sendWindow -= to - from
    stream.sendWindow -= to - from
    if (last) stream.localEnded = true
    this.#flushSoon()
  }

  #greet(): void {
    const { role, streamsMax } = this.#options
    const writer = this.#writer
    if (role === 'hub') {
      this.bytesSent += PREFACE.length
      this.#transport.write(PREFACE)
    }
    writer.head(24, frameType(FRAME.settings), 0)
    writer.setting(SETTING.headerTableSize, this.#options.tableBytesMax ?? TABLE_BYTES_MAX)
    writer.setting(SETTING.maxFrameSize, FRAME_BYTES_MAX)
    if (role === 'hub') writer.setting(SETTING.enablePush, 0)
    else writer.setting(SETTING.maxConcurrentStreams, streamsMax)
    writer.setting(SETTING.initialWindowSize, INITIAL_WINDOW_BYTES)
    this.#windowUpdate(0, WINDOW_BYTES_MAX - INITIAL_WINDOW_BYTES)
  }

  #windowUpdate(streamId: number, bytes: number): void {
    this.#writer.head(4, frameType(FRAME.windowUpdate), streamId)
    this.#writer.number(bytes)
    this.#flushSoon()
  }

  #goAway(lastStreamId: number, code: number, detail: string): void {
    const words = Buffer.from(detail.slice(0, 200), 'latin1')
    this.#writer.head(8 + words.length, frameType(FRAME.goAway), 0)
    this.#writer.number(lastStreamId)
    this.#writer.number(code)
    this.#writer.bytes(words, 0, words.length)
  }

  #ping(): void {
    if (this.gone) return
    this.#pingSentAtMs = this.#options.timers.now()
    this.#writer.head(8, frameType(FRAME.ping), 0)
    this.#writer.number(0)
    this.#writer.number(++this.#pingNumber)
    this.#flushSoon()
  }

  #tick(): void {
    const now = this.#options.timers.now()
    this.#controlFrames = 0
    const silence = now - this.#heardAtMs
    if (silence >= SILENCE_MAX_MS) {
      this.#transport.destroy()
      this.onClosed(`nothing was heard for ${Math.round(silence)} ms`)
      return
    }
    this.#ping()
    this.#options.timers.set(this.#timer, PING_EVERY_MS)
  }

  #flushSoon(): void {
    if (this.#flushDeferred || this.gone || this.#ended) return
    this.#flushDeferred = true
    this.#options.defer(this.#flush)
  }

  readonly #flush = (): void => {
    this.#flushDeferred = false
    if (!this.gone && !this.#ended) this.#writer.flush()
  }

  /** Every blocked stream has its turn, until there is nothing to send or no way to. */
  #flushBlocked(): void {
    let idleTurns = 0
    while (!this.congested && this.#sendWindow > 0 && idleTurns < this.#blocked.size) {
      const [stream] = this.#blocked
      if (stream === undefined) break
      this.#blocked.delete(stream)
      const before = this.#sendWindow
      stream.flush()
      idleTurns = before === this.#sendWindow ? idleTurns + 1 : 0
    }
  }

  // Reading.

  /** Handles whole frames, and what there is of DATA; returns the offset of what has to wait. */
  #read(bytes: Buffer): number {
    let at = this.#readPreface(bytes)
    while (!this.gone) {
      if (this.#dataStream !== undefined || this.#dataLeft > 0) {
        at = this.#readData(bytes, at)
        if (this.#dataLeft > 0) return at
        continue
      }
      if (bytes.length - at < FRAME_HEAD_BYTES) return at
      const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
      if (length > FRAME_BYTES_MAX) {
        this.#fail(CODE.frameSizeError, 'a frame is too long')
        return at
      }
      const type = bytes[at + 3]!
      const flags = bytes[at + 4]!
      const id = bytes.readUInt32BE(at + 5) & WINDOW_BYTES_MAX
      if (this.#blockParts !== undefined && type !== FRAME.continuation) {
        this.#fail(CODE.protocolError, 'a header block was interrupted')
        return at
      }
      if (type === FRAME.data && (flags & FLAG.padded) === 0) {
        at += FRAME_HEAD_BYTES
        this.#beginData(id, length, flags)
        continue
      }
      const start = at + FRAME_HEAD_BYTES
      const end = start + length
      if (end > bytes.length) return at
      at = end
      if (type === FRAME.headers && (flags & UNUSUAL_HEADERS) === FLAG.endHeaders && id !== 0) {
        // Nearly all: nothing but one block, which is read where it stands.
        this.#fieldsIn.begin(bytes, start, end)
        this.#headers(id, (flags & FLAG.endStream) !== 0)
      } else this.#frame(type, flags, id, bytes.subarray(start, end))
    }
    return at
  }

  #readPreface(bytes: Buffer): number {
    if (this.#prefaceLeft === 0) return 0
    const from = PREFACE.length - this.#prefaceLeft
    const count = Math.min(bytes.length, this.#prefaceLeft)
    if (PREFACE.compare(bytes, 0, count, from, from + count) !== 0) {
      this.#fail(CODE.protocolError, 'no HTTP/2 preface')
      return 0
    }
    this.#prefaceLeft -= count
    return count
  }

  #beginData(id: number, length: number, flags: number): void {
    this.#dataLeft = length
    this.#dataEnds = (flags & FLAG.endStream) !== 0
    this.#dataStream = this.streams.get(id)
    if (this.#dataStream === undefined && !this.#wasOpen(id)) {
      this.#fail(CODE.protocolError, 'data of a stream that was never opened')
    } else if (this.#dataStream?.remoteEnded === true) {
      this.#fail(CODE.streamClosed, 'data after the end of a stream')
    }
    this.#credit(length)
  }

  /** The connection's window is opened again as fast as it is used, whoever reads or does not. */
  #credit(bytes: number): void {
    this.#receivedSinceCredit += bytes
    if (this.#receivedSinceCredit < CREDIT_BYTES) return
    this.#windowUpdate(0, this.#receivedSinceCredit)
    this.#receivedSinceCredit = 0
  }

  #readData(bytes: Buffer, at: number): number {
    const to = Math.min(bytes.length, at + this.#dataLeft)
    this.#dataLeft -= to - at
    const stream = this.#dataStream
    if (stream !== undefined && !stream.closed) this.#deliverData(stream, bytes.subarray(at, to))
    if (this.#dataLeft === 0) this.#dataStream = undefined
    return to
  }

  #deliverData(stream: LinkStream, chunk: Buffer): void {
    const ends = this.#dataLeft === 0 && this.#dataEnds
    if (chunk.length > 0 && !stream.received(chunk)) {
      this.#fail(CODE.flowControlError, 'more data than the window allows')
    } else if (ends && !stream.closed) stream.receivedEnd()
  }

  #frame(type: number, flags: number, id: number, payload: Buffer): void {
    switch (type) {
      case FRAME.data:
        this.#paddedData(flags, id, payload)
        break
      case FRAME.headers:
        this.#headersFrame(flags, id, payload)
        break
      case FRAME.continuation:
        if (this.#blockParts === undefined || id !== this.#blockStream) {
          this.#fail(CODE.protocolError, 'CONTINUATION of nothing')
        } else this.#blockPart(payload, (flags & FLAG.endHeaders) !== 0)
        break
      case FRAME.reset:
        this.#resetFrame(id, payload)
        break
      case FRAME.settings:
        this.#settingsFrame(flags, id, payload)
        break
      case FRAME.ping:
        this.#pingFrame(flags, payload)
        break
      case FRAME.goAway:
        this.#goAwayFrame(payload)
        break
      case FRAME.windowUpdate:
        this.#windowFrame(id, payload)
        break
      case FRAME.pushPromise:
        this.#fail(CODE.protocolError, 'a push')
    }
  }

  #paddedData(flags: number, id: number, payload: Buffer): void {
    const content = unpadded(payload, flags)
    if (content === undefined) {
      this.#fail(CODE.protocolError, 'padding longer than its frame')
      return
    }
    this.#credit(payload.length - content.length)
    this.#beginData(id, content.length, flags)
    // Padding counts towards the window (§6.9.1), and is worth nothing: it is given back at once.
    if (this.#dataStream !== undefined) {
      this.#windowUpdate(id, payload.length - content.length)
    }
    if (!this.gone) this.#readData(content, 0)
  }

  #headersFrame(flags: number, id: number, payload: Buffer): void {
    let content = unpadded(payload, flags)
    if (content !== undefined && (flags & FLAG.priority) !== 0) content = content.subarray(5)
    if (content === undefined || id === 0) {
      this.#fail(CODE.protocolError, 'malformed HEADERS')
      return
    }
    this.#blockParts = []
    this.#blockStream = id
    this.#blockEnds = (flags & FLAG.endStream) !== 0
    this.#blockPart(content, (flags & FLAG.endHeaders) !== 0)
  }

  #blockPart(part: Buffer, complete: boolean): void {
    const parts = this.#blockParts!
    parts.push(part)
    let bytes = 0
    for (const one of parts) bytes += one.length
    if (bytes > this.#options.blockBytesMax || parts.length > 64) {
      this.#fail(CODE.enhanceYourCalm, 'a header block is too long')
      return
    }
    if (!complete) {
      parts[parts.length - 1] = Buffer.from(part)
      return
    }
    this.#blockParts = undefined
    this.#fieldsIn.begin(parts.length === 1 ? part : Buffer.concat(parts))
    this.#headers(this.#blockStream, this.#blockEnds)
  }

  /** A block has been begun. It is read to its end whoever wants it: the next one may refer to what it says. */
  #headers(id: number, ended: boolean): void {
    this.#giveHeaders(id, ended)
    if (!this.gone && !this.#fieldsIn.skip()) {
      this.#fail(CODE.compressionError, 'a malformed header block')
    }
  }

  #giveHeaders(id: number, ended: boolean): void {
    let stream = this.streams.get(id)
    if (stream === undefined) {
      if (this.#wasOpen(id)) return
      stream = this.#opened(id)
      if (stream === undefined) return
    } else if (stream.remoteEnded) {
      this.#fail(CODE.streamClosed, 'HEADERS after the end of a stream')
      return
    }
    if (stream.headed) {
      // Trailers: they say no more here than that this is all.
      if (ended) stream.receivedEnd()
      else this.#fail(CODE.protocolError, 'HEADERS in the middle of a stream')
      return
    }
    stream.headed = true
    if (ended) stream.endedWithHeaders()
    stream.listener.onHeaders(this.#fieldsIn, ended)
  }

  /** The hub opens a stream; undefined: it may not. */
  #opened(id: number): LinkStream | undefined {
    if (this.#options.role === 'hub' || id % 2 === 0 || id <= this.#lastPeerStreamId) {
      this.#fail(CODE.protocolError, `stream ${id} may not be opened`)
      return undefined
    }
    this.#lastPeerStreamId = id
    const stream = new LinkStream(id, this, IGNORE, this.#peerInitialWindow)
    if (this.streams.size >= this.#options.streamsMax) {
      this.sendReset(stream, CODE.refusedStream)
      return undefined
    }
    this.streams.set(id, stream)
    this.streamsTotal++
    stream.listener = this.#listener.onStream(stream, this.#fieldsIn)
    return stream
  }

  #wasOpen(id: number): boolean {
    return this.#options.role === 'hub'
      ? id % 2 === 1 && id < this.#nextStreamId
      : id > 0 && id <= this.#lastPeerStreamId
  }

  #resetFrame(id: number, payload: Buffer): void {
    if (payload.length !== 4 || !this.#wasOpen(id)) {
      this.#fail(CODE.protocolError, 'malformed RST_STREAM')
      return
    }
    const code = payload.readUInt32BE(0)
    this.streams.get(id)?.receivedReset(code, `the stream was reset: ${resetDetail(code)}`)
    this.#countControl()
  }

  #settingsFrame(flags: number, id: number, payload: Buffer): void {
    if ((flags & FLAG.ack) !== 0) return
    if (id !== 0 || payload.length % 6 !== 0) {
      this.#fail(CODE.frameSizeError, 'malformed SETTINGS')
      return
    }
    for (let at = 0; at < payload.length; at += 6) {
      this.#setting(payload.readUInt16BE(at), payload.readUInt32BE(at + 2))
      if (this.gone) return
    }
    this.#writer.head(0, frameType(FRAME.settings, FLAG.ack), 0)
    this.#flushSoon()
    this.#countControl()
  }

  #setting(id: number, value: number): void {
    if (id === SETTING.maxConcurrentStreams) this.#peerStreamsMax = value
    else if (id === SETTING.headerTableSize) this.fields.offer(value)
    else if (id === SETTING.maxFrameSize) {
      this.#peerFrameBytes = Math.min(FRAME_BYTES_MAX, Math.max(INITIAL_FRAME_BYTES, value))
    } else if (id === SETTING.initialWindowSize) {
      if (value > WINDOW_BYTES_MAX) {
        this.#fail(CODE.flowControlError, 'initial window too large')
        return
      }
      const more = value - this.#peerInitialWindow
      this.#peerInitialWindow = value
      for (const stream of this.streams.values()) stream.sendWindow += more
      if (more > 0) for (const stream of [...this.streams.values()]) stream.flush()
    }
  }

  #pingFrame(flags: number, payload: Buffer): void {
    if (payload.length !== 8) {
      this.#fail(CODE.frameSizeError, 'malformed PING')
      return
    }
    if ((flags & FLAG.ack) !== 0) {
      this.#pingAnswered(payload.readUInt32BE(4))
      return
    }
    this.#writer.head(8, frameType(FRAME.ping, FLAG.ack), 0)
    this.#writer.bytes(payload, 0, 8)
    this.#flushSoon()
    this.#countControl()
  }

  #pingAnswered(number: number): void {
    if (number === this.#pingNumber) {
      this.roundTripMs = this.#options.timers.now() - this.#pingSentAtMs
    }
    while (this.#pingWaiters.length > 0 && this.#pingWaiters[0]!.number <= number) {
      this.#pingWaiters.shift()!.run()
    }
  }

  #goAwayFrame(payload: Buffer): void {
    if (payload.length < 8) {
      this.#fail(CODE.frameSizeError, 'malformed GOAWAY')
      return
    }
    const last = payload.readUInt32BE(0) & WINDOW_BYTES_MAX
    this.goAwayReceived = true
    if (this.#options.role === 'hub') this.#refuseAbove(last)
    if (!this.gone) this.#listener.onGoAway()
  }

  /** Streams above `last` have not been looked at: they may be sent again to somebody else. */
  #refuseAbove(last: number): void {
    for (const stream of [...this.streams.values()]) {
      if (stream.id > last) {
        stream.receivedReset(CODE.refusedStream, 'the other end takes no new streams')
      }
    }
  }

  #windowFrame(id: number, payload: Buffer): void {
    const more = payload.length === 4 ? payload.readUInt32BE(0) & WINDOW_BYTES_MAX : 0
    const stream = this.streams.get(id)
    const window = id === 0 ? this.#sendWindow : (stream?.sendWindow ?? 0)
    if (more === 0 || window + more > WINDOW_BYTES_MAX) {
      this.#fail(CODE.flowControlError, 'malformed WINDOW_UPDATE')
    } else if (id === 0) {
      this.#sendWindow += more
      this.#flushBlocked()
    } else if (stream !== undefined) {
      stream.sendWindow += more
      if (stream.hasQueue && !this.congested) stream.flush()
      else if (stream.hasQueue) this.#blocked.add(stream)
    }
  }

  #countControl(): void {
    if (++this.#controlFrames > CONTROL_FRAMES_MAX + this.streams.size) {
      this.#fail(CODE.enhanceYourCalm, 'too many frames that carry nothing')
    }
  }

  #fail(code: number, detail: string): void {
    this.destroy(code, detail)
  }
}

/** A frame's payload without its padding; undefined when there is more padding than frame. */
function unpadded(payload: Buffer, flags: number): Buffer | undefined {
  if ((flags & FLAG.padded) === 0) return payload
  const padding = payload[0] ?? 256
  return padding + 1 > payload.length ? undefined : payload.subarray(1, payload.length - padding)
}

const IGNORE: StreamListener = {
  onHeaders() {},
  onData() {},
  onEnd() {},
  onWritable() {},
  onReset() {},
}
