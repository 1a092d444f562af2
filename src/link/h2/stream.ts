/**
 * One stream of a link (RFC 9113 §5): a request and its answer, with a window in each direction.
 *
 * What cannot be sent yet waits here, at most one chunk beyond the refusal; what the reader does not want yet waits here,
 * at most one window. So a stream that is slow holds up nobody but itself.
 */

import { CODE, INITIAL_WINDOW_BYTES } from '../../http/h2/frame.ts'
import type { ByteCollector } from './byte-collector.ts'
import type { FieldReader } from './field-block.ts'

/** Who reads a stream. Byte arrays are valid during the call, and until the end of the read in which it happens. */
export interface StreamListener {
  /** To be read now; what is not read is passed over. */
  onHeaders(fields: FieldReader, ended: boolean): void
  onData(chunk: Buffer): void
  onEnd(): void
  /** A write was refused; the next may pass. */
  onWritable(): void
  /** The stream is over without an end. `code` of RFC 9113 §7, or -1: the connection is gone. */
  onReset(code: number, detail: string): void
}

export interface StreamOwner {
  readonly congested: boolean
  /** What the window of a stream is filled up to at most. */
  readonly windowBytes: number
  /** Sends as much as the windows allow; returns the count. `last`: END_STREAM with the last byte. */
  sendData(stream: LinkStream, chunk: Uint8Array, last: boolean): number
  /** All of it, with the end; false: not now. */
  sendText(stream: LinkStream, text: string): boolean
  sendHeaders(stream: LinkStream, block: ByteCollector, last: boolean): void
  sendReset(stream: LinkStream, code: number): void
  sendWindow(stream: LinkStream, bytes: number): void
  /** Bytes wait for the transport or for the connection's window. */
  block(stream: LinkStream): void
  closed(stream: LinkStream): void
}

const NOTHING = Buffer.alloc(0)

export class LinkStream {
  readonly id: number
  listener: StreamListener
  sendWindow: number
  /** The other end's HEADERS have come. */
  headed = false
  localEnded = false
  remoteEnded = false
  closed = false
  readonly #owner: StreamOwner
  /** Bytes that the peer may still send. */
  #receiveWindow = INITIAL_WINDOW_BYTES
  /** What it is filled up to. */
  #windowBytes = INITIAL_WINDOW_BYTES
  #paused = false
  #held: Buffer[] | undefined
  #heldBytes = 0
  #endDelivered = false
  #queue: Buffer[] | undefined
  #endQueued = false
  #refused = false

  constructor(id: number, owner: StreamOwner, listener: StreamListener, sendWindow: number) {
    this.id = id
    this.#owner = owner
    this.listener = listener
    this.sendWindow = sendWindow
  }

  /** Bytes wait to be sent. */
  get hasQueue(): boolean {
    return this.#queue !== undefined
  }

  /** Sent even if the stream is closed, when the other end passes it over: the table has changed with it. */
  headers(block: ByteCollector, last: boolean): void {
    this.#owner.sendHeaders(this, block, last)
    if (last && !this.closed) this.#ended()
  }

  /** HEADERS said that nothing follows; the listener has been told with them. */
  endedWithHeaders(): void {
    this.remoteEnded = true
    this.#endDelivered = true
    if (this.localEnded && !this.closed) this.#close()
  }

  /** Copies the chunk. False: wait for `onWritable`. */
  write(chunk: Uint8Array): boolean {
    if (this.closed || chunk.length === 0) return true
    return this.#send(chunk, false)
  }

  /** The last chunk and the end. */
  writeLast(chunk: Uint8Array): void {
    if (!this.closed && !this.localEnded) this.#send(chunk, true)
  }

  /** The same for latin1 text. */
  writeLastText(text: string): void {
    if (this.closed || this.localEnded) return
    const flows = this.#queue === undefined && !this.#owner.congested
    if (flows && this.#owner.sendText(this, text)) this.#ended()
    else this.writeLast(Buffer.from(text, 'latin1'))
  }

  end(): void {
    this.writeLast(NOTHING)
  }

  reset(code: number): void {
    if (this.closed) return
    this.#owner.sendReset(this, code)
    this.#close()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    while (this.#held !== undefined && !this.#paused) {
      const chunk = this.#held.shift()!
      this.#heldBytes -= chunk.length
      if (this.#held.length === 0) this.#held = undefined
      this.#deliver(chunk)
    }
    if (!this.#paused && this.remoteEnded) this.#deliverEnd()
  }

  // What follows is for the connection.

  /** False: the peer has sent more than it may. */
  received(chunk: Buffer): boolean {
    this.#receiveWindow -= chunk.length
    if (this.#receiveWindow < 0) return false
    if (this.#paused || this.#held !== undefined) {
      this.#held ??= []
      this.#held.push(Buffer.from(chunk))
      this.#heldBytes += chunk.length
    } else this.#deliver(chunk)
    return true
  }

  receivedEnd(): void {
    this.remoteEnded = true
    if (!this.#paused && this.#held === undefined) this.#deliverEnd()
  }

  /** A window has opened, or the transport has drained. */
  flush(): void {
    const owner = this.#owner
    while (this.#queue !== undefined) {
      const chunk = this.#queue[0]!
      const last = this.#endQueued && this.#queue.length === 1
      const sent = owner.sendData(this, chunk, last)
      if (sent < chunk.length || (last && !this.localEnded)) {
        this.#queue[0] = chunk.subarray(sent)
        this.#wait()
        return
      }
      this.#queue.shift()
      if (this.#queue.length === 0) this.#queue = undefined
      if (last) this.#ended()
    }
    if (this.#refused && !this.closed && !this.localEnded) {
      this.#refused = false
      this.listener.onWritable()
    }
  }

  receivedReset(code: number, detail: string): void {
    if (this.closed) return
    this.#close()
    this.listener.onReset(code, detail)
  }

  #send(chunk: Uint8Array, last: boolean): boolean {
    let sent = 0
    if (this.#queue === undefined && !this.#owner.congested) {
      sent = this.#owner.sendData(this, chunk, last)
      if (sent === chunk.length && (!last || this.localEnded)) {
        if (last) this.#ended()
        return true
      }
    }
    this.#queue ??= []
    this.#queue.push(Buffer.from(chunk.subarray(sent)))
    this.#endQueued = last
    this.#refused = true
    this.#wait()
    return false
  }

  #wait(): void {
    // With the stream's own window closed, the peer's update wakes it.
    if (this.sendWindow > 0 || this.#queue?.[0]?.length === 0) this.#owner.block(this)
  }

  #deliver(chunk: Buffer): void {
    this.listener.onData(chunk)
    if (this.closed || this.remoteEnded) return
    // The window is what has been sent and not been read: paused or not, this chunk has been taken.
    if (this.#receiveWindow > (this.#windowBytes - this.#heldBytes) / 2) return
    // Whoever reads all of it gets twice as much the next time, so that large bodies do not wait for the way there and back.
    this.#windowBytes = Math.min(this.#windowBytes * 2, this.#owner.windowBytes)
    const more = this.#windowBytes - this.#heldBytes - this.#receiveWindow
    if (more <= 0) return
    this.#receiveWindow += more
    this.#owner.sendWindow(this, more)
  }

  #deliverEnd(): void {
    if (this.closed || this.#endDelivered) return
    this.#endDelivered = true
    if (this.localEnded) this.#close()
    this.listener.onEnd()
  }

  /** This side has said all. */
  #ended(): void {
    this.localEnded = true
    if (this.#endDelivered) this.#close()
  }

  #close(): void {
    this.closed = true
    this.#queue = undefined
    this.#held = undefined
    this.#owner.closed(this)
  }
}

/** Words for a code, for operators. */
export function resetDetail(code: number): string {
  for (const [name, value] of Object.entries(CODE)) if (value === code) return name
  return `code ${code}`
}
