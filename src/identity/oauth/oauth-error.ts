/**
 * What the token, revocation and userInfo endpoints refuse with: Cognito's `{"error":"invalid_grant"}`.
 *
 * The code says all that a stranger may know; why exactly is not told. RFC 6749, 5.2.
 */

export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'invalid_token'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_token_type'
  | 'server_error'

export class OAuthError extends Error {
  override name = 'OAuthError'
  readonly code: OAuthErrorCode

  constructor(code: OAuthErrorCode) {
    super(code)
    this.code = code
  }
}
