/**
 * ImportApi, ReimportApi and ExportApi: an API from an OpenAPI definition, and back.
 *
 * An import stores all that API Gateway knows, also what is not served yet (`ImportInfo` names that); a stage that would
 * serve it is refused when it goes live. A definition with any error changes nothing.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
 */

import type {
  ExportApiRequest,
  ExportApiResponse,
  ImportApiRequest,
  ImportApiResponse,
  ReimportApiRequest,
  ReimportApiResponse,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import type { BasePathMode } from '../../definitions/open-api/base-path.ts'
import { exportHttpApi } from '../../definitions/open-api/export.ts'
import { type HttpApiImport, importHttpApi } from '../../definitions/open-api/open-api.ts'
import type { HttpApiDefinition } from '../../domain/http-api-definition.ts'
import { formatProblem } from '../../domain/problem.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { putNewApi, showApi } from './api.ts'
import { findDefinitionProblems } from './draft/definition-rules.ts'
import { readDraft } from './draft/draft.ts'
import { replaceDraft } from './draft/draft-replacement.ts'
import { definitionRefusals } from './going-live/stage-document.ts'
import { requireApi, requireChild } from './not-found.ts'
import type { StageRecord } from './records.ts'

export const importExportOperations = {
  ImportApi: write<ImportApiRequest, ImportApiResponse>(importApi),
  ReimportApi: write<ReimportApiRequest, ReimportApiResponse>(reimportApi),
  ExportApi: read<ExportApiRequest, Exported>(exportApi),
}

const BASE_PATHS: readonly string[] = ['ignore', 'prepend', 'split'] satisfies BasePathMode[]

/** More faults than these are counted only. */
const FAULTS_MAX = 100
const CONTENT_TYPES = { JSON: 'application/json', YAML: 'application/yaml' } as const

/** The type of the body is a header of the answer and no member of the model. */
type Exported = ExportApiResponse & { readonly contentType: string }

interface Imported {
  readonly definition: HttpApiDefinition
  /** Members of the answer, where there is something to say. */
  readonly remarks: { readonly Warnings?: string[]; readonly ImportInfo?: string[] }
}

async function importApi(
  request: ImportApiRequest,
  context: WriteContext,
): Promise<ImportApiResponse> {
  const { definition, remarks } = await importBody(request, context)
  const { ApiId } = await putNewApi(context, definition.api)
  await replaceDraft(context, ApiId!, definition)
  return { ...showApi(context, await requireApi(context, ApiId)), ...remarks }
}

async function reimportApi(
  request: ReimportApiRequest,
  context: WriteContext,
): Promise<ReimportApiResponse> {
  await requireApi(context, request.ApiId)
  const { definition, remarks } = await importBody(request, context)
  await replaceDraft(context, request.ApiId!, definition)
  return { ...showApi(context, await requireApi(context, request.ApiId)), ...remarks }
}

/** Throws with every place and its mend when the body cannot be imported. */
async function importBody(request: ImportApiRequest, context: ReadContext): Promise<Imported> {
  const imported = importHttpApi(
    { file: 'body', text: request.Body! },
    {
      ...context.scope,
      profile: context.settings.limitProfile,
      limits: context.settings.limits,
      basePath: basePathOf(request.Basepath),
      enforce: 'nothing',
    },
  )
  const problems = imported.problems.map(formatProblem)
  const { definition } = imported
  const faults =
    definition === undefined ? problems : await findDefinitionProblems(context, definition)
  if (definition === undefined || faults.length > 0) {
    throw invalid(`Invalid OpenAPI input.\n${told(faults)}`)
  }
  if (request.FailOnWarnings === true && problems.length > 0) {
    throw invalid(`Warnings found during import:\n${problems.join('\n')}`)
  }
  const refusals = definitionRefusals(definition, context.settings.limits)
  const info = [...stageRemarks(imported), ...refusals.map(notServed)]
  const remarks = {
    ...(problems.length === 0 ? {} : { Warnings: problems }),
    ...(info.length === 0 ? {} : { ImportInfo: info }),
  }
  return { definition, remarks }
}

/** An error is read by people, and goes over the wire as one line of JSON. */
function told(faults: readonly string[]): string {
  const more = faults.length - FAULTS_MAX
  return [...faults.slice(0, FAULTS_MAX), ...(more > 0 ? [`And ${more} more.`] : [])].join('\n')
}

function basePathOf(written: string | undefined): BasePathMode {
  const mode = written === undefined || written === '' ? 'ignore' : written.toLowerCase()
  if (BASE_PATHS.includes(mode)) return mode as BasePathMode
  throw invalid(`Invalid basepath specified: ${written}. It must be ignore, prepend or split`)
}

/** An import makes an API and no stage. */
function stageRemarks({ stage }: HttpApiImport): string[] {
  const { StageVariables = {}, DefaultRouteSettings } = stage
  const hasSettings =
    Object.keys(StageVariables).length > 0 || DefaultRouteSettings?.DetailedMetricsEnabled === true
  return hasSettings
    ? ['The settings of a stage in this definition were not imported: give them to CreateStage']
    : []
}

function notServed(refusal: string): string {
  return `Stored, and no stage can serve it yet: ${refusal}`
}

async function exportApi(request: ExportApiRequest, context: ReadContext): Promise<Exported> {
  const outputType = checkedForm(request)
  const { ApiId = '', StageName: stageName, IncludeExtensions = true } = request
  await requireApi(context, ApiId)
  const { definition, stage } = stageName
    ? await servedBy(context, ApiId, stageName)
    : { definition: await readDraft(context.records, ApiId), stage: undefined }
  const text = exportHttpApi(definition, {
    includeExtensions: IncludeExtensions,
    outputType,
    apiEndpoint: context.settings.apiEndpoint(ApiId, context.scope.region),
    ...(stage === undefined ? {} : stageOptions(stage)),
  })
  return { body: Buffer.from(text), contentType: CONTENT_TYPES[outputType] }
}

/** The output type. */
function checkedForm(request: ExportApiRequest): keyof typeof CONTENT_TYPES {
  const { Specification, OutputType, ExportVersion = '1.0' } = request
  if (Specification !== 'OAS30') {
    throw invalid(`Invalid specification: ${Specification}. It must be OAS30`)
  }
  if (OutputType !== 'JSON' && OutputType !== 'YAML') {
    throw invalid(`Invalid outputType: ${OutputType}. It must be JSON or YAML`)
  }
  if (ExportVersion !== '1.0') {
    throw invalid(`Invalid exportVersion: ${ExportVersion}. It must be 1.0`)
  }
  return OutputType
}

interface Served {
  readonly definition: HttpApiDefinition
  readonly stage: StageRecord
}

async function servedBy(context: ReadContext, apiId: string, id: string): Promise<Served> {
  const stage = await requireChild<StageRecord>(context, { kind: 'stage', apiId, id })
  const deploymentId = stage.DeploymentId
  if (deploymentId === undefined) {
    throw invalid(
      `Stage ${id} has no deployment to export. Leave stageName out to export the draft`,
    )
  }
  const key = { kind: 'deployment-definition', parent: apiId, id: deploymentId }
  const frozen = await context.records.get<HttpApiDefinition>(key)
  if (frozen === undefined) {
    throw invalid(`Deployment ${deploymentId} of stage ${id} is not there`)
  }
  return { definition: frozen.body, stage }
}

function stageOptions({ StageName, StageVariables = {}, DefaultRouteSettings }: StageRecord) {
  return {
    stageName: StageName!,
    stageVariables: StageVariables,
    detailedMetricsEnabled: DefaultRouteSettings?.DetailedMetricsEnabled === true,
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
