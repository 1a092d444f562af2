/**
 * One walk over a definition, part by part, into the resources of apigatewayv2: survey of the whole → settings, CORS,
 * security → routes with their integrations → lint.
 */

import type { Authorizer } from '@aws-sdk/client-apigatewayv2'
import type { ApiSettings } from '../../domain/http-api-definition.ts'
import { readApiSettings } from './api-settings.ts'
import { ClientLimitReader } from './client-limits.ts'
import { readCors } from './cors.ts'
import { checkRootExtensions } from './extensions.ts'
import type { ImportRun } from './import-run.ts'
import { IntegrationReader, type ReadIntegration } from './integration.ts'
import { lint } from './lint.ts'
import { type ReadRoute, readRoutes } from './routes.ts'
import { SecurityReader } from './security.ts'
import { type ReadSettings, readSettings } from './stage-settings.ts'
import { survey } from './survey.ts'

export interface ReadApi {
  readonly api: ApiSettings
  readonly settings: ReadSettings
  readonly routes: readonly ReadRoute[]
  readonly integrations: readonly ReadIntegration[]
  readonly authorizers: readonly Authorizer[]
}

/** As far as it can be read; it is whole when the run has no errors. */
export function readApi(run: ImportRun, title: string): ReadApi {
  survey(run)
  checkRootExtensions(run)
  const settings = readSettings(run)
  const cors = readCors(run)
  const { disableExecuteApiEndpoint } = settings
  const limits = new ClientLimitReader(run, settings.stageVariables)
  const api = {
    ...readApiSettings(run, { title, cors, disableExecuteApiEndpoint }),
    ...(limits.api === undefined ? {} : { ClientLimits: limits.api }),
  }
  const integrations = new IntegrationReader(run, settings.stageVariables)
  const security = new SecurityReader(run)
  const routes = readRoutes(run, { integrations, security, limits })
  if (run.enforce === 'nothing') integrations.readUnused()
  const authorizers = security.authorizers()
  checkCounts(run, { routes, integrations: integrations.all(), authorizers })
  // What is wrong already would make half of the warnings wrong, too.
  if (run.enforce === 'everything' && !run.problems.hasErrors) {
    lint(run, { routes, integrations, hasCors: cors !== undefined })
  }
  return { api, settings, routes, integrations: integrations.all(), authorizers }
}

const MENDS = {
  routes: 'Split the API, cover several operations with {proxy+}',
  integrations: 'Split the API, cover several operations with {proxy+}',
  authorizers: 'Split the API',
}

function checkCounts(
  run: ImportRun,
  read: Readonly<Record<keyof typeof MENDS, readonly unknown[]>>,
): void {
  for (const noun of Object.keys(MENDS) as (keyof typeof MENDS)[]) {
    const [count, most] = [read[noun].length, run.options.limits[`${noun}PerApi`]]
    if (count <= most) continue
    run.problems.error(noun === 'authorizers' ? '/components/securitySchemes' : '/paths', {
      code: `${noun}-too-many`,
      message: `The API has ${count} ${noun}; ${most} are allowed.`,
      mend: `${MENDS[noun]}, or raise --limit ${noun}PerApi.`,
    })
  }
}
