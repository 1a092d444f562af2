/**
 * The two pages of a pool that whoever checks its tokens needs: OpenID Connect discovery and the key set.
 *
 * Discovery tells only what is there: an endpoint is in it when the table of routes has it.
 * https://openid.net/specs/openid-connect-discovery-1_0.html, RFC 7517 §5
 */

import { keySet } from '../../identity/user-pools/signing-keys.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { type IdentityRoute, type IdentityRoutes, sendJson } from './identity-port.ts'

/** A new key signs at once; whoever meets its id before this is over asks again. */
const CACHE_SECONDS = 300

const ENDPOINTS = {
  authorization_endpoint: '/oauth2/authorize',
  token_endpoint: '/oauth2/token',
  userinfo_endpoint: '/oauth2/userInfo',
  revocation_endpoint: '/oauth2/revoke',
  end_session_endpoint: '/logout',
}

/** `others`: the pages of the pool that are served beside these. */
export function identityPages(pools: UserPools, others: IdentityRoutes): IdentityRoutes {
  return {
    ...others,
    '/.well-known/jwks.json': page((poolId) => keySet(pools.directory.keys(poolId))),
    '/.well-known/openid-configuration': page((poolId) =>
      discovery(pools.issuerOf(poolId), Object.keys(others)),
    ),
  }
}

function page(document: (poolId: string) => object): IdentityRoute {
  return {
    methods: ['GET'],
    crossOrigin: true,
    handle: async (_request, response, { known }) =>
      sendJson(response, 200, document(known.pool.Id), CACHE_SECONDS),
  }
}

function discovery(issuer: string, served: readonly string[]): object {
  const endpoints = Object.entries(ENDPOINTS)
    .filter(([, path]) => served.includes(path))
    .map(([name, path]) => [name, issuer + path])
  const hasOAuth = served.includes(ENDPOINTS.token_endpoint)
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    ...Object.fromEntries(endpoints),
    id_token_signing_alg_values_supported: ['RS256'],
    subject_types_supported: ['public'],
    response_types_supported: ['code'],
    ...(hasOAuth && {
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      scopes_supported: ['openid', 'email', 'phone', 'profile'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    }),
  }
}
