/**
 * The address of an issuer of tokens: what a JWT authorizer names, and where its keys are looked for.
 *
 * An issuer is what its author wrote, to the byte: tokens are compared with it. Keys that come over a line which
 * anybody can write to would open every route, so an issuer is https, or stands on this machine.
 * https://openid.net/specs/openid-connect-discovery-1_0.html
 */

import { isLoopbackHost } from '../base/loopback.ts'

/** Why this text cannot be an issuer, as the rest of a sentence that begins with "It"; undefined: it can. */
export function findIssuerProblem(issuer: string): string | undefined {
  const url = URL.parse(issuer)
  if (url === null || !/^https?:\/\/[^?#\s\\]+$/.test(issuer)) {
    return 'must be an https address without a query, such as https://issuer.example/pool'
  }
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password'
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return 'must be an https address; http is for issuers on this machine (localhost)'
  }
  return undefined
}
