/** A user pool for tests of what a browser and an OAuth client see: users and tokens in maps, nothing is hashed. */

import type { SignedIn } from './authorization-codes.ts'
import type { OAuthClient } from './oauth-client.ts'
import type { Done, Refused, SignedUp, SignInOutcome } from './page-outcome.ts'
import type {
  ChallengeAnswer,
  NewPasswordAnswer,
  NewUser,
  PageCaller,
  PagePool,
  PageSettings,
  PasswordReset,
} from './page-port.ts'
import type { AccessTokenFacts, GrantRequest, TokenPool, TokenSet } from './token-port.ts'

export const FAKE_CLIENT: OAuthClient = {
  clientId: 'client-1',
  name: 'Shop',
  secret: undefined,
  callbackUrls: ['http://localhost:3000/callback'],
  defaultRedirectUri: undefined,
  logoutUrls: ['http://localhost:3000/bye'],
  flows: ['code'],
  scopes: ['openid', 'email'],
  hasOwnUsers: true,
}

export interface FakeUser {
  password: string
  state: 'good' | 'unconfirmed' | 'reset' | 'first password' | 'authenticator'
}

const WRONG: Refused = { kind: 'refused', message: 'Incorrect username or password.' }
const WRONG_CODE: Refused = { kind: 'refused', message: 'The code is wrong.' }

/** The code is always 123456. */
export class FakePool implements PagePool, TokenPool {
  readonly poolId = 'eu-central-1_abc'
  readonly issuer = 'http://localhost:9090/eu-central-1_abc'
  readonly clients = new Map([[FAKE_CLIENT.clientId, FAKE_CLIENT]])
  readonly users = new Map<string, FakeUser>()
  readonly asked: string[] = []
  /** Refresh token → client. */
  readonly refreshTokens = new Map<string, string>()
  settings: PageSettings = {
    userLabel: 'Email',
    rules: {
      minimumLength: 8,
      requireLowercase: true,
      requireUppercase: true,
      requireNumbers: true,
      requireSymbols: false,
    },
    canSignUp: true,
    signUpAttributes: ['name'],
    css: '',
    logo: undefined,
  }
  #tokens = 0

  async findClient(clientId: string): Promise<OAuthClient | undefined> {
    return this.clients.get(clientId)
  }

  async pageSettings(): Promise<PageSettings> {
    return this.settings
  }

  async isStillSignedIn({ username }: SignedIn): Promise<boolean> {
    return this.users.has(username)
  }

  async signIn(caller: PageCaller, username: string, password: string): Promise<SignInOutcome> {
    this.asked.push(`signIn ${username} from ${caller.sourceIp}`)
    const user = this.users.get(username)
    if (user === undefined || user.password !== password) return WRONG
    switch (user.state) {
      case 'good':
        return { kind: 'signed-in', signedIn: this.#signedIn(username) }
      case 'authenticator':
        return { kind: 'authenticator', session: 'session-1', username }
      case 'first password':
        return { kind: 'new-password', session: 'session-1', username, missing: ['name'] }
      default:
        return { kind: user.state }
    }
  }

  async answerAuthenticator(_caller: PageCaller, answer: ChallengeAnswer): Promise<SignInOutcome> {
    if (answer.session !== 'session-1') return WRONG
    if (answer.code !== '123456') return { ...WRONG_CODE, session: 'session-1' }
    return { kind: 'signed-in', signedIn: this.#signedIn(answer.username) }
  }

  async answerNewPassword(_caller: PageCaller, answer: NewPasswordAnswer): Promise<SignInOutcome> {
    const user = this.users.get(answer.username)
    if (answer.session !== 'session-1' || user === undefined) return WRONG
    if (answer.password.length < 8) {
      return { kind: 'refused', message: 'The password is too short.', session: 'session-1' }
    }
    user.password = answer.password
    user.state = 'good'
    return { kind: 'signed-in', signedIn: this.#signedIn(answer.username) }
  }

  async signUp(_caller: PageCaller, user: NewUser): Promise<SignedUp | Refused> {
    this.asked.push(`signUp ${user.username} ${JSON.stringify(user.attributes)}`)
    this.users.set(user.username, { password: user.password, state: 'unconfirmed' })
    return { kind: 'done', isConfirmed: false }
  }

  async confirmSignUp(_caller: PageCaller, username: string, code: string): Promise<Done> {
    const user = this.users.get(username)
    if (user === undefined || code !== '123456') return WRONG_CODE
    user.state = 'good'
    return { kind: 'done' }
  }

  async resendCode(_caller: PageCaller, username: string): Promise<Done> {
    this.asked.push(`resendCode ${username}`)
    return { kind: 'done' }
  }

  async forgotPassword(_caller: PageCaller, username: string): Promise<Done> {
    this.asked.push(`forgotPassword ${username}`)
    return { kind: 'done' }
  }

  async confirmForgotPassword(_caller: PageCaller, reset: PasswordReset): Promise<Done> {
    const user = this.users.get(reset.username)
    if (user === undefined || reset.code !== '123456') return WRONG_CODE
    user.password = reset.password
    user.state = 'good'
    return { kind: 'done' }
  }

  async grant({ client, signedIn, scopes, nonce }: GrantRequest): Promise<TokenSet | undefined> {
    if (!this.users.has(signedIn.username)) return undefined
    const number = ++this.#tokens
    const refreshToken = `refresh-${number}`
    this.refreshTokens.set(refreshToken, client.clientId)
    return {
      accessToken: `access ${signedIn.username} ${scopes.join(' ')}`,
      ...(scopes.includes('openid') ? { idToken: `id ${nonce}` } : {}),
      refreshToken,
      expiresIn: 3_600,
    }
  }

  async refresh(client: OAuthClient, refreshToken: string): Promise<TokenSet | undefined> {
    if (this.refreshTokens.get(refreshToken) !== client.clientId) return undefined
    return { accessToken: `access again ${++this.#tokens}`, expiresIn: 3_600 }
  }

  async grantToClient(client: OAuthClient, scopes: readonly string[]): Promise<TokenSet> {
    return { accessToken: `access ${client.clientId} ${scopes.join(' ')}`, expiresIn: 3_600 }
  }

  async revoke(client: OAuthClient, refreshToken: string): Promise<boolean> {
    const owner = this.refreshTokens.get(refreshToken)
    if (owner !== undefined && owner !== client.clientId) return false
    this.refreshTokens.delete(refreshToken)
    return true
  }

  async verifyAccessToken(token: string): Promise<AccessTokenFacts | undefined> {
    if (!token.startsWith('good-')) return undefined
    const scopes = token.slice(5).split('.')
    return { sub: 'sub-ana', username: 'ana@example.com', clientId: 'client-1', scopes }
  }

  async readAttributes({
    username,
  }: AccessTokenFacts): Promise<Record<string, string> | undefined> {
    return this.users.has(username) ? { email: username, email_verified: 'true' } : undefined
  }

  #signedIn(username: string): SignedIn {
    return { poolId: this.poolId, username, sub: `sub-${username}`, authTimeMs: 1_000_000 }
  }
}
