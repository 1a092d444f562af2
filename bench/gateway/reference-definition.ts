/**
 * The API of the reference request as OpenAPI, with each of its features there or not, so that the rows about one
 * feature's own cost leave out all others.
 */
import { AUDIENCE, SCOPE } from '../reference/issuer.ts'

export interface ReferenceApi {
  readonly originPort: number
  /** Asks for tokens of this issuer, with audience and scope. */
  readonly issuer?: string
  /** Takes signed calls only. */
  readonly signed?: boolean
  /** Two headers for the origin: who the client is, and a constant. */
  readonly addsHeaders?: boolean
  /** What each client, told apart by the `sub` of its token, may ask for in ten seconds. */
  readonly requestsPerTenSeconds?: number
}

const AUTHORIZER = 'login'
const SIGNED = 'signed'
const IAM = {
  ...{ type: 'apiKey', name: 'Authorization', in: 'header' },
  'x-amazon-apigateway-authtype': 'awsSigv4',
}

/** `/api/…` leads to `/private/…` of the origin. */
export function referenceDefinition(api: ReferenceApi): string {
  const operation = {
    ...(api.issuer === undefined ? {} : { security: [{ [AUTHORIZER]: [SCOPE] }] }),
    ...(api.signed ? { security: [{ [SIGNED]: [] }] } : {}),
    responses: { 200: { description: 'any' } },
    'x-amazon-apigateway-integration': {
      type: 'http_proxy',
      httpMethod: 'GET',
      uri: `http://127.0.0.1:${api.originPort}/private/{proxy}`,
      payloadFormatVersion: '1.0',
      ...(api.addsHeaders ? { requestParameters: addedHeaders(api) } : {}),
    },
  }
  return JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'reference', version: '1' },
    ...clientLimits(api),
    paths: { '/api/{proxy+}': { get: operation } },
    ...(api.issuer === undefined ? {} : { components: authorizers(api.issuer) }),
    ...(api.signed ? { components: { securitySchemes: { [SIGNED]: IAM } } } : {}),
  })
}

/** One bucket for each: so many at once, and as many in ten seconds again. */
function clientLimits({ requestsPerTenSeconds: requests }: ReferenceApi) {
  if (requests === undefined) return {}
  const client = '$context.authorizer.claims.sub'
  return { 'x-postern-limits': { client, rate: requests / 10, burst: requests } }
}

function addedHeaders({ issuer }: ReferenceApi) {
  const client = issuer === undefined ? 'identity.sourceIp' : 'authorizer.claims.sub'
  return {
    'overwrite:header.x-client': `$context.${client}`,
    'overwrite:header.x-gateway': 'bench',
  }
}

function authorizers(issuer: string) {
  return {
    securitySchemes: {
      [AUTHORIZER]: {
        type: 'oauth2',
        flows: {},
        'x-amazon-apigateway-authorizer': {
          type: 'jwt',
          identitySource: '$request.header.Authorization',
          jwtConfiguration: { issuer, audience: [AUDIENCE] },
        },
      },
    },
  }
}
