/**
 * Everything a socket received, in order, with a reading position: what an actor waits on instead of sleeping.
 */

import type { Socket } from 'node:net'

/**
 * A wait that lasts longer than this is a failure, never a measurement. Counted one by one: while this process is too
 * busy to read what has come, its seconds do not count.
 */
const GUARD_SECONDS = 15

/** The peer ended the stream inside of what was being read. */
export class CutOff extends Error {
  override name = 'CutOff'
}

export class ByteStream {
  #bytes = Buffer.alloc(4_096)
  #length = 0
  #at = 0
  #end: 'open' | 'ended' | 'reset' = 'open'
  #wake: (() => void)[] = []

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.#push(chunk))
    socket.on('end', () => this.#finish('ended'))
    socket.on('error', () => this.#finish('reset'))
    socket.on('close', () => this.#finish('reset'))
  }

  /** All bytes since the connection began. */
  get recorded(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Bytes that nobody has read yet. */
  get unread(): Buffer {
    return this.#bytes.subarray(this.#at, this.#length)
  }

  /** How the peer ended it. */
  get end(): 'open' | 'ended' | 'reset' {
    return this.#end
  }

  take(count: number): Promise<Buffer> {
    return this.#wait(`${count} bytes`, () =>
      this.unread.length >= count ? this.#consume(count) : undefined,
    )
  }

  /** Reads up to and including `marker`; returns what stands before it. */
  async takeUntil(marker: string): Promise<string> {
    const taken = await this.#wait(JSON.stringify(marker), () => {
      const at = this.unread.indexOf(marker, 0, 'latin1')
      return at === -1 ? undefined : this.#consume(at + marker.length)
    })
    return taken.toString('latin1', 0, taken.length - marker.length)
  }

  /** Waits for the end of the stream, in whatever way it comes; returns what was left to read. */
  async takeRest(): Promise<Buffer> {
    return this.#wait('the end of the stream', () =>
      this.#end === 'open' ? undefined : this.#consume(this.unread.length),
    )
  }

  /**
   * True when another byte is there, false when the stream ended instead. Takes as long as it takes: a connection that
   * is kept may be idle, on a busy machine for longer than any wait inside of a message.
   */
  async more(): Promise<boolean> {
    while (this.unread.length === 0 && this.#end === 'open') await this.#changed()
    return this.unread.length > 0
  }

  /** Waits until `recorded` holds at least `count` bytes. */
  grown(count: number): Promise<boolean> {
    return this.#wait(`${count} recorded bytes`, () => (this.#length >= count ? true : undefined))
  }

  async #wait<T>(what: string, look: () => T | undefined): Promise<T> {
    let [seconds, overdue] = [0, false]
    const guard = setInterval(() => {
      overdue = ++seconds >= GUARD_SECONDS
      if (overdue) this.#wakeAll()
    }, 1_000)
    try {
      for (;;) {
        const found = look()
        if (found !== undefined) return found
        if (overdue || this.#end !== 'open') throw this.#missing(what)
        await this.#changed()
      }
    } finally {
      clearInterval(guard)
    }
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve))
  }

  #missing(what: string): Error {
    const seen = JSON.stringify(this.unread.toString('latin1', 0, 400))
    const sentence = `waited for ${what}; the stream is ${this.#end} with ${seen} unread`
    return this.#end === 'open' ? new Error(sentence) : new CutOff(sentence)
  }

  #consume(count: number): Buffer {
    this.#at += count
    return Buffer.from(this.#bytes.subarray(this.#at - count, this.#at))
  }

  #push(chunk: Buffer): void {
    if (this.#length + chunk.length > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#length + chunk.length))
      this.#bytes.copy(grown, 0, 0, this.#length)
      this.#bytes = grown
    }
    chunk.copy(this.#bytes, this.#length)
    this.#length += chunk.length
    this.#wakeAll()
  }

  #finish(end: 'ended' | 'reset'): void {
    if (this.#end === 'open') this.#end = end
    this.#wakeAll()
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}
