/** A call that waits for the keys of an issuer, or for its client to go away. */

import type { ResponseListener } from '../../../http/exchange.ts'
import type { WireError } from '../../../http/wire-error.ts'
import type { Invocation } from '../../../invocation/invocation.ts'
import { PENDING } from '../../../invocation/outcome.ts'
import type { IssuerKeys } from './issuer-keys.ts'

/** The present step runs again when the issuer has answered. A step returns what this returns. */
export function awaitKeys(x: Invocation, keys: IssuerKeys): typeof PENDING {
  x.step--
  x.suspend()
  x.exchange.listener = new KeysAwaited(x, keys)
  return PENDING
}

class KeysAwaited implements ResponseListener {
  readonly #x: Invocation
  readonly #leave: () => void
  readonly #begunMs: number

  constructor(x: Invocation, keys: IssuerKeys) {
    this.#x = x
    this.#begunMs = x.stageContext.services.clock.now()
    this.#leave = keys.whenAnswered(() => this.#goOn())
  }

  onDrain(): void {}

  onClientGone(error: WireError): void {
    this.#leave()
    this.#x.refuseWith('CLIENT_GONE', error.detail)
    this.#goOn()
  }

  #goOn(): void {
    this.#x.waitedMs += this.#x.stageContext.services.clock.now() - this.#begunMs
    this.#x.exchange.listener = undefined
    this.#x.resume()
  }
}
