/** A route cannot be guarded as it is written. */
export class AuthorizerError extends Error {
  override name = 'AuthorizerError'
}
