/**
 * What a request to an API says of the condition keys of policies.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */

import { type Signer, signerValue } from '../../../aws/iam-identity/signer.ts'
import type { PolicyContext } from '../../../aws/iam-policy/wildcard.ts'
import type { Invocation } from '../../../invocation/invocation.ts'

export class RequestContext implements PolicyContext {
  readonly #x: Invocation
  readonly #signer: Signer
  readonly #region: string

  constructor(x: Invocation, signer: Signer, region: string) {
    this.#x = x
    this.#signer = signer
    this.#region = region
  }

  valuesOf(key: string): readonly string[] | undefined {
    const value = this.#ofRequest(key) ?? signerValue(this.#signer, key)
    return value === undefined ? undefined : [value]
  }

  #ofRequest(key: string): string | undefined {
    const x = this.#x
    switch (key) {
      case 'aws:sourceip':
        return x.sourceIp
      case 'aws:securetransport':
        return String(x.exchange.connection.tls !== undefined)
      case 'aws:useragent':
        return x.requestHeader('user-agent')
      case 'aws:referer':
        return x.requestHeader('referer')
      case 'aws:currenttime':
        return new Date(x.requestTimeEpoch).toISOString()
      case 'aws:epochtime':
        return String(Math.floor(x.requestTimeEpoch / 1_000))
      case 'aws:requestedregion':
        return this.#region
      case 'aws:resourceaccount':
        return x.accountId
      default:
        return undefined
    }
  }
}
