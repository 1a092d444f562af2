/** Holding a whole request body, for steps that read it (parameter mapping). */

import type { BodySink } from '../http/exchange.ts'
import type { WireError } from '../http/wire-error.ts'
import { reasonOfClientError, refuse } from './gateway-response.ts'
import type { Invocation } from './invocation.ts'
import { NEXT, type Outcome, PENDING } from './outcome.ts'

/**
 * Puts the body into `x.requestBody`: at once when it came with the head, else PENDING until it is complete. The size
 * is bounded by the limit on request bodies, which the exchange enforces.
 */
export function bufferRequestBody(x: Invocation): Outcome {
  if (x.requestBody !== undefined) return NEXT
  const here = x.exchange.takeBufferedBody()
  if (here !== undefined) {
    x.requestBody = here
    return NEXT
  }
  x.suspend()
  const collector = new BodyCollector(x)
  x.exchange.listener = collector
  x.exchange.receiveBody(collector)
  collector.started()
  return PENDING
}

class BodyCollector implements BodySink {
  readonly #x: Invocation
  readonly #chunks: Uint8Array[] = []
  #starting = true
  #over = false

  constructor(x: Invocation) {
    this.#x = x
  }

  started(): void {
    this.#starting = false
  }

  onData(chunk: Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk))
  }

  onEnd(): void {
    this.#x.requestBody = Buffer.concat(this.#chunks)
    this.#done()
  }

  onBodyError(error: WireError): void {
    refuse(this.#x, reasonOfClientError(error), error.detail)
    this.#done()
  }

  onDrain(): void {}

  onClientGone(error: WireError): void {
    this.#x.refuseWith('CLIENT_GONE', error.detail)
    this.#done()
  }

  #done(): void {
    if (this.#over) return
    this.#over = true
    this.#x.exchange.listener = undefined
    if (this.#starting) queueMicrotask(() => this.#x.resume())
    else this.#x.resume()
  }
}
