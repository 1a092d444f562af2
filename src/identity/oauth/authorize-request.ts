/**
 * A request at `/oauth2/authorize` (and of the pages that it leads to): read, and held against its client.
 *
 * Until the client and the redirect address are known to belong together, an error is a page, so that nobody is sent to
 * an address that a stranger wrote. After that it goes to the application, with its `state`. RFC 6749 4.1, RFC 7636, RFC
 * 9700, https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
 */

import type { OAuthClient } from './oauth-client.ts'

export interface AuthorizeRequest {
  readonly clientId: string
  readonly redirectUri: string
  /** The request named the address; then the exchange of the code has to name it, too. */
  readonly redirectUriGiven: boolean
  readonly scopes: readonly string[]
  readonly state: string | undefined
  readonly nonce: string | undefined
  /** Of PKCE, always S256; undefined for a client with a secret that does without. */
  readonly codeChallenge: string | undefined
  /** none: no page may be shown. login: the user has to sign in whatever session there is. */
  readonly prompt: 'none' | 'login' | undefined
  /** Seconds since the user last signed in. */
  readonly maxAge: number | undefined
  readonly loginHint: string | undefined
}

export type AuthorizeVerdict =
  | { readonly kind: 'good'; readonly request: AuthorizeRequest }
  /** Nobody may be sent anywhere: the user is told. */
  | { readonly kind: 'page'; readonly message: string }
  | { readonly kind: 'redirect'; readonly location: string }

const VALUE_LENGTH_MAX = 2_048
const OPENID_SCOPES = ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin']
/** Parameters that change who signs in, and are no use without another identity provider. */
const PROVIDER_PARAMETERS = ['identity_provider', 'idp_identifier'] as const
const UNSUPPORTED: Readonly<Record<string, string>> = {
  request: 'request_not_supported',
  request_uri: 'request_uri_not_supported',
  registration: 'registration_not_supported',
  resource: 'invalid_target',
}

/** Throws Complaint for what goes to the application. */
class Complaint extends Error {
  override name = 'Complaint'
  readonly code: string

  constructor(code: string, description: string) {
    super(description)
    this.code = code
  }
}

/** `client` is the one that `client_id` names; undefined: there is none. */
export function checkAuthorizeRequest(
  query: URLSearchParams,
  client: OAuthClient | undefined,
): AuthorizeVerdict {
  const repeated = [...new Set(query.keys())].find((name) => query.getAll(name).length > 1)
  if (repeated !== undefined) return page('A parameter of this request is given twice.')
  const tooLong = [...query.values()].some((value) => value.length > VALUE_LENGTH_MAX)
  if (tooLong) return page('A parameter of this request is too long.')
  if (client === undefined) return page('This application is not known here (client_id).')
  const redirectUri = query.get('redirect_uri') || client.defaultRedirectUri
  if (redirectUri === undefined)
    return page('This request names no address to return to (redirect_uri).')
  if (!client.callbackUrls.includes(redirectUri)) {
    return page('The address to return to (redirect_uri) does not belong to this application.')
  }
  try {
    return { kind: 'good', request: readRequest(query, client, redirectUri) }
  } catch (thrown) {
    if (!(thrown instanceof Complaint)) throw thrown
    const { code, message } = thrown
    const state = query.get('state') ?? undefined
    return { kind: 'redirect', location: errorLocation({ redirectUri, state }, code, message) }
  }
}

/** Where the application hears of an error. */
export function errorLocation(
  { redirectUri, state }: Pick<AuthorizeRequest, 'redirectUri' | 'state'>,
  error: string,
  description: string,
): string {
  return withParameters(redirectUri, { error, error_description: description, state })
}

/** Adds to what the address already has, which stays to the byte. Registered addresses have no fragment. */
export function withParameters(
  address: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const added = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) added.set(name, value)
  }
  return `${address}${address.includes('?') ? '&' : '?'}${added}`
}

function readRequest(
  query: URLSearchParams,
  client: OAuthClient,
  redirectUri: string,
): AuthorizeRequest {
  const text = (name: string) => query.get(name) || undefined
  refuseUnsupported(query)
  checkResponseType(text('response_type'), client)
  if (!client.hasOwnUsers) {
    throw new Complaint(
      'unauthorized_client',
      'This client has no identity provider that is supported.',
    )
  }
  return {
    clientId: client.clientId,
    redirectUri,
    redirectUriGiven: query.has('redirect_uri'),
    scopes: readScopes(text('scope'), client),
    state: text('state'),
    nonce: text('nonce'),
    codeChallenge: readChallenge(query, client),
    prompt: readPrompt(text('prompt')),
    maxAge: readMaxAge(text('max_age')),
    loginHint: text('login_hint'),
  }
}

function refuseUnsupported(query: URLSearchParams): void {
  for (const [name, code] of Object.entries(UNSUPPORTED)) {
    if (query.has(name)) throw new Complaint(code, `${name} is not supported`)
  }
  for (const name of PROVIDER_PARAMETERS) {
    const value = query.get(name)
    if (value !== null && value !== 'COGNITO') {
      throw new Complaint('invalid_request', `${name}: other identity providers are not supported`)
    }
  }
  const mode = query.get('response_mode')
  if (mode !== null && mode !== 'query') {
    throw new Complaint('invalid_request', 'response_mode: only query is supported')
  }
}

function checkResponseType(responseType: string | undefined, client: OAuthClient): void {
  if (responseType === undefined) throw new Complaint('invalid_request', 'response_type is missing')
  if (responseType !== 'code') {
    throw new Complaint('unsupported_response_type', 'only response_type=code is supported')
  }
  if (!client.flows.includes('code')) {
    throw new Complaint('unauthorized_client', 'this client may not use the code flow')
  }
}

/** No scope asks for all that the client may have, as at Cognito. */
function readScopes(scope: string | undefined, client: OAuthClient): string[] {
  if (scope === undefined) return [...client.scopes]
  const scopes = [...new Set(scope.split(' ').filter((each) => each !== ''))]
  const foreign = scopes.find((each) => !client.scopes.includes(each))
  if (foreign !== undefined || scopes.length === 0) {
    throw new Complaint('invalid_scope', 'a scope that this client may not ask for')
  }
  const needsOpenId = scopes.some((each) => ['email', 'phone', 'profile'].includes(each))
  if (needsOpenId && !scopes.includes('openid')) {
    throw new Complaint('invalid_scope', 'email, phone and profile need openid')
  }
  return [...OPENID_SCOPES.filter((each) => scopes.includes(each)), ...scopes.filter(isCustom)]
}

function isCustom(scope: string): boolean {
  return !OPENID_SCOPES.includes(scope)
}

function readChallenge(query: URLSearchParams, client: OAuthClient): string | undefined {
  const challenge = query.get('code_challenge') || undefined
  const method = query.get('code_challenge_method') || undefined
  if (challenge === undefined && method === undefined) {
    if (client.secret !== undefined) return undefined
    throw new Complaint(
      'invalid_request',
      'a public client has to use PKCE: code_challenge is missing',
    )
  }
  if (method !== 'S256') {
    throw new Complaint('invalid_request', 'code_challenge_method has to be S256')
  }
  if (challenge === undefined || !/^[\w-]{43}$/.test(challenge)) {
    throw new Complaint('invalid_request', 'code_challenge has to be a SHA-256 in base64url')
  }
  return challenge
}

function readPrompt(prompt: string | undefined): AuthorizeRequest['prompt'] {
  if (prompt === undefined || prompt === 'none' || prompt === 'login') return prompt
  throw new Complaint('invalid_request', 'prompt: only none and login are supported')
}

function readMaxAge(maxAge: string | undefined): number | undefined {
  if (maxAge === undefined) return undefined
  if (!/^\d{1,9}$/.test(maxAge))
    throw new Complaint('invalid_request', 'max_age has to be a number')
  return Number(maxAge)
}

function page(message: string): AuthorizeVerdict {
  return { kind: 'page', message }
}
