/** Every operation of the service `postern` with what it takes and gives: the types of `model.ts`, for both sides of the wire. */

import type {
  CreateAccessKeyRequest,
  CreateAccessKeyResponse,
  DeleteAccessKeyRequest,
  ListAccessKeysResponse,
} from './access-key.ts'
import type { GetAuditLogRequest, GetAuditLogResponse } from './audit-log.ts'
import type {
  DeployDefinitionRequest,
  DeployDefinitionResponse,
  PlanDefinitionRequest,
  PlanDefinitionResponse,
} from './definition-messages.ts'
import type { ExplainCallsRequest, ExplainCallsResponse } from './explain.ts'
import type {
  CreateLinkRequest,
  CreateLinkResponse,
  CreateLinkTokenRequest,
  CreateLinkTokenResponse,
  LinkRequest,
  LinkView,
  ListLinksResponse,
  RevokeLinkAgentRequest,
  RevokeLinkAgentResponse,
  UpdateLinkAllowancesRequest,
} from './link-messages.ts'
import type { ListOutboxMessagesRequest, ListOutboxMessagesResponse } from './outbox.ts'
import type { GetServedApisResponse } from './served-apis.ts'
import type {
  ListUsageRequest,
  ListUsageResponse,
  TopUpQuotaRequest,
  TopUpQuotaResponse,
} from './usage.ts'
import type {
  ListUserImportProblemsRequest,
  ListUserImportProblemsResponse,
} from './user-import-problems.ts'

export interface PosternOperations {
  readonly CreateLink: [CreateLinkRequest, CreateLinkResponse]
  readonly CreateLinkToken: [CreateLinkTokenRequest, CreateLinkTokenResponse]
  readonly UpdateLinkAllowances: [UpdateLinkAllowancesRequest, LinkView]
  readonly RevokeLinkAgent: [RevokeLinkAgentRequest, RevokeLinkAgentResponse]
  readonly DeleteLink: [LinkRequest, { readonly VpcLinkId: string }]
  readonly GetLink: [LinkRequest, LinkView]
  readonly ListLinks: [object, ListLinksResponse]
  readonly PlanDefinition: [PlanDefinitionRequest, PlanDefinitionResponse]
  readonly DeployDefinition: [DeployDefinitionRequest, DeployDefinitionResponse]
  readonly CreateAccessKey: [CreateAccessKeyRequest, CreateAccessKeyResponse]
  readonly ListAccessKeys: [object, ListAccessKeysResponse]
  readonly DeleteAccessKey: [DeleteAccessKeyRequest, object]
  readonly GetAuditLog: [GetAuditLogRequest, GetAuditLogResponse]
  readonly GetServedApis: [object, GetServedApisResponse]
  readonly ListUsage: [ListUsageRequest, ListUsageResponse]
  readonly TopUpQuota: [TopUpQuotaRequest, TopUpQuotaResponse]
  readonly ListOutboxMessages: [ListOutboxMessagesRequest, ListOutboxMessagesResponse]
  readonly ExplainCalls: [ExplainCallsRequest, ExplainCallsResponse]
  readonly ListUserImportProblems: [ListUserImportProblemsRequest, ListUserImportProblemsResponse]
}
