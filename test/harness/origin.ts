/**
 * The origin of a scenario: a raw server that records every byte and answers what the script says.
 *
 * Without a script it accepts and waits: the test takes connection after connection (`accepted`) and plays each by
 * hand. What `echoOrigin` serves must be canonical to the byte, or the test fails when it ends.
 */

import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { CutOff } from './byte-stream.ts'
import type { Message } from './message.ts'
import { Peer } from './peer.ts'

export type Script = (connection: Peer, index: number) => Promise<void>

export class Origin {
  /** One for each accepted connection, in order. */
  readonly connections: Peer[] = []
  /** Requests that a script has read, in the order of their arrival. */
  readonly requests: Message[] = []
  /** What went wrong inside scripts. */
  readonly faults: string[] = []
  /** Requests that the gateway gave up before they were complete. */
  cutOff = 0
  readonly #server: Server
  readonly #script: Script | undefined
  readonly #waiting: (() => void)[] = []
  #closing = false

  constructor(script: Script | undefined) {
    this.#script = script
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The connection with that number, as soon as it is there. */
  async accepted(index = 0): Promise<Peer> {
    while (this.connections.length <= index) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return this.connections[index]!
  }

  /** All bytes that reached the origin, connection after connection. */
  get recorded(): string[] {
    return this.connections.map((connection) => connection.stream.recorded.toString('latin1'))
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  close(): Promise<void> {
    this.#closing = true
    for (const connection of this.connections) connection.socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {})
    if (this.#closing) {
      socket.destroy()
      return
    }
    const connection = new Peer(socket)
    this.connections.push(connection)
    this.#script?.(connection, this.connections.length - 1).catch((error: Error) => {
      if (error instanceof CutOff) this.cutOff++
      else this.faults.push(error.message)
    })
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

/** Starts an origin that plays `script` on every connection; none: the test plays by hand. */
export async function startOrigin(t: TestContext, script?: Script): Promise<Origin> {
  const origin = new Origin(script)
  await origin.listen()
  t.after(() => origin.close())
  return origin
}

/** Answers every request, on every connection, with the same bytes. */
export function startAnswering(t: TestContext, answer: string): Promise<Origin> {
  return startServing(t, () => answer)
}

/** What an echo says it saw. */
export interface Echo {
  readonly origin: string
  readonly connection: number
  readonly method: string
  readonly target: string
  readonly fields: Readonly<Record<string, string>>
  readonly body: string
}

/** Answers every request with JSON of what it saw. */
export function startEcho(t: TestContext, name = 'origin'): Promise<Origin> {
  return startServing(t, (request, connection) => {
    const [method, target] = request.requestLine
    const fields: Record<string, string> = {}
    for (const [field] of request.fields)
      fields[field.toLowerCase()] = request.get(field.toLowerCase())!
    const echo: Echo = { origin: name, connection, method, target, fields, body: request.text }
    return ok(JSON.stringify(echo), 'Content-Type: application/json')
  })
}

/** Serves request after request; a byte out of place on any connection is a fault. */
export async function startServing(
  t: TestContext,
  answer: (request: Message, connection: number) => string,
): Promise<Origin> {
  const origin: Origin = await startOrigin(t, async (connection, index) => {
    while (await connection.stream.more()) {
      const request = await connection.request()
      origin.requests.push(request)
      const bytes = answer(request, index)
      const bodiless = request.requestLine[0] === 'HEAD'
      connection.send(bodiless ? bytes.slice(0, bytes.indexOf('\r\n\r\n') + 4) : bytes)
    }
  })
  t.after(() =>
    assert.deepEqual(origin.faults, [], 'every byte at the origin is part of a request'),
  )
  return origin
}

/** `HTTP/1.1 200 OK` with a body and its length. */
export function ok(body: string, ...fields: string[]): string {
  const lines = ['HTTP/1.1 200 OK', ...fields, `Content-Length: ${Buffer.byteLength(body)}`]
  return `${lines.join('\r\n')}\r\n\r\n${Buffer.from(body).toString('latin1')}`
}
