/**
 * Lengths, ranges and patterns of apigatewayv2's requests, which the SDK package does not carry.
 *
 * Figures of https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/ (the type names there say them:
 * `StringWithLengthBetween1And128`). Bounds that an operator may raise (longest timeout, counts of the quotas) are
 * left to the operations, which know the limits. An update takes the empty text where it removes the value.
 */

import type { Constraints } from '../../aws/constraints.ts'
import type { Constraint } from '../../aws/service-model.ts'

const INTEGER_MAX = 2_147_483_647

const name: Constraint = { length: [1, 128] }
const description: Constraint = { length: [0, 1_024] }
const version: Constraint = { length: [1, 64] }
const uri: Constraint = { length: [1, 2_048] }
const stageName: Constraint = { length: [1, 128], pattern: '\\$default|[A-Za-z0-9_-]+' }
const whole: Constraint = { integer: true }
const timeout: Constraint = { integer: true, range: [50, INTEGER_MAX] }
const resultTtl: Constraint = { integer: true, range: [0, 3_600] }
const priority: Constraint = { integer: true, range: [1, 1_000_000] }
const tags: Constraint = {
  keys: { length: [1, 128] },
  values: { length: [0, 256] },
}
const stageVariables: Constraint = {
  keys: { pattern: '[A-Za-z0-9_]+' },
  values: { pattern: '[A-Za-z0-9\\-._~:/?#&=,]+' },
}

/** The same where it is changed: an empty text takes the value away. */
function orEmpty(constraint: Constraint): Constraint {
  const [, max] = constraint.length ?? [0, INTEGER_MAX]
  return { ...constraint, length: [0, max] }
}

const createApi = {
  Name: name,
  Description: description,
  Version: version,
  Target: uri,
  Tags: tags,
}
const createAuthorizer = {
  Name: name,
  AuthorizerUri: uri,
  AuthorizerPayloadFormatVersion: version,
  AuthorizerResultTtlInSeconds: resultTtl,
  IdentityValidationExpression: description,
}
const createIntegration = {
  ConnectionId: { length: [1, 1_024] },
  Description: description,
  IntegrationMethod: { length: [1, 64] },
  IntegrationSubtype: name,
  IntegrationUri: uri,
  PayloadFormatVersion: version,
  TimeoutInMillis: timeout,
} satisfies Record<string, Constraint>
const createModel = {
  Name: name,
  ContentType: { length: [1, 256] },
  Description: description,
  Schema: { length: [0, 32_768] },
} satisfies Record<string, Constraint>
const createRoute = { OperationName: { length: [1, 64] }, Target: name } satisfies Record<
  string,
  Constraint
>

export const CONSTRAINTS: Constraints = {
  Cors: { MaxAge: { integer: true, range: [-1, 86_400] } },
  DomainNameConfiguration: { CertificateName: name },
  JWTConfiguration: { Issuer: orEmpty(uri) },
  MutualTlsAuthenticationInput: {
    TruststoreUri: orEmpty(uri),
    TruststoreVersion: orEmpty(version),
  },
  RouteSettings: { ThrottlingBurstLimit: whole },
  TlsConfigInput: { ServerNameToVerify: { length: [0, 512] } },

  CreateApiRequest: createApi,
  UpdateApiRequest: {
    Name: name,
    Description: description,
    Version: orEmpty(version),
    Target: orEmpty(uri),
  },
  CreateApiMappingRequest: { Stage: name },
  UpdateApiMappingRequest: { Stage: name },
  CreateAuthorizerRequest: createAuthorizer,
  UpdateAuthorizerRequest: {
    ...createAuthorizer,
    AuthorizerUri: orEmpty(uri),
    AuthorizerPayloadFormatVersion: orEmpty(version),
  },
  CreateDeploymentRequest: { Description: description },
  UpdateDeploymentRequest: { Description: description },
  CreateDomainNameRequest: { DomainName: { length: [1, 512] }, Tags: tags },
  CreateIntegrationRequest: createIntegration,
  UpdateIntegrationRequest: {
    ConnectionId: orEmpty(createIntegration.ConnectionId),
    Description: description,
    IntegrationMethod: orEmpty(createIntegration.IntegrationMethod),
    IntegrationSubtype: orEmpty(name),
    IntegrationUri: orEmpty(uri),
    PayloadFormatVersion: orEmpty(version),
    TimeoutInMillis: timeout,
  },
  CreateModelRequest: createModel,
  UpdateModelRequest: { ...createModel, ContentType: orEmpty(createModel.ContentType) },
  CreateRouteRequest: createRoute,
  UpdateRouteRequest: { OperationName: orEmpty(createRoute.OperationName), Target: orEmpty(name) },
  CreateRoutingRuleRequest: { Priority: priority },
  PutRoutingRuleRequest: { Priority: priority },
  ListRoutingRulesRequest: { MaxResults: whole },
  CreateStageRequest: {
    StageName: stageName,
    Description: description,
    StageVariables: stageVariables,
    Tags: tags,
  },
  UpdateStageRequest: {
    Description: description,
    // Terraform takes a variable away by setting it to the empty text.
    StageVariables: {
      ...stageVariables,
      values: { pattern: `(?:${stageVariables.values?.pattern})?` },
    },
  },
  CreateVpcLinkRequest: { Name: name, Tags: tags },
  UpdateVpcLinkRequest: { Name: name },
  TagResourceRequest: { Tags: tags },
  UntagResourceRequest: { TagKeys: { values: { length: [1, 128] } } },

  // What an answer says is not checked, but its numbers are whole too.
  Authorizer: { AuthorizerResultTtlInSeconds: whole },
  CreateAuthorizerResponse: { AuthorizerResultTtlInSeconds: whole },
  GetAuthorizerResponse: { AuthorizerResultTtlInSeconds: whole },
  UpdateAuthorizerResponse: { AuthorizerResultTtlInSeconds: whole },
  Integration: { TimeoutInMillis: whole },
  CreateIntegrationResult: { TimeoutInMillis: whole },
  GetIntegrationResult: { TimeoutInMillis: whole },
  UpdateIntegrationResult: { TimeoutInMillis: whole },
  RoutingRule: { Priority: whole },
  CreateRoutingRuleResponse: { Priority: whole },
  GetRoutingRuleResponse: { Priority: whole },
  PutRoutingRuleResponse: { Priority: whole },
}
