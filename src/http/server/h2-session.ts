// hot path — see STYLE §8
/**
 * What the frames of one client connection mean (RFC 9113 §5, §6, §8): streams that open and end, windows, requests.
 *
 * A request is handed to the handler with the next frame or at the end of the read, so that a body that came with its
 * head is there as a whole, and one that is reset in the same breath is never worth an exchange (CVE-2023-44487). What a
 * client does wrong on one stream costs it the stream and an allowance, everything else the connection.
 */

import type { ClientConnection } from '../exchange.ts'
import { FieldDecoder } from '../h2/field-decoder.ts'
import { CODE, FLAG, FRAME, INITIAL_WINDOW_BYTES } from '../h2/frame.ts'
import {
  type BlockPiece,
  type DataPiece,
  type FrameListener,
  FrameReader,
} from '../h2/frame-reader.ts'
import { areTrailers } from '../message/h2-head.ts'
import type { RequestHead } from '../message/request-head.ts'
import { ClosedStreams } from './closed-streams.ts'
import type { H2Context } from './h2-context.ts'
import { H2Exchange } from './h2-exchange.ts'
import {
  type AllowanceName,
  CONCURRENT_STREAMS_MAX,
  CONNECTION_WINDOW_BYTES,
  FRAME_BYTES_MAX,
  SETTINGS_ENTRIES_MAX,
  TABLE_BYTES_MAX,
} from './h2-limits.ts'
import type { H2Output } from './h2-output.ts'
import { H2Sender } from './h2-sender.ts'
import { readSettings, SETTINGS_ACK, settingsCount } from './h2-settings.ts'
import { H2Stream, type StreamOwner } from './h2-stream.ts'

const PING_ACK = (FRAME.ping << 8) | FLAG.ack
const SETTINGS = FRAME.settings << 8

export interface H2SessionOwner {
  readonly client: ClientConnection
  readonly context: H2Context
  readonly output: H2Output
  /** Counts something that a client may do only so often. */
  spend(name: AllowanceName): void
  /** A first stream is open. */
  streamsOpened(): void
  /** The last stream has ended. */
  streamsEnded(): void
  /** The client says goodbye: it opens no streams any more. */
  goodbye(): void
  /** The client should take its next requests elsewhere. */
  drain(): void
  /** The client has seen everything that stood before our PING. */
  pingAnswered(): void
  /** The connection cannot go on (RFC 9113 §5.4.1). */
  fault(code: number, detail: string): void
}

export class H2Session implements FrameListener, StreamOwner {
  readonly context: H2Context
  readonly client: ClientConnection
  readonly output: H2Output
  readonly sender: H2Sender
  readonly writeTimeoutMs: number
  readonly frames: FrameReader
  /** Those that are not over in both directions. */
  readonly streams = new Map<number, H2Stream>()
  /** The highest that the client has opened, and that was not refused: what is said in a GOAWAY. */
  #lastStreamId = 0
  lastServedId = 0
  /** New streams are refused. */
  closing = false
  /** We have sent a PING. */
  pinged = false
  /** A first request has come: from then on the client may pause longer. */
  asked = false
  /** The client has acknowledged our settings. */
  settled = false

  readonly #owner: H2SessionOwner
  readonly #decoder = new FieldDecoder(TABLE_BYTES_MAX)
  readonly #closed = new ClosedStreams()
  /** The exchange that the handler has not seen yet. */
  #fresh: H2Exchange | undefined
  /** Body bytes that the client may still send, and those of them that have been taken since it was told. */
  #receiveWindow = CONNECTION_WINDOW_BYTES
  #takenBytes = 0

  constructor(owner: H2SessionOwner) {
    this.#owner = owner
    this.context = owner.context
    this.client = owner.client
    this.output = owner.output
    this.sender = new H2Sender(owner.output)
    this.writeTimeoutMs = owner.context.server.limits.writeTimeoutMs
    this.frames = new FrameReader(this, owner.context.frameLimits)
    this.output.bytes(SETTINGS, 0, owner.context.settings)
    this.output.number(FRAME.windowUpdate, 0, CONNECTION_WINDOW_BYTES - INITIAL_WINDOW_BYTES)
  }

  /** The client may send no body, whichever stream it is of. */
  get windowUsedUp(): boolean {
    return this.#receiveWindow < FRAME_BYTES_MAX
  }

  read(bytes: Buffer, length: number): void {
    this.frames.read(bytes, length)
    this.#handOver()
  }

  /** Everything ends, and whoever waits for something hears of it. */
  abandon(code: number): void {
    this.frames.stop()
    this.#fresh = undefined
    for (const stream of this.streams.values()) {
      stream.receivedReset()
      stream.exchange?.closed(code)
    }
  }

  // The side of the frames.

  onBlock(id: number, block: BlockPiece): void {
    this.#handOver()
    const { list } = this.context
    list.reset()
    if (!this.#decoder.decode(block.bytes, block.from, block.to, list)) {
      this.#owner.fault(CODE.compressionError, 'a field block cannot be decoded')
      return
    }
    const stream = this.streams.get(id)
    if (stream !== undefined) this.#trailers(stream, block.ended)
    else if (id <= this.#lastStreamId) this.#stray(id)
    else if (id % 2 === 0) this.#owner.fault(CODE.protocolError, 'a stream of even number')
    else this.#open(id, block.ended)
  }

  onData(id: number, piece: DataPiece): void {
    if (this.#fresh !== undefined && this.#fresh.stream.id !== id) this.#handOver()
    this.#receiveWindow -= piece.flowBytes
    const stream = this.streams.get(id)
    if (this.#receiveWindow < 0) {
      this.#owner.fault(CODE.flowControlError, 'more data than the window of the connection')
    } else if (stream === undefined) this.#strayData(id, piece)
    else if (stream.remoteEnded) {
      this.#handOver()
      this.#owner.fault(CODE.streamClosed, 'data behind the end of a stream')
    } else this.#data(stream, piece)
  }

  onPriority(): void {
    this.#handOver()
    this.#owner.spend('priority')
  }

  onReset(id: number, code: number): void {
    const stream = this.streams.get(id)
    const fresh = this.#fresh
    if (fresh !== undefined && fresh.stream === stream && stream.remoteEnded) this.#dropFresh()
    else this.#handOver()
    if (stream === undefined || stream.closed) {
      if (this.#isIdle(id)) this.#owner.fault(CODE.protocolError, 'RST_STREAM of no stream')
      return
    }
    const answered = stream.exchange?.over === true
    stream.receivedReset()
    stream.exchange?.closed(code)
    if (!answered || code !== CODE.noError) this.#owner.spend('reset')
  }

  onSettings(bytes: Buffer, from: number, to: number): void {
    this.#handOver()
    if (settingsCount(from, to) > SETTINGS_ENTRIES_MAX) {
      this.#owner.fault(CODE.enhanceYourCalm, 'too many settings')
      return
    }
    const { code, initialWindow } = readSettings(bytes, from, to)
    if (code !== CODE.noError) {
      this.#owner.fault(code, 'a setting that may not be')
      return
    }
    if (initialWindow !== undefined && !this.#resizeWindows(initialWindow)) {
      this.#owner.fault(CODE.flowControlError, 'a window beyond 2^31-1')
      return
    }
    this.output.bytes(SETTINGS_ACK, 0, NOTHING)
    this.#owner.spend('settings')
  }

  onSettingsAck(): void {
    this.#handOver()
    if (this.settled) this.#owner.fault(CODE.protocolError, 'an acknowledgement of nothing')
    this.settled = true
  }

  onPing(bytes: Buffer, from: number): void {
    this.#handOver()
    this.output.bytes(PING_ACK, 0, bytes.subarray(from, from + 8))
    this.#owner.spend('ping')
  }

  onPingAck(): void {
    this.#handOver()
    if (this.pinged) this.#owner.pingAnswered()
    else this.#owner.fault(CODE.protocolError, 'an answer to no PING')
    this.pinged = false
  }

  onGoAway(): void {
    this.#handOver()
    this.#owner.goodbye()
  }

  onWindowUpdate(id: number, increment: number): void {
    this.#handOver()
    const stream = this.streams.get(id)
    if (id === 0) {
      if (!this.sender.widen(increment)) this.#windowTooLarge()
    } else if (stream === undefined) {
      if (this.#isIdle(id)) this.#owner.fault(CODE.protocolError, 'WINDOW_UPDATE of no stream')
    } else if (!stream.widen(increment)) this.#windowTooLarge()
    else this.sender.pump()
  }

  onExtension(): void {
    this.#handOver()
    this.#owner.spend('priority')
  }

  onFault(code: number, detail: string): void {
    this.#handOver()
    this.#owner.fault(code, detail)
  }

  // The side of the streams.

  taken(bytes: number): void {
    this.#takenBytes += bytes
    if (this.#takenBytes < CONNECTION_WINDOW_BYTES / 2) return
    this.output.number(FRAME.windowUpdate, 0, this.#takenBytes)
    this.#receiveWindow += this.#takenBytes
    this.#takenBytes = 0
  }

  streamClosed(stream: H2Stream): void {
    this.streams.delete(stream.id)
    if (!stream.remoteEnded) this.#closed.add(stream.id)
    if (this.streams.size === 0) this.#owner.streamsEnded()
  }

  streamStalled(stream: H2Stream): void {
    this.context.server.stats.countRefusal('write-timeout')
    stream.reset(CODE.cancel)
    stream.exchange?.stalled()
    this.#owner.spend('reset')
  }

  /** A stream that was never opened. */
  #isIdle(id: number): boolean {
    return id > this.#lastStreamId
  }

  #windowTooLarge(): void {
    this.#owner.fault(CODE.flowControlError, 'a window beyond 2^31-1')
  }

  #resizeWindows(initialWindow: number): boolean {
    const more = initialWindow - this.sender.initialWindow
    this.sender.initialWindow = initialWindow
    for (const stream of this.streams.values()) if (!stream.widen(more)) return false
    this.sender.pump()
    return true
  }

  #open(id: number, ended: boolean): void {
    this.#lastStreamId = id
    this.asked = true
    const stream = new H2Stream(id, this, ended)
    if (this.streams.size === 0) this.#owner.streamsOpened()
    this.streams.set(id, stream)
    if (this.closing || this.streams.size > CONCURRENT_STREAMS_MAX) {
      this.#resetFor(stream, CODE.refusedStream)
      return
    }
    this.lastServedId = id
    if (this.context.list.truncated) this.#resetFor(stream, CODE.enhanceYourCalm)
    else this.#request(stream, ended)
  }

  #request(stream: H2Stream, ended: boolean): void {
    const { reader, list } = this.context
    const head = this.context.takeHead()
    if (!reader.read(list, ended, head)) this.#refuse(stream, head)
    else {
      stream.expect(reader.bodyBytes)
      this.#fresh = new H2Exchange(this, stream, head)
    }
  }

  /** What is malformed ends the stream (RFC 9113 §8.1.1); other requests that are not served are told why. */
  #refuse(stream: H2Stream, head: RequestHead): void {
    this.context.giveBack(head)
    const { error, malformed } = this.context.reader
    const { refusal, stats } = this.context.server
    stats.countRefusal(error!.kind)
    if (malformed) {
      this.#resetFor(stream, CODE.protocolError)
      return
    }
    const { status, headers, body } = refusal(error!)
    stream.head({ status, headers, bodyBytes: body.length }, body.length === 0)
    if (body.length > 0) stream.write(Buffer.from(body, 'latin1'), true)
  }

  /** For something that the client has done: it may do it only so often. */
  #resetFor(stream: H2Stream, code: number): void {
    stream.reset(code)
    stream.exchange?.closed(code)
    this.#owner.spend('reset')
  }

  #trailers(stream: H2Stream, ended: boolean): void {
    const { list } = this.context
    if (stream.remoteEnded)
      this.#owner.fault(CODE.streamClosed, 'HEADERS behind the end of a stream')
    else if (list.truncated) this.#resetFor(stream, CODE.enhanceYourCalm)
    else if (!ended || !areTrailers(list) || !stream.receivedEnd()) {
      this.#resetFor(stream, CODE.protocolError)
    }
  }

  #data(stream: H2Stream, piece: DataPiece): void {
    const { flowBytes, ended } = piece
    const code = stream.received(piece)
    if (code === CODE.flowControlError) {
      this.#handOver()
      this.#owner.fault(code, 'more data than the window of a stream')
    } else if (code !== CODE.noError) {
      this.#handOver()
      this.#resetFor(stream, code)
    } else if (flowBytes === 0 && !ended) this.#owner.spend('empty')
    else if (ended) this.#handOver()
  }

  /** HEADERS of a stream that is over. */
  #stray(id: number): void {
    if (this.#closed.mayBeUnderWay(id)) this.#owner.spend('empty')
    else this.#owner.fault(CODE.streamClosed, 'HEADERS of a stream that is over')
  }

  #strayData(id: number, piece: DataPiece): void {
    this.taken(piece.flowBytes)
    if (this.#isIdle(id)) this.#owner.fault(CODE.protocolError, 'DATA of no stream')
    else if (!this.#closed.mayBeUnderWay(id)) {
      this.#owner.fault(CODE.streamClosed, 'DATA of a stream that is over')
    } else if (piece.flowBytes === 0) this.#owner.spend('empty')
  }

  #dropFresh(): void {
    this.context.giveBack(this.#fresh!.request)
    this.#fresh!.stream.exchange = undefined
    this.#fresh = undefined
  }

  #handOver(): void {
    const exchange = this.#fresh
    if (exchange === undefined) return
    this.#fresh = undefined
    const { server } = this.context
    server.stats.requests++
    server.handle(exchange)
    // After its answer is under way: the client takes its next request elsewhere.
    if (server.sparing) this.#owner.drain()
  }
}

const NOTHING = Buffer.alloc(0)
