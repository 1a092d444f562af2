/** A call that goes to no target: a listener's own answer, or why there is none. Both come in a later turn. */

import type { OriginExchange } from '../http/client/origin.ts'
import type { OriginListener, OriginRequest } from '../http/client/origin-request.ts'
import type { WireError } from '../http/wire-error.ts'
import type { Answerer } from './own-answers.ts'
import { RequestView } from './request-view.ts'

export class OwnCall implements OriginExchange {
  readonly request: OriginRequest
  bodyStarted = false
  /** The body of the request is not wanted. */
  readonly canWrite = false
  readonly #listener: OriginListener
  #ended = false

  constructor(request: OriginRequest, listener: OriginListener) {
    this.request = request
    this.#listener = listener
  }

  answer(answer: Answerer): this {
    const { head, body } = answer(new RequestView(this.request))
    this.#later(() => this.#listener.onResponse(head, body, true))
    return this
  }

  fail(error: WireError): this {
    this.#later(() => this.#listener.onOriginError(error))
    return this
  }

  writeBody(): boolean {
    return true
  }
  endBody(): void {}
  pauseResponse(): void {}
  resumeResponse(): void {}

  abort(): void {
    this.#ended = true
  }

  #later(tell: () => void): void {
    queueMicrotask(() => {
      if (this.#ended) return
      this.#ended = true
      tell()
    })
  }
}
