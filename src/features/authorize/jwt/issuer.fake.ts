/** An issuer without a network, for tests of what asks it: documents as a function of their address, and a clock. */

import type { Clock } from '../../../base/clock.ts'
import { type Limits, limitsOf } from '../../../domain/limits.ts'
import type { DocumentRequest, FetchedDocument } from '../../../http/client/fetch-document.ts'
import { IssuerKeys } from './issuer-keys.ts'
import { keySetOf, signToken, type TestKey, testKey } from './token.fake.ts'
import { TokenVerifier } from './token-verifier.ts'

export const START_MS = 1_800_000_000_000

export class FakeIssuer implements Clock {
  readonly url = 'https://issuer.example'
  readonly limits: Limits = { ...limitsOf('extended'), tokenLeewayMs: 0 }
  readonly asked: string[] = []
  keys: TestKey[] = [testKey('ES256')]
  isUp = true
  nowMs = START_MS

  now(): number {
    return this.nowMs
  }

  epochMs(): number {
    return this.nowMs
  }

  readonly fetchDocument = async ({ url }: DocumentRequest): Promise<FetchedDocument> => {
    this.asked.push(url.href)
    if (!this.isUp) return { kind: 'failed', reason: 'it is down' }
    const discovery = JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/keys` })
    const text = url.pathname === '/keys' ? keySetOf(...this.keys) : discovery
    return { kind: 'document', text }
  }

  /** How often it was asked for everything. */
  get rounds(): number {
    return this.asked.filter((url) => !url.endsWith('/keys')).length
  }

  issuerKeys(): IssuerKeys {
    return new IssuerKeys(this.url, { clock: this, ...this })
  }

  verifier(keys = this.issuerKeys()): TokenVerifier {
    return new TokenVerifier({ issuer: this.url, audience: ['shop'] }, keys, {
      clock: this,
      limits: this.limits,
    })
  }

  /** For the audience `shop`, an hour long. */
  token(changes: object = {}, key = this.keys[0]!, header: object = {}): string {
    const exp = Math.floor(this.nowMs / 1000) + 3_600
    return signToken(key, { iss: this.url, aud: 'shop', sub: 'jo', exp, ...changes }, header)
  }
}

/** Every promise that is under way has gone on as far as it can. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
