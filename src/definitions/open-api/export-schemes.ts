/** Authorizers to security schemes, and the authorization of routes to requirements of them. */

import type { Authorizer, Route } from '@aws-sdk/client-apigatewayv2'
import type { HttpApiDefinition } from '../../domain/http-api-definition.ts'
import { type Written, written } from './written.ts'

const SIGNATURE_SCHEME = 'sigv4'

export class SchemeExport {
  /** By name, as in `components.securitySchemes`. */
  readonly schemes: Written
  /** AuthorizerId → name of its scheme. */
  readonly #names = new Map<string | undefined, string>()
  readonly #signatureName: string

  constructor({ routes, authorizers }: HttpApiDefinition, includeExtensions: boolean) {
    const schemes = new Map<string, Written>()
    for (const authorizer of authorizers) {
      const name = freeName(authorizer.Name ?? '', schemes)
      this.#names.set(authorizer.AuthorizerId, name)
      schemes.set(name, schemeOf(authorizer, includeExtensions))
    }
    this.#signatureName = freeName(SIGNATURE_SCHEME, schemes)
    if (routes.some(({ AuthorizationType }) => AuthorizationType === 'AWS_IAM')) {
      schemes.set(this.#signatureName, signatureScheme(includeExtensions))
    }
    this.schemes = Object.fromEntries(schemes)
  }

  /** Undefined for a route that anybody may call. */
  requirementOf(route: Route): Written[] | undefined {
    const { AuthorizationType = 'NONE', AuthorizerId = '', AuthorizationScopes } = route
    if (AuthorizationType === 'NONE') return undefined
    if (AuthorizationType === 'AWS_IAM') return [{ [this.#signatureName]: [] }]
    // The id of an authorizer that is not there is no scheme either: an import refuses it, and opens nothing.
    const name = this.#names.get(AuthorizerId) ?? AuthorizerId
    return [{ [name]: AuthorizationScopes ?? [] }]
  }
}

/** Names of authorizers need not be unique, names of schemes are. */
function freeName(wanted: string, taken: ReadonlyMap<string, unknown>): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? wanted : `${wanted}-${count}`
    if (!taken.has(name)) return name
  }
}

function schemeOf(authorizer: Authorizer, includeExtensions: boolean): Written {
  const scheme =
    authorizer.AuthorizerType === 'JWT' ? { type: 'oauth2', flows: {} } : keyScheme(authorizer)
  const extension = { 'x-amazon-apigateway-authorizer': authorizerOf(authorizer) }
  return includeExtensions ? { ...scheme, ...extension } : scheme
}

/** The header or parameter that a function looks at first, as OpenAPI can say it. */
function keyScheme({ IdentitySource = [] }: Authorizer): Written {
  const found = /^\$request\.(header|querystring)\.(.+)$/.exec(IdentitySource[0] ?? '')
  const place = found?.[1] === 'querystring' ? 'query' : 'header'
  return { type: 'apiKey', name: found?.[2] ?? 'Unused', in: place }
}

function signatureScheme(includeExtensions: boolean): Written {
  return written({
    type: 'apiKey',
    name: 'Authorization',
    in: 'header',
    'x-amazon-apigateway-authtype': includeExtensions ? 'awsSigv4' : undefined,
  })
}

function authorizerOf(authorizer: Authorizer): Written {
  const { JwtConfiguration: jwt } = authorizer
  return written({
    type: authorizer.AuthorizerType?.toLowerCase(),
    identitySource: authorizer.IdentitySource?.join(','),
    jwtConfiguration: jwt && written({ audience: jwt.Audience, issuer: jwt.Issuer }),
    authorizerUri: authorizer.AuthorizerUri,
    authorizerCredentials: authorizer.AuthorizerCredentialsArn,
    authorizerPayloadFormatVersion: authorizer.AuthorizerPayloadFormatVersion,
    authorizerResultTtlInSeconds: authorizer.AuthorizerResultTtlInSeconds,
    enableSimpleResponses: authorizer.EnableSimpleResponses,
  })
}
