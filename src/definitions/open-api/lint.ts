/**
 * Warnings: definitions that are valid and run, but surely not as their author meant. Few and exact, so that each is
 * worth reading.
 */

import { memberOf, membersOf } from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { ImportRun } from './import-run.ts'
import type { IntegrationReader } from './integration.ts'
import { shapeOf } from './route-path.ts'
import type { ReadRoute } from './routes.ts'
import { placeOfMember } from './routes.ts'

interface Linted {
  readonly routes: readonly ReadRoute[]
  readonly integrations: IntegrationReader
  readonly hasCors: boolean
}

/** What ANY stands for. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']

export function lint(run: ImportRun, linted: Linted): void {
  warnDuplicateOperationIds(run, linted.routes)
  warnUnusedIntegrations(run, linted.integrations)
  warnHiddenRoutes(run, linted.routes)
  warnFixedGreedyRoutes(run, linted)
  if (linted.hasCors) warnPreflightRoutes(run, linted.routes)
}

function warnDuplicateOperationIds(run: ImportRun, routes: readonly ReadRoute[]): void {
  const first = new Map<string, string>()
  for (const { route, operation } of routes) {
    const name = route.OperationName
    if (name === undefined) continue
    const other = first.get(name)
    if (other === undefined) first.set(name, route.RouteKey)
    else {
      run.problems.warn(placeOfMember(operation, 'operationId'), {
        code: 'operation-id-duplicate',
        message: `${route.RouteKey} and ${other} have the same operationId ${preview(name)}.`,
        mend: 'Give each operation its own: client generators make one function of the two.',
      })
    }
  }
}

function warnUnusedIntegrations(run: ImportRun, integrations: IntegrationReader): void {
  const components = memberOf(run.root, 'components')
  const shared =
    components && run.read.object(memberOf(components, 'x-amazon-apigateway-integrations'))
  for (const [name, node] of shared === undefined ? [] : membersOf(shared)) {
    if (integrations.isUsed(node.pointer)) continue
    run.problems.warn(node.pointer, {
      code: 'integration-unused',
      message: `No operation uses the integration ${preview(name)}.`,
      mend: `Refer to it with $ref: '#/components/x-amazon-apigateway-integrations/${name}', or remove it.`,
    })
  }
}

/** Routes that no request reaches because others take all of theirs. */
function warnHiddenRoutes(run: ImportRun, routes: readonly ReadRoute[]): void {
  const shapes = new Set(routes.map(({ route }) => methodAndShape(route.RouteKey)))
  for (const { route, operation } of routes) {
    const { RouteKey: routeKey } = route
    const hiddenBy = routeKey === '$default' ? coverDefault(shapes) : coverAny(routeKey, shapes)
    if (hiddenBy === undefined) continue
    run.problems.warn(operation.pointer, {
      code: 'route-unreachable',
      message: `No request reaches ${routeKey}: ${hiddenBy} take them all.`,
      mend: 'Remove it, or one of the others.',
    })
  }
}

function coverDefault(shapes: ReadonlySet<string>): string | undefined {
  const covered = shapes.has('ANY /') && shapes.has('ANY /{+}')
  return covered ? 'ANY / and the greedy ANY route' : undefined
}

function coverAny(routeKey: string, shapes: ReadonlySet<string>): string | undefined {
  if (!routeKey.startsWith('ANY ')) return undefined
  const shape = methodAndShape(routeKey).slice('ANY '.length)
  const covered = METHODS.every((method) => shapes.has(`${method} ${shape}`))
  return covered ? 'the routes for the single methods' : undefined
}

function methodAndShape(routeKey: string): string {
  const space = routeKey.indexOf(' ')
  return space < 0 ? routeKey : `${routeKey.slice(0, space)} ${shapeOf(routeKey.slice(space + 1))}`
}

/** A greedy route whose URI leaves the rest of the path out sends every request to the same place. */
function warnFixedGreedyRoutes(run: ImportRun, { routes, integrations }: Linted): void {
  const byId = new Map(integrations.all().map((each) => [each.IntegrationId, each]))
  for (const { route, operation, integrationId } of routes) {
    const greedy = /\{([^{}]+)\+\}$/.exec(route.RouteKey)?.[1]
    const integration = byId.get(integrationId ?? '')
    if (greedy === undefined || integration === undefined) continue
    const { IntegrationUri = '', RequestParameters = {} } = integration
    if (IntegrationUri.includes(`{${greedy}}`) || 'overwrite:path' in RequestParameters) continue
    run.problems.warn(placeOfMember(operation, 'x-amazon-apigateway-integration'), {
      code: 'greedy-unused',
      message: `${route.RouteKey} sends every path to ${IntegrationUri}.`,
      mend: `End the uri with /{${greedy}} to pass the rest of the path on.`,
    })
  }
}

function warnPreflightRoutes(run: ImportRun, routes: readonly ReadRoute[]): void {
  for (const { route, operation } of routes) {
    if (!route.RouteKey.startsWith('OPTIONS ')) continue
    run.problems.warn(operation.pointer, {
      code: 'preflight-answered',
      message: `With CORS configured, preflight requests never reach ${route.RouteKey}.`,
      mend: 'Remove the route, or x-amazon-apigateway-cors if the origin should answer them.',
    })
  }
}
