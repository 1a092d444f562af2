/**
 * What a deployment would change: the plan that people confirm, and what drift is measured by.
 *
 * Compares what each route does, not what its parts are called: the integration and the authorizer of a route are parts
 * of the route here, ids do not count, and a member with its default is a member that is not there. Plain data, in an
 * order that depends on the definitions alone.
 */

import type { Authorizer, Route } from '@aws-sdk/client-apigatewayv2'
import type {
  DefinedIntegration,
  HttpApiDefinition,
  StageSettings,
} from '../../domain/http-api-definition.ts'
import {
  changesBetween,
  type MemberChange,
  type Members,
  membersOf,
  type PlanValue,
  textOf,
} from './members.ts'

export type { MemberChange, PlanValue } from './members.ts'

export interface PlannedRoute {
  readonly routeKey: string
  /** Where its requests go: the integration's URI or, for an AWS service, its subtype. */
  readonly target?: string
  /** `file:line` */
  readonly source?: string
}

export interface ChangedRoute extends PlannedRoute {
  readonly changes: readonly MemberChange[]
}

export interface Plan {
  readonly isEmpty: boolean
  readonly addedRoutes: readonly PlannedRoute[]
  readonly removedRoutes: readonly PlannedRoute[]
  readonly changedRoutes: readonly ChangedRoute[]
  /** Members of the API: name, CORS, tags, default endpoint. */
  readonly api: readonly MemberChange[]
  readonly stage: readonly MemberChange[]
  /** Models, and integrations and authorizers that no route uses. */
  readonly resources: readonly MemberChange[]
}

export interface PlannedStages {
  /** Undefined: the stage is new. */
  readonly before: StageSettings | undefined
  readonly after: StageSettings
}

export function planChanges(
  before: HttpApiDefinition | undefined,
  after: HttpApiDefinition,
  stages: PlannedStages,
): Plan {
  const parts = {
    ...routeChanges(new DefinitionParts(before ?? EMPTY), new DefinitionParts(after)),
    api: changesBetween(apiMembers(before), apiMembers(after)),
    stage: changesBetween(stageMembers(stages.before), stageMembers(stages.after)),
  }
  const isEmpty = Object.values(parts).every((changes) => changes.length === 0)
  return { isEmpty, ...parts }
}

const EMPTY: HttpApiDefinition = {
  api: { Name: undefined },
  routes: [],
  integrations: [],
  authorizers: [],
  models: [],
  sources: {},
}

function apiMembers(definition: HttpApiDefinition | undefined): Members {
  return membersOf(definition?.api ?? {}, { DisableExecuteApiEndpoint: false })
}

function stageMembers(stage: StageSettings | undefined): Members {
  const { StageName, StageVariables, DefaultRouteSettings, AccessLogSettings } = stage ?? {}
  const members = { StageName, StageVariables, DefaultRouteSettings, AccessLogSettings }
  return membersOf(members, {
    'DefaultRouteSettings.DataTraceEnabled': false,
    'DefaultRouteSettings.DetailedMetricsEnabled': false,
    'DefaultRouteSettings.LoggingLevel': 'OFF',
  })
}

type RoutePlan = Pick<Plan, 'addedRoutes' | 'removedRoutes' | 'changedRoutes' | 'resources'>

function routeChanges(before: DefinitionParts, after: DefinitionParts): RoutePlan {
  const keys = [...new Set([...before.routes.keys(), ...after.routes.keys()])].sort(byPath)
  const addedRoutes: PlannedRoute[] = []
  const removedRoutes: PlannedRoute[] = []
  const changedRoutes: ChangedRoute[] = []
  for (const key of keys) {
    const [old, now] = [before.routes.get(key), after.routes.get(key)]
    if (now === undefined) removedRoutes.push(before.describe(old!))
    else if (old === undefined) addedRoutes.push(after.describe(now))
    else {
      const changes = changesBetween(before.routeMembers(old), after.routeMembers(now))
      if (changes.length > 0) changedRoutes.push({ ...after.describe(now), changes })
    }
  }
  const resources = changesBetween(before.resources(), after.resources())
  return { addedRoutes, removedRoutes, changedRoutes, resources }
}

/** `GET /pets` behind `DELETE /pets`, and both before `GET /pets/{id}`. */
function byPath(one: string, other: string): number {
  const [left, right] = [one, other].map((key) => key.split(' ').reverse().join(' '))
  return left! < right! ? -1 : 1
}

/** One definition, with what belongs together found by id. */
class DefinitionParts {
  readonly routes: ReadonlyMap<string, Route>
  readonly #definition: HttpApiDefinition
  readonly #integrations: ReadonlyMap<string, DefinedIntegration>
  readonly #authorizers: ReadonlyMap<string, Authorizer>

  constructor(definition: HttpApiDefinition) {
    const { routes, integrations, authorizers } = definition
    this.#definition = definition
    this.routes = new Map(routes.map((route) => [route.RouteKey!, route]))
    this.#integrations = new Map(
      integrations.map((each) => [`integrations/${each.IntegrationId}`, each]),
    )
    this.#authorizers = new Map(authorizers.map((each) => [each.AuthorizerId!, each]))
  }

  describe(route: Route): PlannedRoute {
    const integration = this.#integrations.get(route.Target ?? '')
    const target = integration?.IntegrationUri ?? integration?.IntegrationSubtype
    const source = this.#definition.sources[route.RouteId ?? '']
    return {
      routeKey: route.RouteKey!,
      ...(target === undefined ? {} : { target }),
      ...(source === undefined ? {} : { source }),
    }
  }

  routeMembers(route: Route): Members {
    const { RouteId, RouteKey, ApiGatewayManaged, Target, AuthorizerId, ...rest } = route
    const Integration = this.#integrations.get(Target ?? '')
    const Authorizer = this.#authorizers.get(AuthorizerId ?? '')
    const members = {
      ...rest,
      // What names nothing is told as it is.
      Target: Integration === undefined ? Target : undefined,
      AuthorizerId: Authorizer === undefined ? AuthorizerId : undefined,
      Authorizer: Authorizer && withoutId(Authorizer),
      Integration: Integration && withoutId(Integration),
    }
    return membersOf(members, {
      ApiKeyRequired: false,
      AuthorizationType: 'NONE',
      'Integration.ConnectionType': 'INTERNET',
      'Integration.PayloadFormatVersion': '1.0',
    })
  }

  /** What no route shows: models, and integrations and authorizers that none uses. */
  resources(): Members {
    const { routes, integrations, authorizers, models } = this.#definition
    const used = new Set(routes.flatMap(({ Target, AuthorizerId }) => [Target, AuthorizerId]))
    const unusedAuthorizers = authorizers.filter(({ AuthorizerId }) => !used.has(AuthorizerId))
    const unusedIntegrations = integrations.filter(
      ({ IntegrationId }) => !used.has(`integrations/${IntegrationId}`),
    )
    return new Map([
      ...models.flatMap((model) => [...membersOf({ [`Model ${model.Name}`]: withoutId(model) })]),
      ...named(unusedAuthorizers, ({ Name }) => `Authorizer ${Name}`),
      ...named(
        unusedIntegrations,
        ({ IntegrationUri, IntegrationSubtype }) =>
          `Integration ${IntegrationUri ?? IntegrationSubtype}`,
      ),
    ])
  }
}

/** Several may have one name: they are told apart in the order of their content. */
function named<T extends object>(
  resources: readonly T[],
  nameOf: (resource: T) => string,
): [string, PlanValue][] {
  const counts = new Map<string, number>()
  const contents = resources.map((each) => ({ name: nameOf(each), content: withoutId(each) }))
  contents.sort((one, other) => (textOf(one.content) < textOf(other.content) ? -1 : 1))
  return contents.map(({ name, content }) => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return [count === 1 ? name : `${name} (${count})`, content]
  })
}

/** What a resource says, whatever it is called in its store. */
function withoutId(resource: object): Record<string, PlanValue> {
  const identity = ['IntegrationId', 'AuthorizerId', 'ModelId', 'ApiGatewayManaged']
  const content = Object.entries(resource).filter(([name]) => !identity.includes(name))
  return Object.fromEntries(content)
}
