/**
 * The API and the stage that a definition is for, and what that stage serves now.
 *
 * An id that the caller names wins, then a name that the caller gives, then the id that the definition claims, then its
 * title. What cannot be found will be made; what could be two APIs is refused.
 */

import { ServiceError } from '../../aws/service-error.ts'
import { apiIdOf } from '../../definitions/open-api/identifiers.ts'
import type { HttpApiImport } from '../../definitions/open-api/open-api.ts'
import type { HttpApiDefinition } from '../../domain/http-api-definition.ts'
import type { Records } from '../../storage/store.ts'
import { apiSettingsOf, readDraft } from '../apigatewayv2/draft/draft.ts'
import { requireApi } from '../apigatewayv2/not-found.ts'
import type { ApiRecord, DeploymentDefinitionRecord, StageRecord } from '../apigatewayv2/records.ts'
import type { ReadContext } from '../service.ts'
import type { PlanDefinitionRequest } from './definition-messages.ts'

export interface DefinitionTarget {
  /** Undefined: it does not exist yet. */
  readonly api: ApiRecord | undefined
  /** What it has or gets. */
  readonly apiName: string
  readonly stageName: string
  readonly stage: StageRecord | undefined
  /** Undefined: the stage serves nothing. */
  readonly served: HttpApiDefinition | undefined
  /** What is being edited; undefined: the API does not exist yet. */
  readonly draft: HttpApiDefinition | undefined
  /** Names of the other stages that deploy by themselves whatever becomes of the draft. */
  readonly following: readonly string[]
}

export async function findTarget(
  context: ReadContext,
  request: PlanDefinitionRequest,
  imported: HttpApiImport & { readonly definition: HttpApiDefinition },
): Promise<DefinitionTarget> {
  const api = await findApi(context, request, imported)
  const apiName = request.ApiName ?? imported.definition.api.Name ?? ''
  const stageName = request.StageName ?? imported.stage.StageName ?? '$default'
  const names = { api, apiName, stageName }
  if (api === undefined) {
    return { ...names, stage: undefined, served: undefined, draft: undefined, following: [] }
  }
  const { records } = context
  const page = await records.list<StageRecord>('stage', api.ApiId!)
  const stages = page.records.map(({ body }) => body)
  const stage = stages.find((each) => each.StageName === stageName)
  const others = stages.filter((each) => each !== stage && each.AutoDeploy === true)
  return {
    ...names,
    stage,
    served: await servedBy(records, api, stage),
    draft: await readDraft(records, api.ApiId!),
    following: others.map(({ StageName = '' }) => StageName),
  }
}

async function findApi(
  context: ReadContext,
  { ApiId, ApiName }: PlanDefinitionRequest,
  { apiId, definition }: HttpApiImport & { readonly definition: HttpApiDefinition },
): Promise<ApiRecord | undefined> {
  if (ApiId !== undefined) return requireApi(context, ApiId)
  if (ApiName !== undefined) return findByName(context.records, ApiName)
  const title = definition.api.Name ?? ''
  const record = await context.records.get<ApiRecord>({
    kind: 'api',
    parent: '',
    id: apiId ?? apiIdOf(title),
  })
  if (record !== undefined || apiId !== undefined) return record?.body
  return findByName(context.records, title)
}

async function findByName(records: Records, name: string): Promise<ApiRecord | undefined> {
  const page = await records.list<ApiRecord>('api', '')
  const named = page.records.filter(({ body }) => body.Name === name)
  if (named.length <= 1) return named[0]?.body
  const ids = named.map(({ id }) => id).join(', ')
  throw new ServiceError(
    'ConflictException',
    `Several APIs have the name ${name}: ${ids}. Name one of them by its id.`,
  )
}

/** What the deployment has frozen, under the name and texts that the API has now: those are no deployment's. */
async function servedBy(
  records: Records,
  api: ApiRecord,
  stage: StageRecord | undefined,
): Promise<HttpApiDefinition | undefined> {
  if (stage?.DeploymentId === undefined) return undefined
  const key = { kind: 'deployment-definition', parent: api.ApiId!, id: stage.DeploymentId }
  const frozen = await records.get<DeploymentDefinitionRecord>(key)
  if (frozen === undefined) return undefined
  const { CorsConfiguration: _cors, ...texts } = apiSettingsOf(api)
  const { CorsConfiguration, DisableExecuteApiEndpoint = false } = frozen.body.api
  const cors = CorsConfiguration === undefined ? {} : { CorsConfiguration }
  return { ...frozen.body, api: { ...texts, ...cors, DisableExecuteApiEndpoint } }
}
