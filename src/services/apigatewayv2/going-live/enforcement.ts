/**
 * What Postern does today with every member of an HTTP API: the gate that a stage passes before it goes live.
 *
 * One row a member, with a sentence. `served`: the data plane does it. `harmless`: it asks the data plane for nothing.
 * `refused`: it asks for something that is not done yet; a stage that has it is not served, because doing less than
 * was asked is worst where it was asked for protection. The types make a member that the service model gains a row
 * that is missing here, and a stored member without a row refuses.
 */

import type {
  AccessLogSettings,
  Authorizer,
  Cors,
  Integration,
  RouteSettings,
  Stage,
} from '@aws-sdk/client-apigatewayv2'
import type {
  DefinedApi,
  DefinedRoute,
  DefinedTlsConfig,
} from '../../../domain/http-api-definition.ts'

export interface MemberRule {
  readonly fate: 'served' | 'harmless' | 'refused'
  readonly description: string
  /** Why this value is not served, as the rest of a sentence that begins with a place; undefined: it is. */
  readonly refusal?: (value: unknown) => string | undefined
}

type MemberRules<T> = Readonly<Record<keyof Required<T>, MemberRule>>

function served(description: string): MemberRule {
  return { fate: 'served', description }
}

function servedOnly(
  description: string,
  accepted: readonly unknown[],
  otherwise: (value: unknown) => string,
): MemberRule {
  return {
    fate: 'served',
    description,
    refusal: (value) => (accepted.includes(value) ? undefined : otherwise(value)),
  }
}

function harmless(description: string): MemberRule {
  return { fate: 'harmless', description }
}

/** Everything but a value that asks for nothing is refused. */
function refused(sentence: string): MemberRule {
  return {
    fate: 'refused',
    description: sentence,
    refusal: (value) => (asksForNothing(value) ? undefined : sentence),
  }
}

const ROUTE_RULES: MemberRules<DefinedRoute> = {
  ApiGatewayManaged: harmless('Whether quick create made it.'),
  ApiKeyRequired: refused('API keys are not checked yet (ApiKeyRequired)'),
  AuthorizationScopes: served('A token has at least one of them.'),
  AuthorizationType: servedOnly(
    'NONE: everybody may call. JWT: with a good token. AWS_IAM: with a signature that policies allow. CUSTOM is not enforced yet.',
    ['NONE', 'JWT', 'AWS_IAM'],
    (value) => `authorization by ${value} is not enforced yet (AuthorizationType)`,
  ),
  AuthorizerId: served('Who decides, with the type JWT.'),
  ClientLimits: served('How often each client may call it: x-postern-limits.'),
  ModelSelectionExpression: refused('models are selected on WebSocket APIs only'),
  OperationName: served('Stands in lists of routes.'),
  RequestModels: refused('request bodies are not validated yet (RequestModels)'),
  RequestParameters: refused('request parameters are not validated yet (RequestParameters)'),
  RouteId: harmless('Names the route in the management API.'),
  RouteKey: served('Method and path that it takes, or $default.'),
  RouteResponseSelectionExpression: refused('route responses are for WebSocket APIs only'),
  Target: served('The integration that its requests go to.'),
}

/** Of authorizers that some route uses. */
const AUTHORIZER_RULES: MemberRules<Authorizer> = {
  AuthorizerCredentialsArn: refused('functions are not asked yet (AuthorizerCredentialsArn)'),
  AuthorizerId: served('What a route names.'),
  AuthorizerPayloadFormatVersion: refused(
    'functions are not asked yet (AuthorizerPayloadFormatVersion)',
  ),
  AuthorizerResultTtlInSeconds: refused(
    'results of functions are not kept yet (AuthorizerResultTtlInSeconds)',
  ),
  AuthorizerType: servedOnly(
    'JWT. Functions that authorize are not asked yet.',
    ['JWT'],
    (value) => `authorizers of the type ${value} are not asked yet (AuthorizerType)`,
  ),
  AuthorizerUri: refused('functions are not asked yet (AuthorizerUri)'),
  EnableSimpleResponses: refused('functions are not asked yet (EnableSimpleResponses)'),
  IdentitySource: served('Where a request carries its token.'),
  IdentityValidationExpression: refused(
    'tokens are not compared with a pattern (IdentityValidationExpression)',
  ),
  JwtConfiguration: served('Whose tokens, and for whom.'),
  Name: served('Stands in lists and messages.'),
}

const INTEGRATION_RULES: MemberRules<Integration> = {
  ApiGatewayManaged: harmless('Whether quick create made it.'),
  ConnectionId: served('The VPC link that requests go through.'),
  ConnectionType: servedOnly(
    'INTERNET: every network that the server reaches. VPC_LINK: what its link reaches, and allows.',
    ['INTERNET', 'VPC_LINK'],
    (value) => `connections of the type ${value} are not there yet (ConnectionType)`,
  ),
  ContentHandlingStrategy: refused('bodies are passed on as they are (ContentHandlingStrategy)'),
  CredentialsArn: refused('calls are not signed with AWS credentials yet (CredentialsArn)'),
  Description: harmless('A text for people.'),
  IntegrationId: served('What the target of a route names.'),
  IntegrationMethod: served('The method that the origin gets; ANY: the method of the client.'),
  IntegrationResponseSelectionExpression: refused(
    'integration responses are selected on WebSocket APIs only',
  ),
  IntegrationSubtype: refused('AWS services are not called yet (IntegrationSubtype)'),
  IntegrationType: servedOnly(
    'HTTP_PROXY. Lambda functions and AWS services are not called yet.',
    ['HTTP_PROXY'],
    (value) => `integrations of the type ${value} are not called yet (IntegrationType)`,
  ),
  IntegrationUri: served(
    'The address of the origin; over a VPC link, also the ARN of what finds it.',
  ),
  PassthroughBehavior: servedOnly(
    'HTTP APIs pass every body on.',
    ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES'],
    () => 'every body is passed on (PassthroughBehavior)',
  ),
  PayloadFormatVersion: servedOnly(
    'The form of events for Lambda functions; an HTTP proxy has none, so it changes nothing.',
    ['1.0', '2.0'],
    (value) => `there is no payload format ${value} (PayloadFormatVersion)`,
  ),
  RequestParameters: served('What is changed in the request before the origin gets it.'),
  RequestTemplates: refused('bodies are not transformed on HTTP APIs (RequestTemplates)'),
  ResponseParameters: served('What is changed in the response before the client gets it.'),
  TemplateSelectionExpression: refused('templates are selected on WebSocket APIs only'),
  TimeoutInMillis: served('How long the origin may take.'),
  TlsConfig: served('The name that the certificate of the origin has to have.'),
}

const STAGE_RULES: MemberRules<Stage> = {
  AccessLogSettings: served('Its calls are written to the access log in this format.'),
  ApiGatewayManaged: harmless('Whether quick create made it.'),
  AutoDeploy: served('The stage follows every change of the API.'),
  ClientCertificateId: refused('client certificates are not sent yet (ClientCertificateId)'),
  CreatedDate: harmless('When it was made.'),
  DefaultRouteSettings: served('Settings of every route, member by member as below.'),
  DeploymentId: served('What is served.'),
  Description: harmless('A text for people.'),
  LastDeploymentStatusMessage: harmless('How the last automatic deployment went.'),
  LastUpdatedDate: harmless('When it was changed.'),
  RouteSettings: served('Settings of single routes, member by member as below.'),
  StageName: served('The first segment of the path; $default has none.'),
  StageVariables: served('Filled into integration URIs and parameter mappings.'),
  Tags: harmless('For people and for billing.'),
}

const ROUTE_SETTINGS_RULES: MemberRules<RouteSettings> = {
  DataTraceEnabled: refused('execution logs are not written yet (DataTraceEnabled)'),
  DetailedMetricsEnabled: served('Figures for each route, besides those of the stage.'),
  LoggingLevel: servedOnly(
    'OFF. Execution logs are not written yet.',
    ['OFF'],
    () => 'execution logs are not written yet (LoggingLevel)',
  ),
  ThrottlingBurstLimit: served('Tokens that the bucket of a route holds; 0 refuses every request.'),
  ThrottlingRateLimit: served('Tokens a second that flow in; 0 refuses every request.'),
}

const ACCESS_LOG_RULES: MemberRules<AccessLogSettings> = {
  DestinationArn: served(
    'Lines go where --access-log-destination says; where there is none, to the log of the program.',
  ),
  Format: served('One line a call, with $context variables.'),
}

const API_RULES: MemberRules<DefinedApi> = {
  ApiEndpoint: harmless('Follows from the id and the settings of the server.'),
  ApiGatewayManaged: harmless('Whether another service made it.'),
  ApiId: served('Stands in the host name of the API.'),
  ApiKeySelectionExpression: harmless('Counts for WebSocket APIs only.'),
  ClientLimits: served('How often each client may call: x-postern-limits.'),
  CorsConfiguration: served('Preflight requests are answered, responses get their headers.'),
  CreatedDate: harmless('When it was made.'),
  Description: harmless('A text for people.'),
  DisableExecuteApiEndpoint: served('Its own host name is not answered.'),
  DisableSchemaValidation: harmless('Counts for WebSocket APIs only.'),
  ImportInfo: harmless('What an import had to say.'),
  IpAddressType: harmless('The server listens on the addresses that it was started with.'),
  Name: served('Stands in lists, metrics and messages.'),
  ProtocolType: servedOnly(
    'HTTP. Other protocols are not served yet.',
    ['HTTP'],
    (value) => `APIs of the protocol ${value} are not served yet`,
  ),
  RouteSelectionExpression: harmless('HTTP APIs have one only: method and path.'),
  Tags: harmless('For people and for billing.'),
  Version: harmless('A text for people.'),
  Warnings: harmless('What an import had to say.'),
}

const CORS_RULES: MemberRules<Cors> = {
  AllowCredentials: served('Pages may send cookies along.'),
  AllowHeaders: served('The header fields that pages may send.'),
  AllowMethods: served('The methods that pages may use.'),
  AllowOrigins: served('The sites whose pages may call.'),
  ExposeHeaders: served('The header fields of responses that pages may read.'),
  MaxAge: served('How long browsers may keep the answer to a preflight request.'),
}

const TLS_RULES: MemberRules<DefinedTlsConfig> = {
  ClientCertificateId: served('Shown to origins that ask for a certificate.'),
  InsecureSkipVerification: served('Any certificate of the origin is accepted.'),
  ServerNameToVerify: served('Verified in the certificate, and sent as the server name.'),
}

export const ENFORCEMENT = {
  Api: API_RULES,
  Cors: CORS_RULES,
  Route: ROUTE_RULES,
  Authorizer: AUTHORIZER_RULES,
  Integration: INTEGRATION_RULES,
  TlsConfig: TLS_RULES,
  Stage: STAGE_RULES,
  RouteSettings: ROUTE_SETTINGS_RULES,
  AccessLogSettings: ACCESS_LOG_RULES,
} as const

/** Why this resource is not served, one entry a member. */
export function refusalsOf(
  resource: object,
  rules: Readonly<Record<string, MemberRule>>,
): string[] {
  const refusals: string[] = []
  for (const [name, value] of Object.entries(resource)) {
    if (value === undefined) continue
    const refusal = Object.hasOwn(rules, name)
      ? rules[name]?.refusal?.(value)
      : `${name} is unknown to this version of Postern`
    if (refusal !== undefined) refusals.push(refusal)
  }
  return refusals
}

/** Zero asks for something: as a rate limit it lets nothing pass. */
function asksForNothing(value: unknown): boolean {
  if (value === null || value === '' || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}
