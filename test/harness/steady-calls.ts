/**
 * Callers that call one path again and again while something else happens, each on a connection that it keeps or on a
 * fresh one for every call, and what became of their calls.
 *
 * A client may send a GET again, on another connection, when its connection ended before an answer (RFC 9110 §9.2.2): so
 * does a caller, once, if it is told to. Whatever else is not a 200 is a failure.
 */

import { Agent, get } from 'node:http'

const PAUSE_MS = 5
const TIMEOUT_MS = 30_000

/** A data port on 127.0.0.1, and the name that it is called by. */
export interface Callee {
  readonly port: number
  readonly host: string
}

export interface SteadyWish {
  readonly callers: number
  /** Where the next call goes. */
  readonly to: () => Callee
  readonly path: string
  readonly keepAlive: boolean
  /** A call whose connection ended without an answer is sent again, once, on a fresh one. */
  readonly repeats: boolean
}

export interface SteadyOutcome {
  readonly calls: number
  readonly repeated: number
  readonly failures: readonly string[]
  /** Of each caller: the connections that it has used. */
  readonly connections: readonly number[]
}

export class SteadyCalls {
  readonly #wish: SteadyWish
  readonly #callers: readonly Promise<number>[]
  readonly #failures: string[] = []
  #calls = 0
  #repeated = 0
  #isOver = false

  constructor(wish: SteadyWish) {
    this.#wish = wish
    this.#callers = Array.from({ length: wish.callers }, () => this.#callAgain())
  }

  get calls(): number {
    return this.#calls
  }

  /** Every call under way is ended. */
  async end(): Promise<SteadyOutcome> {
    this.#isOver = true
    const connections = await Promise.all(this.#callers)
    return {
      calls: this.#calls,
      repeated: this.#repeated,
      failures: this.#failures,
      connections,
    }
  }

  /** Resolves to the number of connections it took. */
  async #callAgain(): Promise<number> {
    const { keepAlive, repeats } = this.#wish
    const agent = new Agent({ keepAlive, maxSockets: 1 })
    const used = new Set<number>()
    while (!this.#isOver) {
      let outcome = await this.#call(agent, used)
      if (repeats && outcome.startsWith('closed')) {
        this.#repeated++
        outcome = await this.#call(new Agent({ keepAlive: false }), used)
      }
      this.#calls++
      if (outcome !== '200') this.#failures.push(outcome)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    agent.destroy()
    return used.size
  }

  #call(agent: Agent, used: Set<number>): Promise<string> {
    const { path, to } = this.#wish
    const { port, host } = to()
    return new Promise((resolve) => {
      const target = { host: '127.0.0.1', port, path, agent, headers: { host } }
      const asked = get({ ...target, timeout: TIMEOUT_MS }, (answer) => {
        used.add(answer.socket.localPort!)
        let body = ''
        answer.on('data', (chunk: Buffer) => {
          body += chunk.toString()
        })
        answer.on('end', () =>
          resolve(answer.statusCode === 200 ? '200' : `${answer.statusCode} ${body}`),
        )
        answer.on('error', (error) => resolve(`cut short: ${error.message}`))
      })
      asked.on('error', (error: NodeJS.ErrnoException) => resolve(`${kindOf(error)} of ${port}`))
      asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
    })
  }
}

/** Before a byte of an answer. */
function kindOf({ code, message }: NodeJS.ErrnoException): string {
  const isClosed = code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNREFUSED'
  return isClosed ? `closed (${code})` : message
}
