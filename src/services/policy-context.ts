/** What a management call says of the condition keys of policies. */

import { type Signer, signerValue } from '../aws/iam-identity/signer.ts'
import type { PolicyContext } from '../aws/iam-policy/wildcard.ts'

export interface CallFact {
  readonly caller: { readonly sourceIp: string }
  readonly now: Date
}

export class CallContext implements PolicyContext {
  readonly #call: CallFact
  readonly #signer: Signer
  readonly #extra: Readonly<Record<string, string>>

  /** `extra`: keys of the service, in lower case. */
  constructor(call: CallFact, signer: Signer, extra: Readonly<Record<string, string>> = {}) {
    this.#call = call
    this.#signer = signer
    this.#extra = extra
  }

  valuesOf(key: string): readonly string[] | undefined {
    const value = this.#ofCall(key) ?? signerValue(this.#signer, key)
    return value === undefined ? undefined : [value]
  }

  #ofCall(key: string): string | undefined {
    const { caller, now } = this.#call
    switch (key) {
      case 'aws:sourceip':
        return caller.sourceIp
      case 'aws:securetransport':
        // The control port speaks HTTP.
        return 'false'
      case 'aws:currenttime':
        return now.toISOString()
      case 'aws:epochtime':
        return String(Math.floor(now.getTime() / 1_000))
      default:
        return Object.hasOwn(this.#extra, key) ? this.#extra[key] : undefined
    }
  }
}
