/**
 * The verifiers of one worker. Authorizers with the same issuer and audience share one, and those of one issuer share
 * its keys, across stages, APIs and deployments: a deployment that leaves an authorizer alone costs it nothing.
 */

import type { JwtAuthorizer } from '../../../domain/http-api.ts'
import { IssuerKeys, type IssuerKeysDeps } from './issuer-keys.ts'
import { TokenVerifier } from './token-verifier.ts'

export class TokenVerifiers {
  readonly #deps: IssuerKeysDeps
  readonly #verifiers = new Map<string, TokenVerifier>()
  readonly #keys = new Map<string, IssuerKeys>()

  constructor(deps: IssuerKeysDeps) {
    this.#deps = deps
  }

  verifierFor({ issuer, audience }: Pick<JwtAuthorizer, 'issuer' | 'audience'>): TokenVerifier {
    const name = JSON.stringify([issuer, ...[...audience].sort()])
    let verifier = this.#verifiers.get(name)
    if (verifier === undefined) {
      verifier = new TokenVerifier({ issuer, audience }, this.#keysOf(issuer), this.#deps)
      this.#verifiers.set(name, verifier)
    }
    return verifier
  }

  /** Forgets the verifiers, with what they have kept, that nobody uses any more. */
  retain(isUsed: (verifier: TokenVerifier) => boolean): void {
    const issuers = new Set<string>()
    for (const [name, verifier] of this.#verifiers) {
      if (isUsed(verifier)) issuers.add(verifier.keys.issuer)
      else this.#verifiers.delete(name)
    }
    for (const issuer of this.#keys.keys()) if (!issuers.has(issuer)) this.#keys.delete(issuer)
  }

  #keysOf(issuer: string): IssuerKeys {
    let keys = this.#keys.get(issuer)
    if (keys === undefined) {
      keys = new IssuerKeys(issuer, this.#deps)
      this.#keys.set(issuer, keys)
    }
    return keys
  }
}
