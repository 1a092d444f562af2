/**
 * `postern routes`: what the gateway runs, in the order of priority, and which route takes a request.
 *
 * Asks the same router that serves requests, so the answer is not an opinion.
 */

import type { HttpApiStage, Integration, Route } from '../domain/http-api.ts'
import { formatProblem } from '../domain/problem.ts'
import { canonicalPath } from '../http/message/canonical-path.ts'
import { compileRouter, inPriorityOrder, parameterNames } from '../runtime/routing/router.ts'
import { usageFailure } from '../server/failure.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { brokenDefinitions, loadNamed } from './definition-files.ts'
import { printable, renderTable } from './text-table.ts'

/** One route of one API, as it is listed. */
interface ListedRoute {
  readonly api: string
  readonly routeKey: string
  readonly method: string
  readonly uri: string
  /** Name of the authorizer, or AWS_IAM; '' where everybody may call. */
  readonly authorizer: string
  /** A token has one of them; empty: none is asked for. */
  readonly scopes: readonly string[]
  readonly source: string
}

/** The answer to `--match` for one API. */
interface Match {
  readonly api: string
  readonly path: string
  readonly route: ListedRoute | undefined
  readonly parameters: Readonly<Record<string, string>>
}

export async function routes(input: CommandInput): Promise<number> {
  const { configuration, problems } = await loadNamed('routes', input)
  if (configuration === undefined) {
    for (const problem of problems) input.terminal.err(`${formatProblem(problem)}\n`)
    throw brokenDefinitions('routes')
  }
  const request = input.settings.match
  return request === undefined
    ? printRoutes(configuration.stages, input)
    : printMatches(configuration.stages, request, input)
}

function printRoutes(
  stages: readonly HttpApiStage[],
  { settings, terminal }: CommandInput,
): number {
  const listed = stages.flatMap(listRoutes)
  if (settings.json) printJson(terminal, { routes: listed })
  else {
    const isGuarded = listed.some(({ authorizer }) => authorizer !== '')
    const heading = ['ROUTE', ...(isGuarded ? ['AUTHORIZER'] : []), 'INTEGRATION', 'SOURCE']
    const rows = listed.map((route) => rowOf(route, isGuarded))
    printLines(
      terminal,
      stages.length === 1
        ? renderTable(heading, rows)
        : renderTable(
            ['API', ...heading],
            rows.map((row, i) => [listed[i]!.api, ...row]),
          ),
    )
  }
  return 0
}

function rowOf(route: ListedRoute, withGuard: boolean): string[] {
  const { routeKey, method, uri, source } = route
  const sent = method === 'ANY' ? uri : `${method} ${uri}`
  return [routeKey, ...(withGuard ? [guardText(route)] : []), sent, source].map(printable)
}

/** `login (orders.read or orders.admin)` */
function guardText({ authorizer, scopes }: ListedRoute): string {
  if (authorizer === '') return 'open'
  return scopes.length === 0 ? authorizer : `${authorizer} (${scopes.join(' or ')})`
}

function listRoutes(stage: HttpApiStage): ListedRoute[] {
  const byKey = new Map(stage.routes.map((route) => [route.routeKey, route]))
  return inPriorityOrder([...byKey.keys()]).map((key) => listRoute(byKey.get(key)!, stage))
}

function listRoute(route: Route, stage: HttpApiStage): ListedRoute {
  const integration: Integration | undefined = stage.integrations[route.integrationId]
  const { authorizer, scopes } = guardOf(route, stage)
  return {
    api: stage.apiId,
    routeKey: route.routeKey,
    method: integration?.integrationMethod ?? '',
    uri: integration?.integrationUri ?? '',
    authorizer,
    scopes,
    source: route.source ?? '',
  }
}

function guardOf({ authorization: guard }: Route, { authorizers }: HttpApiStage) {
  if (guard === undefined) return { authorizer: '', scopes: [] }
  if (guard.authorizationType === 'AWS_IAM') return { authorizer: 'AWS_IAM', scopes: [] }
  const { authorizerId, scopes } = guard
  return { authorizer: authorizers?.[authorizerId]?.name ?? authorizerId, scopes }
}

function printMatches(
  stages: readonly HttpApiStage[],
  request: string,
  { settings, terminal }: CommandInput,
): number {
  const matches = stages.map((stage) => matchIn(stage, request))
  if (settings.json) printJson(terminal, { request, matches })
  else for (const match of matches) printLines(terminal, matchLines(match, request))
  return matches.some((match) => match.route !== undefined) ? 0 : 1
}

function matchIn(stage: HttpApiStage, request: string): Match {
  const [method = '', target = ''] = request.split(' ')
  const [written = ''] = target.split('?', 1)
  const path = canonicalPath(encodeWide(written))
  if (path === '') {
    throw usageFailure(
      `--match: the gateway refuses the path ${printable(written)} with 400`,
      'It can be read in two ways: dot segments, encoded slashes, or bytes that are not UTF-8.',
    )
  }
  const match = compileRouter(stage.routes.map((route) => route.routeKey)).match(method, path)
  if (match === undefined) return { api: stage.apiId, path, route: undefined, parameters: {} }
  const route = stage.routes[match.index]!
  const names = parameterNames(route.routeKey)
  const parameters = Object.fromEntries(
    names.map((name, i) => [name, decodeURIComponent(match.parameters[i] ?? '')]),
  )
  return { api: stage.apiId, path, route: listRoute(route, stage), parameters }
}

/** As a client would send it. */
function encodeWide(path: string): string {
  return path.replace(/[^\x00-\x7f]+/g, encodeURIComponent)
}

function matchLines({ api, path, route, parameters }: Match, request: string): string[] {
  if (route === undefined) return [`${printable(request)} → no route of ${api}: 404`]
  const rows = Object.entries(parameters).map(([name, value]) => [`  {${name}}`, printable(value)])
  return [
    `${printable(request)} → ${route.routeKey}`,
    ...renderTable(
      [],
      [
        ['  integration', printable(route.uri)],
        ...(route.authorizer === '' ? [] : [['  authorizer', printable(guardText(route))]]),
        ['  source', printable(route.source)],
        ['  path', path],
        ...rows,
      ],
    ),
  ]
}
