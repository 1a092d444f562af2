/**
 * What the operations of the service `postern` take and give: the types of `model.ts`, for both sides of the wire.
 *
 * They carry what AWS has no operation for. Names are written as AWS writes them.
 */

import type { Plan } from '../../definitions/plan/plan.ts'
import type { Problem } from '../../domain/problem.ts'
import type { ServedApi } from '../../domain/served-apis.ts'
import type { AuditRecord } from '../../storage/store.ts'

/** A definition, and the API and stage that it is for. */
export interface PlanDefinitionRequest {
  /** How its author calls the file, for messages. */
  readonly File: string
  readonly Text: string
  /** Without it and `ApiName`: the API that has the definition's own id, else the one with its title. */
  readonly ApiId?: string
  /** Without `ApiId`: the API that has this name, or a new one. With it: the name that the API gets. Default: the title. */
  readonly ApiName?: string
  /** Default: the definition's own word, else `$default`. */
  readonly StageName?: string
  /** Where operations go that name no integration of their own. */
  readonly Target?: string
  /** Win over those of the definition. */
  readonly StageVariables?: Readonly<Record<string, string>>
}

export interface PlanDefinitionResponse {
  /** Undefined: there is no such API yet. */
  readonly ApiId?: string
  readonly ApiName?: string
  readonly StageName?: string
  /** What would change in what the stage serves; undefined when the definition cannot be read. */
  readonly Plan?: Plan
  /** Stands for this plan: a deployment that names it does this and nothing else. */
  readonly PlanDigest?: string
  /** The API as it is being edited is not what the definition says, whatever the stage serves. */
  readonly DraftDiffers?: boolean
  /** Errors and warnings, with their places. */
  readonly Problems: readonly Problem[]
  /** Why it could not be served although it can be read. */
  readonly Refusals: readonly string[]
  /** What else whoever deploys should know. */
  readonly Notes: readonly string[]
}

export interface DeployDefinitionRequest extends PlanDefinitionRequest {
  /** Refuse when the plan is not the one that was shown. */
  readonly PlanDigest?: string
  /** Answer what would happen, and leave nothing behind. */
  readonly DryRun?: boolean
}

export interface DeployDefinitionResponse {
  /** Undefined only for a dry run that would make the API. */
  readonly ApiId?: string
  readonly StageName: string
  /** Undefined for a dry run. */
  readonly DeploymentId?: string
  /** The API did not exist before. */
  readonly Created: boolean
  readonly Plan: Plan
  readonly Warnings: readonly string[]
}

/** An access key as it may be shown. */
export interface AccessKeyView {
  readonly AccessKeyId: string
  readonly AccountId: string
  readonly ReadOnly: boolean
  readonly Description: string
  readonly CreatedAt: string
}

export interface CreateAccessKeyRequest {
  /** Default: the caller's. */
  readonly AccountId?: string
  readonly ReadOnly?: boolean
  readonly Description?: string
}

/** The only answer that ever holds the secret. */
export interface CreateAccessKeyResponse extends AccessKeyView {
  readonly SecretAccessKey: string
}

export interface ListAccessKeysResponse {
  readonly AccessKeys: readonly AccessKeyView[]
}

export interface DeleteAccessKeyRequest {
  readonly AccessKeyId: string
}

export interface GetAuditLogRequest {
  readonly MaxResults?: number
  /** Only entries older than this sequence. */
  readonly Before?: number
}

export interface GetAuditLogResponse {
  /** Newest first. */
  readonly Records: readonly AuditRecord[]
  /** Every hash of the whole log fits. */
  readonly Intact: boolean
  /** Sequence of the first record that does not fit. */
  readonly BrokenAt?: number
}

export interface GetServedApisResponse {
  readonly Revision: number
  readonly Apis: readonly ServedApi[]
}

/** Every operation with what it takes and gives. */
export interface PosternOperations {
  readonly PlanDefinition: [PlanDefinitionRequest, PlanDefinitionResponse]
  readonly DeployDefinition: [DeployDefinitionRequest, DeployDefinitionResponse]
  readonly CreateAccessKey: [CreateAccessKeyRequest, CreateAccessKeyResponse]
  readonly ListAccessKeys: [object, ListAccessKeysResponse]
  readonly DeleteAccessKey: [DeleteAccessKeyRequest, object]
  readonly GetAuditLog: [GetAuditLogRequest, GetAuditLogResponse]
  readonly GetServedApis: [object, GetServedApisResponse]
}
