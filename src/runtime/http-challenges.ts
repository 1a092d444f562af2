/**
 * Answers to HTTP-01 challenges (RFC 8555 §8.3): a table that exists while an order runs, asked before any route.
 *
 * Only the exact path of a token that is awaited, under the host name that it is awaited for, on a connection without
 * TLS, is answered here; everything else goes the way it always goes, so no route is shadowed, and nobody learns from
 * an answer which tokens there are.
 */

import type { Clock } from '../base/clock.ts'
import type { HttpChallenge } from '../domain/acme-challenge.ts'
import type { Exchange } from '../http/exchange.ts'
import { dateField } from '../http/message/date-field.ts'

const PATH = '/.well-known/acme-challenge/'

export class HttpChallenges {
  readonly #clock: Clock
  /** By token: a server has made it, so it is long and names one order. */
  readonly #byToken = new Map<string, HttpChallenge>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isEmpty(): boolean {
    return this.#byToken.size === 0
  }

  show(challenge: HttpChallenge): void {
    this.#byToken.set(challenge.token, challenge)
  }

  hide({ token }: HttpChallenge): void {
    this.#byToken.delete(token)
  }

  /** False: it is none of these, and nothing has been done. */
  answer(exchange: Exchange): boolean {
    const { request, connection } = exchange
    if (connection.tls !== undefined || !request.path.startsWith(PATH)) return false
    const challenge = this.#byToken.get(request.path.slice(PATH.length))
    if (challenge === undefined || challenge.host !== request.host) return false
    if (request.method !== 'GET') return false
    const fields = 'content-type: application/octet-stream\r\ncache-control: no-store\r\n'
    const body = Buffer.from(challenge.keyAuthorization)
    exchange.respond(200, fields + dateField(this.#clock.epochMs()), body)
    return true
  }
}
