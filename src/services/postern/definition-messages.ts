/** What the operations on definitions take and give. */

import type { Plan } from '../../definitions/plan/plan.ts'
import type { Problem } from '../../domain/problem.ts'

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
