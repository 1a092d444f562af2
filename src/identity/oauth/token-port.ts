/** What the OAuth endpoints need of a user pool, which makes the tokens and takes them back. */

import type { SignedIn } from './authorization-codes.ts'
import type { OAuthClient } from './oauth-client.ts'

/** A pool and its clients. */
export interface WebPool {
  readonly poolId: string
  readonly issuer: string
  findClient(clientId: string): Promise<OAuthClient | undefined>
}

export interface TokenSet {
  readonly accessToken: string
  readonly idToken?: string
  readonly refreshToken?: string
  readonly expiresIn: number
}

export interface GrantRequest {
  readonly client: OAuthClient
  readonly signedIn: SignedIn
  readonly scopes: readonly string[]
  readonly nonce: string | undefined
}

/** Makes and takes back tokens. */
export interface TokenPool extends WebPool {
  /** Undefined: the user may not have any: disabled, deleted, signed out everywhere since. */
  grant(request: GrantRequest): Promise<TokenSet | undefined>
  /** Undefined: the token is not good for this client. */
  refresh(client: OAuthClient, refreshToken: string): Promise<TokenSet | undefined>
  /** The client's own token, for scopes of resource servers. */
  grantToClient(client: OAuthClient, scopes: readonly string[]): Promise<TokenSet>
  /** False: it is another client's. A token that is not known is no error. */
  revoke(client: OAuthClient, refreshToken: string): Promise<boolean>
  /** Undefined: not genuine, over, or taken back. */
  verifyAccessToken(token: string): Promise<AccessTokenFacts | undefined>
  /** What the client may read of the user; undefined: there is no such user any more. */
  readAttributes(facts: AccessTokenFacts): Promise<Readonly<Record<string, string>> | undefined>
}

export interface AccessTokenFacts {
  readonly sub: string
  readonly username: string
  readonly clientId: string
  readonly scopes: readonly string[]
}
