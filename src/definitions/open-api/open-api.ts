/**
 * OpenAPI 3.0 and 3.1, with API Gateway's extensions, to a deployable stage of an HTTP API.
 *
 * The way of a definition: text → plain values with places (`document/`) → survey of the whole → settings, CORS,
 * security → routes with their integrations → lint → `HttpApiStage`. Pure: nothing is fetched, no clock, no randomness.
 * Invariant: what a definition asks for is either in the stage or an error; a stage exists only when there is no error.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */

import type { HttpApiStage, Integration } from '../../domain/http-api.ts'
import type { LimitProfile, Limits } from '../../domain/limits.ts'
import type { Problem } from '../../domain/problem.ts'
import { readDocument, type SourceText } from '../document/document.ts'
import { TooManyProblems } from '../document/problem-list.ts'
import type { BasePathMode } from './base-path.ts'
import { readCors } from './cors.ts'
import { checkRootExtensions } from './extensions.ts'
import { readHeader } from './header.ts'
import { deploymentIdOf } from './identifiers.ts'
import { beginRun, type ImportRun } from './import-run.ts'
import { IntegrationReader } from './integration.ts'
import { lint } from './lint.ts'
import { type ReadRoute, readRoutes } from './routes.ts'
import { SecurityCheck } from './security.ts'
import { readStageSettings, type StageSettings } from './stage-settings.ts'
import { survey } from './survey.ts'

export interface ImportOptions {
  readonly profile: LimitProfile
  readonly limits: Limits
  /** `--target URL`: proxies every operation that has no integration of its own. */
  readonly target?: string
  readonly accountId: string
  readonly region: string
  /** Win over those of the definition. */
  readonly stageVariables?: Readonly<Record<string, string>>
  readonly revision: number
  /** What becomes of the servers' base path, as in ImportApi; the definition's own word wins. Default: ignore. */
  readonly basePath?: BasePathMode
}

export interface ImportResult {
  /** Undefined when there is any error. */
  readonly stage: HttpApiStage | undefined
  readonly problems: readonly Problem[]
}

export function importOpenApi(source: SourceText, options: ImportOptions): ImportResult {
  const { document, problems } = readDocument(source, options.limits)
  if (document === undefined) return { stage: undefined, problems }
  const run = beginRun(document, options)
  const stage = readWithin(run)
  return { stage: run.problems.hasErrors ? undefined : stage, problems: run.problems.all() }
}

/** The stage as far as it can be read; reading ends early where nearly everything is wrong. */
function readWithin(run: ImportRun): HttpApiStage | undefined {
  try {
    const title = readHeader(run)
    return title === undefined ? undefined : readStage(run, title)
  } catch (error) {
    if (error instanceof TooManyProblems) return undefined
    throw error
  }
}

function readStage(run: ImportRun, title: string): HttpApiStage {
  survey(run)
  checkRootExtensions(run)
  const settings = readStageSettings(run, title)
  const corsConfiguration = readCors(run)
  const integrations = new IntegrationReader(run, settings.stageVariables)
  const routes = readRoutes(run, integrations, new SecurityCheck(run))
  checkCounts(run, routes, integrations)
  const hasCors = corsConfiguration !== undefined
  // What is wrong already would make half of the warnings wrong, too.
  if (!run.problems.hasErrors) lint(run, { routes, integrations, hasCors })
  const content = contentOf(run, settings, routes, integrations.used())
  const withCors = corsConfiguration === undefined ? content : { ...content, corsConfiguration }
  return { ...withCors, deploymentId: deploymentIdOf(withCors), revision: run.options.revision }
}

function contentOf(
  run: ImportRun,
  settings: StageSettings,
  routes: readonly ReadRoute[],
  integrations: readonly Integration[],
): Omit<HttpApiStage, 'deploymentId' | 'revision'> {
  return {
    protocolType: 'HTTP',
    ...settings,
    accountId: run.options.accountId,
    region: run.options.region,
    routes: routes.map(({ route }) => route),
    integrations: Object.fromEntries(integrations.map((each) => [each.integrationId, each])),
  }
}

function checkCounts(
  run: ImportRun,
  routes: readonly ReadRoute[],
  integrations: IntegrationReader,
): void {
  const { routesPerApi, integrationsPerApi } = run.options.limits
  checkCount(run, 'routes', { count: routes.length, most: routesPerApi })
  checkCount(run, 'integrations', { count: integrations.used().length, most: integrationsPerApi })
}

function checkCount(run: ImportRun, noun: string, found: { count: number; most: number }): void {
  if (found.count <= found.most) return
  run.problems.error('/paths', {
    code: `${noun}-too-many`,
    message: `The API has ${found.count} ${noun}; ${found.most} are allowed.`,
    mend: `Split the API, cover several operations with {proxy+}, or raise --limit ${noun}PerApi.`,
  })
}
