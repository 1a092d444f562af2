/** What the OAuth endpoints need to know of an app client. */

export interface OAuthClient {
  readonly clientId: string
  readonly name: string
  /** Undefined: a public client, which proves itself by PKCE. */
  readonly secret: string | undefined
  readonly callbackUrls: readonly string[]
  /** Where to go when a request names no address. */
  readonly defaultRedirectUri: string | undefined
  readonly logoutUrls: readonly string[]
  /** AllowedOAuthFlows; empty unless AllowedOAuthFlowsUserPoolClient. */
  readonly flows: readonly string[]
  readonly scopes: readonly string[]
  /** SupportedIdentityProviders holds COGNITO: the pool's own users may sign in. */
  readonly hasOwnUsers: boolean
}
