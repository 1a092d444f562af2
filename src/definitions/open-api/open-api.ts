/**
 * OpenAPI 3.0 and 3.1, with API Gateway's extensions, to an HTTP API: to its definition in apigatewayv2's own resources,
 * as ImportApi stores it, or to a stage that can be served.
 *
 * The way of a definition: text → plain values with places (`document/`) → resources (`read-api.ts`) → definition or
 * `HttpApiStage`. Pure: nothing is fetched, no clock, no randomness. Invariant: what a definition asks for is either in
 * the result or an error; there is a result only when there is no error.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */

import type { HttpApiStage } from '../../domain/http-api.ts'
import type {
  DefinedIntegration,
  HttpApiDefinition,
  StageSettings,
} from '../../domain/http-api-definition.ts'
import type { LimitProfile, Limits } from '../../domain/limits.ts'
import type { Problem } from '../../domain/problem.ts'
import { readDocument, type SourceText } from '../document/document.ts'
import { TooManyProblems } from '../document/problem-list.ts'
import type { BasePathMode } from './base-path.ts'
import { readHeader } from './header.ts'
import { httpApiStageOf } from './http-api-stage.ts'
import { beginRun, type ImportRun } from './import-run.ts'
import type { ReadIntegration } from './integration.ts'
import { readModels } from './models.ts'
import { type ReadApi, readApi } from './read-api.ts'
import type { ReadSettings } from './stage-settings.ts'

/** What every import needs to know. */
export interface ReadOptions {
  readonly profile: LimitProfile
  readonly limits: Limits
  /** `--target URL`: proxies every operation that has no integration of its own. */
  readonly target?: string
  readonly accountId: string
  readonly region: string
  /** Win over those of the definition. */
  readonly stageVariables?: Readonly<Record<string, string>>
  /** What becomes of the servers' base path, as in ImportApi; the definition's own word wins. Default: ignore. */
  readonly basePath?: BasePathMode
}

export interface ImportOptions extends ReadOptions {
  readonly revision: number
}

/**
 * `everything`: what Postern would not enforce is an error, as whoever runs the definition wants to know. `nothing`: it
 * is stored, as ImportApi does, and the deployment decides.
 */
export type Enforce = 'everything' | 'nothing'

export interface HttpApiImportOptions extends ReadOptions {
  readonly enforce: Enforce
}

export interface HttpApiImport {
  /** Undefined when there is any error. Its ids are unique and follow from the definition alone. */
  readonly definition: HttpApiDefinition | undefined
  /** `$default` where the definition names no stage. */
  readonly stage: StageSettings
  /** x-postern-api-id */
  readonly apiId?: string
  readonly problems: readonly Problem[]
}

export interface ImportResult {
  /** Undefined when there is any error. */
  readonly stage: HttpApiStage | undefined
  readonly problems: readonly Problem[]
}

export function importOpenApi(source: SourceText, options: ImportOptions): ImportResult {
  const { document, problems } = readDocument(source, options.limits)
  if (document === undefined) return { stage: undefined, problems }
  const run = beginRun(document, options, 'everything')
  const read = readWithin(run)
  const isWhole = read !== undefined && !run.problems.hasErrors
  return {
    stage: isWhole ? httpApiStageOf(read, options) : undefined,
    problems: run.problems.all(),
  }
}

export function importHttpApi(source: SourceText, options: HttpApiImportOptions): HttpApiImport {
  const { document, problems } = readDocument(source, options.limits)
  if (document === undefined) return { definition: undefined, stage: stageOf(undefined), problems }
  const run = beginRun(document, options, options.enforce)
  const read = readWithin(run)
  const definition = read && definitionOf(run, read)
  const apiId = read?.settings.apiId
  return {
    definition: run.problems.hasErrors ? undefined : definition,
    stage: stageOf(read?.settings),
    ...(apiId === undefined ? {} : { apiId }),
    problems: run.problems.all(),
  }
}

/** The API as far as it can be read; reading ends early where nearly everything is wrong. */
function readWithin(run: ImportRun): ReadApi | undefined {
  try {
    const title = readHeader(run)
    return title === undefined ? undefined : readApi(run, title)
  } catch (error) {
    if (error instanceof TooManyProblems) return undefined
    throw error
  }
}

function definitionOf(run: ImportRun, read: ReadApi): HttpApiDefinition {
  const { api, routes, integrations, authorizers } = read
  const places = [
    ...routes.map(({ route, source }) => [route.RouteId, source]),
    ...integrations.map(({ IntegrationId, source }) => [IntegrationId, source]),
  ]
  return {
    api,
    routes: routes.map(({ route }) => route),
    integrations: integrations.map(withoutSource),
    authorizers,
    models: readModels(run),
    sources: Object.fromEntries(places),
  }
}

function withoutSource({ source: _, ...integration }: ReadIntegration): DefinedIntegration {
  return integration
}

function stageOf(settings: ReadSettings | undefined): StageSettings {
  return {
    StageName: settings?.stageName ?? '$default',
    StageVariables: { ...settings?.stageVariables },
    ...(settings?.detailedMetricsEnabled === true
      ? { DefaultRouteSettings: { DetailedMetricsEnabled: true } }
      : {}),
  }
}
