/**
 * A request as a load balancer sees it: read out of the head that goes to the target, so that rules match what is sent.
 */

import type { OriginRequest } from '../http/client/origin-request.ts'

export class RequestView {
  readonly method: string
  readonly sourceIp: string
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  readonly #head: string
  #host: string | undefined

  constructor({ method, head, caller }: OriginRequest) {
    this.method = method
    this.sourceIp = caller?.sourceIp ?? ''
    this.#head = head
    const from = head.indexOf(' ') + 1
    const target = head.slice(from, head.indexOf(' ', from))
    const mark = target.indexOf('?')
    this.path = mark === -1 ? target : target.slice(0, mark)
    this.query = mark === -1 ? '' : target.slice(mark + 1)
  }

  /** Without port, in lower case. */
  get host(): string {
    this.#host ??= this.header('host').replace(/:\d*$/, '').toLowerCase()
    return this.#host
  }

  /** The first field of that name (in lower case), '' for none. */
  header(name: string): string {
    const head = this.#head
    for (let from = head.indexOf('\r\n') + 2; from > 1; from = head.indexOf('\r\n', from) + 2) {
      const colon = from + name.length
      if (head.charCodeAt(colon) !== 0x3a) continue
      if (head.slice(from, colon).toLowerCase() !== name) continue
      return head.slice(colon + 1, head.indexOf('\r\n', colon)).trim()
    }
    return ''
  }

  /** The value of a cookie, '' for none (RFC 6265 §4.2). */
  cookie(name: string): string {
    for (const pair of this.header('cookie').split(';')) {
      const at = pair.indexOf('=')
      if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
    }
    return ''
  }
}
