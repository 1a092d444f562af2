/**
 * Waits for a client's first message and hands the connection on with every byte still to be read.
 *
 * A client that says nothing in time, goes away, or sends more than a hello may have is gone.
 */

import type { Socket } from 'node:net'
import { Timer, type TimerWheel } from '../../base/timer-wheel.ts'
import { type ClientHello, INCOMPLETE_HELLO, NO_HELLO, readClientHello } from './client-hello.ts'

export interface GreetingParts {
  readonly timers: TimerWheel
  readonly timeoutMs: number
  /** `hello` is undefined for bytes that are no hello. */
  readonly greeted: (greeting: Greeting, socket: Socket, hello: ClientHello | undefined) => void
  readonly lost: (greeting: Greeting) => void
}

export class Greeting {
  readonly #socket: Socket
  readonly #parts: GreetingParts
  readonly #timer: Timer
  #bytes: Buffer | undefined

  constructor(socket: Socket, parts: GreetingParts) {
    this.#socket = socket
    this.#parts = parts
    this.#timer = new Timer(this.#lose)
    parts.timers.set(this.#timer, parts.timeoutMs)
    socket.on('data', this.#onData)
    socket.on('end', this.#lose)
    socket.on('error', this.#lose)
  }

  destroy(): void {
    this.#leave()
    this.#socket.on('error', ignoreError)
    this.#socket.destroy()
  }

  // Fields, so that they can be taken away again.
  readonly #onData = (chunk: Buffer): void => {
    const bytes = this.#bytes === undefined ? chunk : Buffer.concat([this.#bytes, chunk])
    const hello = readClientHello(bytes)
    if (hello === INCOMPLETE_HELLO) {
      this.#bytes = bytes
      return
    }
    this.#leave()
    this.#socket.pause()
    this.#socket.unshift(bytes)
    this.#parts.greeted(this, this.#socket, hello === NO_HELLO ? undefined : hello)
  }

  readonly #lose = (): void => {
    this.destroy()
    this.#parts.lost(this)
  }

  #leave(): void {
    this.#parts.timers.remove(this.#timer)
    this.#socket.off('data', this.#onData)
    this.#socket.off('end', this.#lose)
    this.#socket.off('error', this.#lose)
  }
}

function ignoreError(): void {}
