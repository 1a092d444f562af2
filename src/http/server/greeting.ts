/**
 * Waits for a client's first message and hands the connection on with every byte still to be read.
 *
 * A client that says nothing in time, goes away, or sends more than a hello may have is gone.
 */

import type { Socket } from 'node:net'
import { Timer, type TimerWheel } from '../../base/timer-wheel.ts'
import { type ClientHello, INCOMPLETE_HELLO, NO_HELLO, readClientHello } from './client-hello.ts'
import { forgetReads, hearReads } from './shared-read.ts'

export interface GreetingParts {
  readonly timers: TimerWheel
  readonly timeoutMs: number
  readonly greeted: (greeting: Greeting, greeted: Greeted) => void
  readonly lost: (greeting: Greeting) => void
}

export interface Greeted {
  readonly socket: Socket
  /** All that has been read; valid during the call. */
  readonly bytes: Buffer
  /** Undefined for bytes that are no hello. */
  readonly hello: ClientHello | undefined
}

export class Greeting {
  readonly #socket: Socket
  readonly #parts: GreetingParts
  readonly #timer: Timer
  /** The beginning of a hello. */
  #bytes: Buffer | undefined

  constructor(socket: Socket, parts: GreetingParts) {
    this.#socket = socket
    this.#parts = parts
    this.#timer = new Timer(this.#lose)
    parts.timers.set(this.#timer, parts.timeoutMs)
    socket.on('end', this.#lose)
    socket.on('error', this.#lose)
    hearReads(socket, this.#read)
  }

  destroy(): void {
    this.#leave()
    this.#socket.on('error', ignoreError)
    this.#socket.destroy()
  }

  // Fields, so that they can be taken away again.
  readonly #read = (socket: Socket, shared: Buffer, length: number): void => {
    const fresh = shared.subarray(0, length)
    const bytes = this.#bytes === undefined ? fresh : Buffer.concat([this.#bytes, fresh])
    const hello = readClientHello(bytes)
    if (hello === INCOMPLETE_HELLO) {
      this.#bytes = bytes === fresh ? Buffer.from(fresh) : bytes
      return
    }
    this.#leave()
    this.#parts.greeted(this, { socket, bytes, hello: hello === NO_HELLO ? undefined : hello })
  }

  readonly #lose = (): void => {
    this.destroy()
    this.#parts.lost(this)
  }

  #leave(): void {
    this.#parts.timers.remove(this.#timer)
    forgetReads(this.#socket)
    this.#socket.off('end', this.#lose)
    this.#socket.off('error', this.#lose)
  }
}

function ignoreError(): void {}
