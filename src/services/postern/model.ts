/**
 * The service `postern`, as the generated models describe those of AWS: JSON 1.1, `X-Amz-Target: Postern.<Operation>`.
 *
 * Written by hand; `operations.ts` says the same in types. Plans, problems and records travel as documents: they are
 * structures of Postern's own that the codec has no need to know.
 */

import type {
  MemberShape,
  OperationModel,
  ServiceModel,
  StructureShape,
} from '../../aws/service-model.ts'

const text: MemberShape = { type: { kind: 'string' } }
const flag: MemberShape = { type: { kind: 'boolean' } }
const number: MemberShape = { type: { kind: 'long' } }
const document: MemberShape = { type: { kind: 'document' } }
const texts: MemberShape = { type: { kind: 'list', member: { kind: 'string' } } }
const documents: MemberShape = { type: { kind: 'list', member: { kind: 'document' } } }
const textByName: MemberShape = { type: { kind: 'map', value: { kind: 'string' } } }

/** As for CreateStage. */
const stageName: MemberShape = {
  ...text,
  constraint: { length: [1, 128], pattern: '\\$default|[A-Za-z0-9_-]+' },
}
const apiName: MemberShape = { ...text, constraint: { length: [1, 1_024] } }

const definitionMembers = {
  File: text,
  Text: text,
  ApiId: text,
  ApiName: apiName,
  StageName: stageName,
  Target: text,
  StageVariables: textByName,
}
const accessKeyMembers = {
  AccessKeyId: text,
  AccountId: text,
  ReadOnly: flag,
  Description: text,
  CreatedAt: text,
}

/** As for CreateVpcLink. */
const linkName: MemberShape = { ...text, constraint: { length: [1, 128] } }
const linkTokenMembers = { VpcLinkId: text, Token: text, ExpiresAt: text, LinkPort: number }
const linkMembers = {
  VpcLinkId: text,
  Name: text,
  Reach: text,
  Status: text,
  StatusMessage: text,
  Allow: texts,
  Tokens: number,
  Agents: documents,
}

function structure(
  members: Readonly<Record<string, MemberShape>>,
  required: readonly string[] = [],
): StructureShape {
  return { members, required }
}

const SHAPES: Readonly<Record<string, StructureShape>> = {
  PlanDefinitionRequest: structure(definitionMembers, ['File', 'Text']),
  PlanDefinitionResponse: structure({
    ApiId: text,
    ApiName: text,
    StageName: text,
    Plan: document,
    PlanDigest: text,
    DraftDiffers: flag,
    Problems: documents,
    Refusals: texts,
    Notes: texts,
  }),
  DeployDefinitionRequest: structure({ ...definitionMembers, PlanDigest: text, DryRun: flag }, [
    'File',
    'Text',
  ]),
  DeployDefinitionResponse: structure({
    ApiId: text,
    StageName: text,
    DeploymentId: text,
    Created: flag,
    Plan: document,
    Warnings: texts,
  }),
  CreateAccessKeyRequest: structure({ AccountId: text, ReadOnly: flag, Description: text }),
  CreateAccessKeyResponse: structure({ ...accessKeyMembers, SecretAccessKey: text }),
  ListAccessKeysRequest: structure({}),
  AccessKey: structure(accessKeyMembers),
  ListAccessKeysResponse: structure({
    AccessKeys: { type: { kind: 'list', member: { kind: 'structure', name: 'AccessKey' } } },
  }),
  DeleteAccessKeyRequest: structure({ AccessKeyId: text }, ['AccessKeyId']),
  DeleteAccessKeyResponse: structure({}),
  GetAuditLogRequest: structure({ MaxResults: number, Before: number }),
  GetAuditLogResponse: structure({ Records: documents, Intact: flag, BrokenAt: number }),
  GetServedApisRequest: structure({}),
  GetServedApisResponse: structure({ Revision: number, Apis: documents }),
  ListUsageRequest: structure({ ApiId: text, Client: text, From: text, To: text }),
  ListUsageResponse: structure({ Usage: documents, Truncated: flag }),
  TopUpQuotaRequest: structure({ Meter: text, Client: text, Calls: number }, [
    'Meter',
    'Client',
    'Calls',
  ]),
  TopUpQuotaResponse: structure({
    Meter: text,
    Client: text,
    Period: text,
    Used: number,
    Granted: number,
  }),
  ListOutboxMessagesRequest: structure({ UserPoolId: text, Username: text, MaxResults: number }),
  ListOutboxMessagesResponse: structure({ Messages: documents }),
  ExplainCallsRequest: structure({
    RequestId: text,
    Statuses: texts,
    ApiId: text,
    RouteKey: text,
    MaxResults: number,
  }),
  ExplainCallsResponse: structure({ Calls: documents, Kept: number, KeptSince: number }),
  CreateLinkRequest: structure({ Name: linkName, Allow: texts, Tags: textByName }, ['Name']),
  CreateLinkResponse: structure({ ...linkTokenMembers, Name: text, Allow: texts }),
  CreateLinkTokenRequest: structure({ Link: text, ExpiresInSeconds: number }, ['Link']),
  CreateLinkTokenResponse: structure(linkTokenMembers),
  UpdateLinkAllowancesRequest: structure({ Link: text, Add: texts, Remove: texts }, ['Link']),
  UpdateLinkAllowancesResponse: structure(linkMembers),
  RevokeLinkAgentRequest: structure({ Link: text, AgentId: text }, ['Link']),
  RevokeLinkAgentResponse: structure({ VpcLinkId: text, Revoked: texts, TokensRevoked: number }),
  DeleteLinkRequest: structure({ Link: text }, ['Link']),
  DeleteLinkResponse: structure({ VpcLinkId: text }),
  GetLinkRequest: structure({ Link: text }, ['Link']),
  GetLinkResponse: structure(linkMembers),
  ListLinksRequest: structure({}),
  ListLinksResponse: structure({ Links: documents }),
  ListUserImportProblemsRequest: structure({ UserPoolId: text, JobId: text }, [
    'UserPoolId',
    'JobId',
  ]),
  ListUserImportProblemsResponse: structure({ Problems: documents }),
}

function operation(name: string): OperationModel {
  return {
    method: 'POST',
    uri: '/',
    status: 200,
    input: `${name}Request`,
    output: `${name}Response`,
  }
}

const OPERATIONS = [
  'PlanDefinition',
  'DeployDefinition',
  'CreateAccessKey',
  'ListAccessKeys',
  'DeleteAccessKey',
  'GetAuditLog',
  'GetServedApis',
  'ListOutboxMessages',
  'ListUsage',
  'TopUpQuota',
  'ExplainCalls',
  'ListUserImportProblems',
  ...['CreateLink', 'GetLink', 'ListLinks', 'DeleteLink', 'UpdateLinkAllowances'],
  ...['CreateLinkToken', 'RevokeLinkAgent'],
]

export const POSTERN_MODEL: ServiceModel = {
  name: 'postern',
  signingName: 'postern',
  apiVersion: '2026-11-01',
  protocol: 'json-1.1',
  targetPrefix: 'Postern',
  operations: Object.fromEntries(OPERATIONS.map((name) => [name, operation(name)])),
  shapes: SHAPES,
}
