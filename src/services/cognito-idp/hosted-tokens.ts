/**
 * Tokens for OAuth clients: what a code, a refresh token or a client's secret gives, and what is taken back.
 *
 * The same families, keys and claims as for sign-ins by the API (`sign-in.ts`, `refresh.ts`); a family that was granted
 * here has its scopes, and they say which claims are in its ID tokens.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
 */

import { randomUUID } from 'node:crypto'
import type { AuthenticationResultType } from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import type { SignedIn } from '../../identity/oauth/authorization-codes.ts'
import type { OAuthClient } from '../../identity/oauth/oauth-client.ts'
import type { AccessTokenFacts, GrantRequest, TokenSet } from '../../identity/oauth/token-port.ts'
import type { TokenFamilyRecord, UserPoolClientRecord } from '../../identity/user-pools/records.ts'
import { readableAttributes } from '../../identity/user-pools/schema.ts'
import {
  familyKey,
  judgeSecret,
  splitRefreshToken,
} from '../../identity/user-pools/token-families.ts'
import { validityOf } from '../../identity/user-pools/token-validity.ts'
import { type FoundUser, findUser } from '../../identity/user-pools/users.ts'
import type { Records } from '../../storage/store.ts'
import { type Decision, Refused } from '../service.ts'
import { type ClientCall, clientCall } from './client-call.ts'
import { type AuthResponse, grant } from './grant.ts'
import { type HostedPoolParts, settle } from './hosted-parts.ts'
import { isRotated, refresh, wasSignedOut } from './refresh.ts'

export class HostedTokens {
  protected readonly parts: HostedPoolParts

  constructor(parts: HostedPoolParts) {
    this.parts = parts
  }

  get poolId(): string {
    return this.parts.known.pool.Id
  }

  get issuer(): string {
    return this.parts.pools.issuerOf(this.poolId)
  }

  async grant({ client, signedIn, scopes, nonce }: GrantRequest): Promise<TokenSet | undefined> {
    const user = await this.parts.read((records) => this.userOf(records, signedIn))
    if (user === undefined) return undefined
    const granted = {
      scope: scopes.join(' '),
      authTime: new Date(signedIn.authTimeMs),
      ...(nonce === undefined ? {} : { nonce }),
    }
    const call = narrowed(this.callOf(client), scopes)
    return this.#tokens('OAuthGrant', scopes, () => grant(call, user, granted))
  }

  /** With rotation there is a new refresh token; without, the old one goes on. */
  async refresh(client: OAuthClient, token: string): Promise<TokenSet | undefined> {
    const family = await this.parts.read((records) => this.#familyOf(records, token))
    if (family === undefined) return undefined
    const call = this.callOf(client)
    const rotate = isRotated(call)
    // A sign-in by the API has no scopes, and every claim.
    const scopes = family.scope?.split(' ') ?? ['openid']
    return this.#tokens('OAuthRefresh', scopes, () =>
      refresh(narrowed(call, scopes), { token, rotate }),
    )
  }

  async grantToClient(client: OAuthClient, scopes: readonly string[]): Promise<TokenSet> {
    const iat = Math.floor(this.parts.now().getTime() / 1_000)
    const record = this.callOf(client).known.client
    const expiresIn = Math.floor(validityOf(record).accessMs / 1_000)
    const accessToken = await this.parts.pools.sign(this.poolId, {
      ...{ sub: client.clientId, token_use: 'access', scope: scopes.join(' '), auth_time: iat },
      ...{ iss: this.issuer, exp: iat + expiresIn, iat, version: 2, jti: randomUUID() },
      client_id: client.clientId,
    })
    return { accessToken, expiresIn }
  }

  async revoke(client: OAuthClient, token: string): Promise<boolean> {
    return this.parts.write('OAuthRevoke', async ({ records }) => {
      const family = await this.#familyOf(records, token)
      if (family === undefined) return true
      const { secret = '' } = splitRefreshToken(token) ?? {}
      if (judgeSecret(family, secret, this.parts.now()) === 'unknown') return true
      if (family.clientId !== client.clientId) return false
      await records.put(familyKey(this.poolId, family.originJti), { ...family, revoked: true })
      return true
    })
  }

  async verifyAccessToken(token: string): Promise<AccessTokenFacts | undefined> {
    const proven = await this.parts.pools.prove(token, this.parts.now())
    if (proven === undefined || proven.pool.Id !== this.poolId) return undefined
    const { token_use, sub, username, client_id, scope, origin_jti } = proven.claims
    if (token_use !== 'access' || typeof username !== 'string') return undefined
    const isGood = await this.parts.read(async (records) => {
      const key = familyKey(this.poolId, String(origin_jti))
      const family = (await records.get<TokenFamilyRecord>(key))?.body
      if (family === undefined || family.revoked === true) return false
      const user = await findUser(records, this.parts.known.pool, username)
      return user?.body.enabled === true && !wasSignedOut(family, user.body)
    })
    if (!isGood) return undefined
    const scopes = String(scope).split(' ')
    return { sub: String(sub), username, clientId: String(client_id), scopes }
  }

  async readAttributes(
    facts: AccessTokenFacts,
  ): Promise<Readonly<Record<string, string>> | undefined> {
    const { pools, known, read } = this.parts
    const client = pools.directory.client(facts.clientId)?.client
    const user = await read((records) => findUser(records, known.pool, facts.username))
    if (client === undefined || user?.body.attributes['sub'] !== facts.sub) return undefined
    return Object.fromEntries(
      readableAttributes(narrowedClient(client, facts.scopes), user.body.attributes),
    )
  }

  /** Undefined: deleted, another one of the same name, disabled, or signed out everywhere since. */
  protected async userOf(records: Records, signedIn: SignedIn): Promise<FoundUser | undefined> {
    const user = await findUser(records, this.parts.known.pool, signedIn.username)
    if (user === undefined || user.body.attributes['sub'] !== signedIn.sub) return undefined
    const { enabled, signedOutAt } = user.body
    const isOut = signedOutAt !== undefined && signedIn.authTimeMs <= Date.parse(signedOutAt)
    return enabled && !isOut ? user : undefined
  }

  protected callOf({ clientId: ClientId }: OAuthClient): ClientCall {
    return clientCall(this.parts.pools, { ClientId }, this.parts.deciding())
  }

  async #familyOf(records: Records, token: string): Promise<TokenFamilyRecord | undefined> {
    const { originJti } = splitRefreshToken(token) ?? {}
    if (originJti === undefined) return undefined
    return (await records.get<TokenFamilyRecord>(familyKey(this.poolId, originJti)))?.body
  }

  /** Undefined: it was refused. */
  async #tokens(
    action: string,
    scopes: readonly string[],
    decide: () => Promise<Decision<AuthResponse>>,
  ): Promise<TokenSet | undefined> {
    try {
      const done = await settle(this.parts, action, await decide())
      return done instanceof Refused ? undefined : tokenSet(done.AuthenticationResult!, scopes)
    } catch (thrown) {
      if (thrown instanceof ServiceError && thrown.status < 500) return undefined
      throw thrown
    }
  }
}

function tokenSet(result: AuthenticationResultType, scopes: readonly string[]): TokenSet {
  const { AccessToken = '', IdToken, RefreshToken, ExpiresIn = 0 } = result
  return {
    accessToken: AccessToken,
    ...(IdToken === undefined || !scopes.includes('openid') ? {} : { idToken: IdToken }),
    ...(RefreshToken === undefined ? {} : { refreshToken: RefreshToken }),
    expiresIn: ExpiresIn,
  }
}

function narrowed(call: ClientCall, scopes: readonly string[]): ClientCall {
  const { known } = call
  return { ...call, known: { ...known, client: narrowedClient(known.client, scopes) } }
}

const CLAIMS_OF: Readonly<Record<string, readonly string[]>> = {
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
}

/** `profile`, or `openid` alone, shows everything that the client may read; `email` and `phone` show theirs. */
function narrowedClient(
  client: UserPoolClientRecord,
  scopes: readonly string[],
): UserPoolClientRecord {
  const shown = scopes.flatMap((scope) => CLAIMS_OF[scope] ?? [])
  if (scopes.includes('profile') || shown.length === 0) return client
  const { ReadAttributes } = client
  const may = (name: string) => ReadAttributes === undefined || ReadAttributes.includes(name)
  return { ...client, ReadAttributes: shown.filter(may) }
}
