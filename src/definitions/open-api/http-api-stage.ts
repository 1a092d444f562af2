/**
 * What was read of a definition to the stage that is served, without a store between: `postern lint` and `routes`, and
 * every test that asks what a definition does. Only for definitions whose every member is enforced.
 */

import type { Cors } from '@aws-sdk/client-apigatewayv2'
import type {
  CorsConfiguration,
  HttpApiStage,
  Integration,
  IntegrationTls,
  Route,
} from '../../domain/http-api.ts'
import type { DefinedTlsConfig } from '../../domain/http-api-definition.ts'
import { apiIdOf, deploymentIdOf } from './identifiers.ts'
import type { ReadIntegration } from './integration.ts'
import { authorizationOf, jwtAuthorizerOf } from './jwt-authorizer.ts'
import type { ImportOptions } from './open-api.ts'
import { addressMembers } from './private-integration.ts'
import type { ReadApi } from './read-api.ts'
import type { ReadRoute } from './routes.ts'

export function httpApiStageOf(read: ReadApi, options: ImportOptions): HttpApiStage {
  const { accountId, region, revision } = options
  const { apiId, ...settings } = read.settings
  const apiName = read.api.Name!
  const { CorsConfiguration: cors, ClientLimits } = read.api
  const integrations = read.integrations.map((each) => integrationOf(each, settings.stageName))
  const content = {
    protocolType: 'HTTP' as const,
    apiId: apiId ?? apiIdOf(apiName),
    apiName,
    ...settings,
    accountId,
    region,
    routes: read.routes.map(routeOf),
    integrations: Object.fromEntries(integrations.map((each) => [each.integrationId, each])),
    ...(cors === undefined ? {} : { corsConfiguration: corsConfigurationOf(cors) }),
    ...authorizersOf(read),
    ...(ClientLimits === undefined ? {} : { clientLimits: ClientLimits }),
  }
  return { ...content, deploymentId: deploymentIdOf(content), revision }
}

function routeOf({ route, integrationId, source }: ReadRoute): Route {
  const { RouteKey, OperationName, ClientLimits } = route
  const authorization = authorizationOf(route)
  const name = OperationName === undefined ? {} : { operationName: OperationName }
  const guard = authorization === undefined ? {} : { authorization }
  const limits = ClientLimits === undefined ? {} : { clientLimits: ClientLimits }
  return { routeKey: RouteKey, integrationId: integrationId!, ...guard, ...limits, ...name, source }
}

/** Those that some route uses. */
function authorizersOf({ routes, authorizers }: ReadApi): Pick<HttpApiStage, 'authorizers'> {
  const used = new Set(routes.map(({ route }) => route.AuthorizerId))
  const kept = authorizers.filter(({ AuthorizerId }) => used.has(AuthorizerId))
  if (kept.length === 0) return {}
  const documents = kept.map((each) => [each.AuthorizerId!, jwtAuthorizerOf(each)] as const)
  return { authorizers: Object.fromEntries(documents) }
}

function integrationOf(read: ReadIntegration, stageName: string): Integration {
  const tls = read.TlsConfig
  return {
    integrationId: read.IntegrationId,
    integrationType: 'HTTP_PROXY',
    integrationMethod: read.IntegrationMethod!,
    ...addressMembers(read, stageName),
    timeoutInMillis: read.TimeoutInMillis!,
    requestParameters: read.RequestParameters ?? {},
    responseParameters: read.ResponseParameters ?? {},
    ...(tls === undefined ? {} : { tlsConfig: integrationTlsOf(tls) }),
    source: read.source,
  }
}

export function integrationTlsOf({
  ServerNameToVerify,
  InsecureSkipVerification,
  ClientCertificateId,
}: DefinedTlsConfig): IntegrationTls {
  return {
    ...(ClientCertificateId === undefined ? {} : { clientCertificateId: ClientCertificateId }),
    ...(ServerNameToVerify === undefined ? {} : { serverNameToVerify: ServerNameToVerify }),
    ...(InsecureSkipVerification === undefined
      ? {}
      : { insecureSkipVerification: InsecureSkipVerification }),
  }
}

export function corsConfigurationOf(cors: Cors): CorsConfiguration {
  return {
    allowOrigins: cors.AllowOrigins ?? [],
    allowMethods: cors.AllowMethods ?? [],
    allowHeaders: cors.AllowHeaders ?? [],
    exposeHeaders: cors.ExposeHeaders ?? [],
    allowCredentials: cors.AllowCredentials === true,
    ...(cors.MaxAge === undefined ? {} : { maxAge: cors.MaxAge }),
  }
}
