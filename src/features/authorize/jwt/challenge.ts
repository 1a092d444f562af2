/**
 * `www-authenticate` of a refused call (RFC 6750 §3), in API Gateway's form: what the client may know of why its token
 * was refused. That an issuer cannot be reached is not among it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html
 */

import type { TokenReason } from './verdict.ts'

const DESCRIPTIONS: Readonly<Record<Exclude<TokenReason, 'TOKEN_MISSING'>, string>> = {
  TOKEN_NOT_A_JWT: 'invalid number of segments',
  TOKEN_MALFORMED: 'unable to decode the token',
  TOKEN_ALGORITHM_REFUSED: 'signing method invalid',
  TOKEN_ISSUER_WRONG: 'the token does not have a valid issuer',
  TOKEN_AUDIENCE_WRONG: 'the token does not have a valid audience',
  TOKEN_EXPIRED: 'the token has expired',
  TOKEN_NOT_YET_VALID: 'the token is not valid yet',
  TOKEN_KEY_UNKNOWN: 'kid not found',
  TOKEN_SIGNATURE_WRONG: 'the signature of the token is invalid',
  ISSUER_UNREACHABLE: 'unable to verify the token',
  SCOPE_MISSING: 'the token does not have a required scope',
}

/** The characters of a scope (RFC 6749 §3.3); one with others cannot be said in a header field. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** The field as a line of a header block. `scopes`: those that the route asks for. */
export function challenge(reason: TokenReason, scopes: readonly string[]): string {
  if (reason === 'TOKEN_MISSING') return 'www-authenticate: Bearer\r\n'
  const error = reason === 'SCOPE_MISSING' ? 'insufficient_scope' : 'invalid_token'
  const scope = scopes.filter((each) => SCOPE.test(each)).join(' ')
  return `www-authenticate: Bearer scope="${scope}" error="${error}" error_description="${DESCRIPTIONS[reason]}"\r\n`
}
