/** The client of a scenario: a raw socket that says exactly what it is told and reads strictly. */

import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import type { Message } from './message.ts'
import { Peer } from './peer.ts'

export class Client extends Peer {
  /** Sends a GET with well-formed framing and reads the answer. `fields` are whole lines without line ends. */
  get(target: string, ...fields: string[]): Promise<Message> {
    return this.call('GET', target, fields)
  }

  /** Sends a request, with a content-length where it has a body, and reads the answer. */
  call(
    method: string,
    target: string,
    fields: readonly string[] = [],
    body = '',
  ): Promise<Message> {
    return this.ask(method, target, fields, body).response(method)
  }

  /** Sends a well-formed request and does not wait. */
  ask(method: string, target: string, fields: readonly string[] = [], body = ''): this {
    const lines = [`${method} ${target} HTTP/1.1`, ...fields]
    if (!fields.some((field) => /^host:/i.test(field))) lines.splice(1, 0, 'Host: api.test')
    if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body, 'latin1')}`)
    return this.send(`${lines.join('\r\n')}\r\n\r\n${body}`)
  }
}

/** Connects to the port on loopback; the socket is gone when the test ends. */
export function connectClient(t: Pick<TestContext, 'after'>, port: number): Promise<Client> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    t.after(() => socket.destroy())
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(new Client(socket))
    })
  })
}
