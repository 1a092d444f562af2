/** Holding a whole request body, for steps that read it (parameter mapping). */

import type { BodySink } from '../http/exchange.ts'
import type { WireError } from '../http/wire-error.ts'
import { bodyBecause } from './body-because.ts'
import { reasonOfClientError, refuse } from './gateway-response.ts'
import type { Invocation } from './invocation.ts'
import { NEXT, type Outcome, PENDING } from './outcome.ts'

/**
 * Puts the body into `x.requestBody`: at once when it came with the head, else PENDING until it is complete. A body
 * beyond the limit for bodies in memory ends the call.
 */
export function bufferRequestBody(x: Invocation): Outcome {
  if (x.requestBody !== undefined) return NEXT
  const { bufferedBodyBytes } = x.stageContext.services.limits
  if (x.exchange.requestBodyBytes > bufferedBodyBytes)
    return refuse(x, TOO_LARGE, TO_BE_MAPPED, bodyBecause)
  const here = x.exchange.takeBufferedBody()
  if (here !== undefined) {
    if (here.length > bufferedBodyBytes) return refuse(x, TOO_LARGE, TO_BE_MAPPED, bodyBecause)
    x.requestBody = here
    return NEXT
  }
  x.suspend()
  const collector = new BodyCollector(x, bufferedBodyBytes)
  x.exchange.listener = collector
  x.exchange.receiveBody(collector)
  collector.started()
  return PENDING
}

const TOO_LARGE = 'REQUEST_TOO_LARGE'
const TO_BE_MAPPED = 'request too large to be mapped'

class BodyCollector implements BodySink {
  readonly #x: Invocation
  readonly #bytesMax: number
  readonly #chunks: Uint8Array[] = []
  #bytes = 0
  #starting = true
  #over = false
  readonly #begunMs: number

  constructor(x: Invocation, bytesMax: number) {
    this.#begunMs = x.stageContext.services.clock.now()
    this.#x = x
    this.#bytesMax = bytesMax
  }

  started(): void {
    this.#starting = false
  }

  onData(chunk: Uint8Array): void {
    if (this.#over) return
    this.#bytes += chunk.length
    if (this.#bytes <= this.#bytesMax) this.#chunks.push(Buffer.from(chunk))
    else {
      refuse(this.#x, TOO_LARGE, TO_BE_MAPPED, bodyBecause)
      this.#done()
    }
  }

  onEnd(): void {
    if (this.#over) return
    this.#x.requestBody = Buffer.concat(this.#chunks)
    this.#done()
  }

  onBodyError(error: WireError): void {
    if (this.#over) return
    refuse(this.#x, reasonOfClientError(error), error.detail, bodyBecause)
    this.#done()
  }

  onDrain(): void {}

  onClientGone(error: WireError): void {
    if (this.#over) return
    this.#x.refuseWith('CLIENT_GONE', error.detail)
    this.#done()
  }

  #done(): void {
    this.#over = true
    this.#x.waitedMs += this.#x.stageContext.services.clock.now() - this.#begunMs
    this.#x.exchange.listener = undefined
    if (this.#starting) queueMicrotask(() => this.#x.resume())
    else this.#x.resume()
  }
}
