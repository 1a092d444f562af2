/**
 * A definition to a stage, as operations: what it would change, and doing it, in one transaction.
 *
 * The same importer as `postern lint`, the same gate as every deployment. A plan is computed from the store as the
 * transaction sees it; a deployment that names the plan it was confirmed for is refused when another one has become of it.
 */

import { createHash } from 'node:crypto'
import type { Route } from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { apiIdOf } from '../../definitions/open-api/identifiers.ts'
import { type HttpApiImport, importHttpApi } from '../../definitions/open-api/open-api.ts'
import { type Plan, planChanges } from '../../definitions/plan/plan.ts'
import type { HttpApiDefinition, StageSettings } from '../../domain/http-api-definition.ts'
import { formatProblem, type Problem } from '../../domain/problem.ts'
import { findDefinitionProblems } from '../apigatewayv2/draft/definition-rules.ts'
import { deployDefinition, settingsAfter } from '../apigatewayv2/draft/deploy-definition.ts'
import { servesSame } from '../apigatewayv2/draft/draft.ts'
import { stageDocument } from '../apigatewayv2/going-live/stage-document.ts'
import type { StageRecord } from '../apigatewayv2/records.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import type {
  DeployDefinitionRequest,
  DeployDefinitionResponse,
  PlanDefinitionRequest,
  PlanDefinitionResponse,
} from './definition-messages.ts'
import { type DefinitionTarget, findTarget } from './definition-target.ts'

/** More routes than these are counted only. */
const OPENED_MAX = 10

export const definitionOperations = {
  PlanDefinition: read<PlanDefinitionRequest, PlanDefinitionResponse>(async (request, context) => {
    const imported = importFor(request, context)
    const { problems } = imported
    if (!isUsable(imported)) return { Problems: problems, Refusals: [], Notes: [] }
    return answerOf(await planFor(request, imported, context), problems)
  }),

  DeployDefinition: write<DeployDefinitionRequest, DeployDefinitionResponse>(
    async (request, context) => {
      const imported = importFor(request, context)
      const { problems } = imported
      if (!isUsable(imported)) throw refusal(problems.map(formatProblem))
      const planned = await planFor(request, imported, context)
      if (planned.refusals.length > 0) throw refusal(planned.refusals)
      checkDigest(request, planned)
      return deployPlanned(planned, { request, imported, context })
    },
  ),
}

type UsableImport = HttpApiImport & { readonly definition: HttpApiDefinition }

interface Planned {
  readonly target: DefinitionTarget
  readonly definition: HttpApiDefinition
  readonly plan: Plan
  readonly digest: string
  /** The draft is not what the definition says, whatever the stage serves. */
  readonly draftDiffers: boolean
  readonly notes: readonly string[]
  readonly refusals: readonly string[]
}

function importFor(request: PlanDefinitionRequest, { scope, settings }: ReadContext) {
  const { File: file, Text: text, Target: target, StageVariables: stageVariables } = request
  return importHttpApi(
    { file, text },
    {
      ...scope,
      profile: settings.limitProfile,
      limits: settings.limits,
      enforce: 'everything',
      ...(target === undefined ? {} : { target }),
      ...(stageVariables === undefined ? {} : { stageVariables }),
    },
  )
}

function isUsable(imported: HttpApiImport): imported is UsableImport {
  return imported.definition !== undefined
}

async function planFor(
  request: PlanDefinitionRequest,
  imported: UsableImport,
  context: ReadContext,
): Promise<Planned> {
  const target = await findTarget(context, request, imported)
  const { api, apiName, stageName, stage, served } = target
  const definition = {
    ...imported.definition,
    api: { ...imported.definition.api, Name: apiName },
  }
  const after = stageAfter(target, imported.stage)
  const plan = planChanges(served, definition, { before: stage, after })
  const draftDiffers =
    target.draft !== undefined &&
    !planChanges(target.draft, definition, { before: after, after }).isEmpty
  const checked = stageDocument({
    scope: context.scope,
    apiId: api?.ApiId ?? '',
    apiName,
    definition,
    stage: after,
    limits: context.settings.limits,
  })
  return {
    target,
    definition,
    plan,
    digest: digestOf([api?.ApiId, apiName, stageName, plan]),
    draftDiffers,
    notes: [...notesOn(target, draftDiffers), ...openedNotes(target, definition)],
    refusals:
      checked.kind === 'refused'
        ? checked.reasons
        : await findDefinitionProblems(context, definition),
  }
}

/** The stage as the deployment will leave it. */
function stageAfter({ stage, stageName }: DefinitionTarget, settings: StageSettings): StageRecord {
  const before = stage ?? { servedRevision: 0, StageName: stageName }
  return { ...before, ...settingsAfter(stage, settings) } as StageRecord
}

/** What is about to be lost, or will not last. */
function notesOn(target: DefinitionTarget, draftDiffers: boolean): string[] {
  const { api, draft, served, following } = target
  if (api === undefined || draft === undefined) return []
  const notes: string[] = []
  if (draftDiffers && served !== undefined && !servesSame(draft, served)) {
    notes.push(
      `${api.Name} has been edited since this stage was deployed to: a deployment replaces that.`,
    )
  }
  if (draftDiffers && following.length > 0) {
    const stages = following.join(', ')
    notes.push(`Stages that deploy automatically follow the definition, too: ${stages}.`)
  }
  if (api.source !== undefined) {
    const { file } = api.source
    notes.push(
      `${api.Name} came from ${file}: when that file has changed, postern up ${file} makes it as the file says again.`,
    )
  }
  return notes
}

/** A draft may hold guards that no stage serves yet, so the plan would not show that they go. */
function openedNotes({ draft }: DefinitionTarget, { routes }: HttpApiDefinition): string[] {
  const open = new Set(routes.filter(isOpen).map(({ RouteKey }) => RouteKey))
  const opened = draft?.routes.filter((route) => !isOpen(route) && open.has(route.RouteKey)) ?? []
  if (opened.length === 0) return []
  const named = opened
    .slice(0, OPENED_MAX)
    .map(({ RouteKey, AuthorizationType }) => `${RouteKey} (${AuthorizationType})`)
  const more = opened.length > named.length ? ` and ${opened.length - named.length} more` : ''
  return [`Routes that the draft guards are open in the definition: ${named.join(', ')}${more}.`]
}

function isOpen({ AuthorizationType = 'NONE' }: Route): boolean {
  return AuthorizationType === 'NONE'
}

function digestOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url')
}

function answerOf(planned: Planned, problems: readonly Problem[]): PlanDefinitionResponse {
  const { api, apiName, stageName } = planned.target
  return {
    ...(api?.ApiId === undefined ? {} : { ApiId: api.ApiId }),
    ApiName: apiName,
    StageName: stageName,
    Plan: planned.plan,
    PlanDigest: planned.digest,
    Problems: problems,
    DraftDiffers: planned.draftDiffers,
    Refusals: planned.refusals,
    Notes: planned.notes,
  }
}

function checkDigest({ PlanDigest, File }: DeployDefinitionRequest, { digest }: Planned): void {
  if (PlanDigest === undefined || PlanDigest === digest) return
  throw new ServiceError(
    'ConflictException',
    `What ${File} would change is not what was shown: the API has been changed since. Look at the plan again.`,
  )
}

interface Deploying {
  readonly request: DeployDefinitionRequest
  readonly imported: UsableImport
  readonly context: WriteContext
}

async function deployPlanned(
  planned: Planned,
  { request, imported, context }: Deploying,
): Promise<DeployDefinitionResponse> {
  const { target, definition, plan, notes } = planned
  const { api, stageName } = target
  const Warnings = [...imported.problems.map(formatProblem), ...notes]
  if (request.DryRun === true) {
    const known = api?.ApiId === undefined ? {} : { ApiId: api.ApiId }
    return { ...known, StageName: stageName, Created: api === undefined, Plan: plan, Warnings }
  }
  const claimed = request.ApiName === undefined ? imported.apiId : undefined
  const apiId = api?.ApiId ?? claimed ?? (await freeIdFor(target, context))
  const done = await deployDefinition(context, {
    definition,
    stageSettings: imported.stage,
    stageName,
    ...(apiId === undefined ? { apiName: target.apiName } : { apiId }),
  })
  return {
    ApiId: done.apiId,
    StageName: done.stageName,
    DeploymentId: done.deploymentId,
    Created: done.created,
    Plan: plan,
    Warnings,
  }
}

/** The id that `postern up` would give it, so that its address is the same everywhere; undefined where that is taken. */
async function freeIdFor(
  { apiName }: DefinitionTarget,
  { isApiIdFree }: WriteContext,
): Promise<string | undefined> {
  const apiId = apiIdOf(apiName)
  return (await isApiIdFree(apiId)) ? apiId : undefined
}

function refusal(reasons: readonly string[]): ServiceError {
  return new ServiceError(
    'BadRequestException',
    `The definition cannot be deployed:\n${reasons.join('\n')}`,
  )
}
