/**
 * `/oauth2/token`, `/oauth2/revoke` and `/oauth2/userInfo`: what an OAuth client calls without a user.
 *
 * Refusals are Cognito's: status 400 and `{"error":"…"}`. A token endpoint says nothing about what it has seen.
 * RFC 6749 (4.1.3, 4.4, 6), RFC 7009, OpenID Connect Core 5.3,
 * https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
 */

import type { AuthorizationCodes } from './authorization-codes.ts'
import { presentedClient, requireClient } from './client-authentication.ts'
import type { OAuthClient } from './oauth-client.ts'
import { OAuthError } from './oauth-error.ts'
import type { TokenPool, TokenSet } from './token-port.ts'
import { jsonAnswer, type WebAnswer, type WebRequest } from './web-message.ts'

const TOKEN_LENGTH_MAX = 16_384

type Grant = (context: GrantContext) => Promise<TokenSet>

interface GrantContext {
  readonly pool: TokenPool
  readonly client: OAuthClient
  readonly form: URLSearchParams
  readonly codes: AuthorizationCodes
}

const GRANTS: Readonly<Record<string, Grant>> = {
  authorization_code: grantForCode,
  refresh_token: grantForRefreshToken,
  client_credentials: grantForClient,
}

export async function answerToken(
  pool: TokenPool,
  request: WebRequest,
  codes: AuthorizationCodes,
): Promise<WebAnswer> {
  try {
    const form = postedForm(request)
    const client = await authenticate(pool, request, form)
    const grant = grantOf(form)
    const tokens = await grant({ pool, client, form, codes })
    return jsonAnswer(200, bodyOf(tokens))
  } catch (thrown) {
    return refusal(thrown)
  }
}

/** A refresh token, and with it every token that came from it. RFC 7009. */
export async function answerRevoke(pool: TokenPool, request: WebRequest): Promise<WebAnswer> {
  try {
    const form = postedForm(request)
    const client = await authenticate(pool, request, form)
    const token = required(form, 'token')
    // A JWT of three parts is an access or an ID token, which nobody can call back.
    if (token.split('.').length === 3) throw new OAuthError('unsupported_token_type')
    if (!(await pool.revoke(client, token))) throw new OAuthError('unauthorized_client')
    return jsonAnswer(200, {})
  } catch (thrown) {
    return refusal(thrown)
  }
}

export async function answerUserInfo(pool: TokenPool, request: WebRequest): Promise<WebAnswer> {
  const [, token] = /^bearer +([\w.~+/-]+=*) *$/i.exec(request.header('authorization') ?? '') ?? []
  if (token === undefined) return challenge('invalid_request', 'Access token is missing')
  const facts = token.length > TOKEN_LENGTH_MAX ? undefined : await pool.verifyAccessToken(token)
  if (facts === undefined || !facts.scopes.includes('openid')) {
    return challenge('invalid_token', 'Access token is expired, revoked, or not for this endpoint')
  }
  const attributes = await pool.readAttributes(facts)
  if (attributes === undefined) return challenge('invalid_token', 'There is no such user')
  return jsonAnswer(200, { sub: facts.sub, ...attributes, username: facts.username })
}

async function grantForCode({ pool, client, form, codes }: GrantContext): Promise<TokenSet> {
  requireFlow(client, 'code')
  const code = required(form, 'code')
  const verdict = codes.redeem(code, {
    poolId: pool.poolId,
    clientId: client.clientId,
    redirectUri: form.get('redirect_uri') ?? undefined,
    verifier: form.get('code_verifier') ?? undefined,
  })
  if (verdict.kind === 'replayed' && verdict.refreshToken !== undefined) {
    await pool.revoke(client, verdict.refreshToken)
  }
  if (verdict.kind !== 'good') throw new OAuthError('invalid_grant')
  const { signedIn, request } = verdict.grant
  const { scopes, nonce } = request
  const tokens = await pool.grant({ client, signedIn, scopes, nonce })
  if (tokens === undefined) throw new OAuthError('invalid_grant')
  verdict.gave(tokens.refreshToken)
  if (!codes.wasReplayed(code)) return tokens
  if (tokens.refreshToken !== undefined) await pool.revoke(client, tokens.refreshToken)
  throw new OAuthError('invalid_grant')
}

async function grantForRefreshToken({ pool, client, form }: GrantContext): Promise<TokenSet> {
  const tokens = await pool.refresh(client, required(form, 'refresh_token'))
  if (tokens === undefined) throw new OAuthError('invalid_grant')
  return tokens
}

async function grantForClient({ pool, client, form }: GrantContext): Promise<TokenSet> {
  requireFlow(client, 'client_credentials')
  if (client.secret === undefined) throw new OAuthError('unauthorized_client')
  const own = client.scopes.filter((scope) => scope.includes('/'))
  const asked = [...new Set((form.get('scope') ?? '').split(' ').filter((scope) => scope !== ''))]
  const scopes = asked.length === 0 ? own : asked
  if (scopes.length === 0 || scopes.some((scope) => !own.includes(scope))) {
    throw new OAuthError('invalid_scope')
  }
  return pool.grantToClient(client, scopes)
}

function requireFlow(client: OAuthClient, flow: string): void {
  if (!client.flows.includes(flow)) throw new OAuthError('unauthorized_client')
}

async function authenticate(
  pool: TokenPool,
  request: WebRequest,
  form: URLSearchParams,
): Promise<OAuthClient> {
  const presented = presentedClient(request.header('authorization'), form)
  return requireClient(presented, await pool.findClient(presented.clientId))
}

/** Nothing may be given twice (RFC 6749, 3.2), and nothing in the query, where logs would show it. */
function postedForm({ form, query }: WebRequest): URLSearchParams {
  const names = [...form.keys()]
  if (names.length !== new Set(names).size || [...query.keys()].length > 0) {
    throw new OAuthError('invalid_request')
  }
  return form
}

function grantOf(form: URLSearchParams): Grant {
  const type = required(form, 'grant_type')
  const grant = Object.hasOwn(GRANTS, type) ? GRANTS[type] : undefined
  if (grant === undefined) throw new OAuthError('unsupported_grant_type')
  return grant
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name) ?? ''
  if (value === '' || value.length > TOKEN_LENGTH_MAX) throw new OAuthError('invalid_request')
  return value
}

function bodyOf({ accessToken, idToken, refreshToken, expiresIn }: TokenSet): object {
  return {
    ...(idToken === undefined ? {} : { id_token: idToken }),
    access_token: accessToken,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    expires_in: expiresIn,
    token_type: 'Bearer',
  }
}

function refusal(thrown: unknown): WebAnswer {
  if (!(thrown instanceof OAuthError)) throw thrown
  return jsonAnswer(400, { error: thrown.code })
}

/** RFC 6750, 3. */
function challenge(error: string, description: string): WebAnswer {
  const authenticate = `Bearer error="${error}", error_description="${description}"`
  const body = { error, error_description: description }
  return jsonAnswer(401, body, { 'www-authenticate': authenticate })
}
