/**
 * What every operation on user pools needs besides its records: the directory, the installation key, the signer, and where
 * the pools are reached.
 *
 * The key is opened with the first thing that needs it, so that an installation without pools has none.
 */

import { ServiceError } from '../../aws/service-error.ts'
import type { Sealer } from '../installation-key.ts'
import { Attempts } from './attempts.ts'
import type { KnownPool, UserPoolDirectory } from './directory.ts'
import type { SigningKeyRecord } from './records.ts'
import { TokenSigner } from './signing-keys.ts'
import { type SplitToken, splitToken } from './tokens.ts'

export interface UserPoolsParts {
  readonly directory: UserPoolDirectory
  /** Opens the installation key, or makes it, where nothing has been sealed yet. */
  readonly openKey: () => Promise<Sealer>
  /** Public base of every issuer; undefined: user pools are not served. */
  readonly baseUrl: () => string | undefined
  /** Opens the port that clients of pools use; rejects with a ServiceError. */
  readonly ensureServed: () => Promise<void>
}

export interface ProvenToken extends KnownPool {
  readonly claims: Readonly<Record<string, unknown>>
}

export class UserPools {
  readonly directory: UserPoolDirectory
  readonly attempts = new Attempts()
  readonly #parts: UserPoolsParts
  #sealer: Promise<Sealer> | undefined
  #signer: TokenSigner | undefined

  constructor(parts: UserPoolsParts) {
    this.#parts = parts
    this.directory = parts.directory
  }

  ensureServed(): Promise<void> {
    return this.#parts.ensureServed()
  }

  /** A key that could not be opened is tried again the next time. */
  sealer(): Promise<Sealer> {
    this.#sealer ??= this.#parts.openKey().catch((thrown: unknown) => {
      this.#sealer = undefined
      throw thrown
    })
    return this.#sealer
  }

  async signer(): Promise<TokenSigner> {
    this.#signer ??= new TokenSigner(await this.sealer())
    return this.#signer
  }

  /** `iss` of its tokens. Throws a ServiceError when nobody could check them. */
  issuerOf(poolId: string): string {
    const base = this.#parts.baseUrl()
    if (base !== undefined) return `${base}/${poolId}`
    throw new ServiceError(
      'ServiceUnavailableException',
      'User pools are not served: the identity port is closed. Start Postern with --identity PORT.',
    )
  }

  /** The token of these claims, by the key that signs for the pool now. */
  async sign(poolId: string, claims: object): Promise<string> {
    const key = this.#signingKey(poolId)
    return (await this.signer()).sign(poolId, key, claims)
  }

  /** Undefined: no pool here has signed it, or it is over. What it is for is for the caller to look at. */
  async prove(token: string, now: Date): Promise<ProvenToken | undefined> {
    const split = splitToken(token)
    const found = split && this.#signedBy(split)
    if (split === undefined || found === undefined) return undefined
    const signer = await this.signer()
    if (!signer.verify(found.key, split.text, split.signature)) return undefined
    const { exp } = split.claims
    if (typeof exp !== 'number' || exp * 1_000 <= now.getTime()) return undefined
    return { ...found.known, claims: split.claims }
  }

  /** The pool whose token this claims to be. */
  claimedPool(token: string): KnownPool | undefined {
    const split = splitToken(token)
    return split && this.#signedBy(split)?.known
  }

  #signedBy({ claims, kid }: SplitToken) {
    const poolId = String(claims['iss']).split('/').at(-1)!
    const known = this.directory.pool(poolId)
    const key = this.directory.key(poolId, kid)
    if (known === undefined || key === undefined) return undefined
    return claims['iss'] === this.issuerOf(poolId) ? { known, key } : undefined
  }

  #signingKey(poolId: string): SigningKeyRecord {
    const key = this.directory.keys(poolId).findLast(({ retiredAt }) => retiredAt === undefined)
    if (key !== undefined) return key
    throw new ServiceError('ResourceNotFoundException', `User pool ${poolId} does not exist.`)
  }
}
