/**
 * An HTTP API to the OpenAPI 3.0.1 text that ExportApi writes.
 *
 * The way back of `open-api.ts`: importing the text gives the same definition again, up to ids and order. An integration
 * of one route stands in its operation; one of several routes, or of none, under `components`, so that it is one again.
 * What depends on nothing but the definition is written in a fixed order, so that two exports can be compared.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-export.html
 */

import type { Cors } from '@aws-sdk/client-apigatewayv2'
import type { ClientAllowance, ClientLimits } from '../../domain/http-api.ts'
import type { DefinedRoute, HttpApiDefinition } from '../../domain/http-api-definition.ts'
import { yamlPackage } from '../document/yaml-package.ts'
import { LIMITS_EXTENSION } from './client-limits.ts'
import { SharedIntegrations } from './export-integrations.ts'
import { exportModels } from './export-models.ts'
import { SchemeExport } from './export-schemes.ts'
import { hasMembers, type Written, written } from './written.ts'

export interface ExportOptions {
  /** False: plain OpenAPI, for documentation; it cannot be imported to the same API again. */
  readonly includeExtensions: boolean
  readonly outputType: 'JSON' | 'YAML'
  /** The stage that is exported; without it, the draft. */
  readonly stageName?: string
  readonly stageVariables?: Readonly<Record<string, string>>
  readonly detailedMetricsEnabled?: boolean
  /** `http://{apiId}.execute-api.localhost:8080` */
  readonly apiEndpoint?: string
}

export function exportHttpApi(definition: HttpApiDefinition, options: ExportOptions): string {
  const document = documentOf(definition, options)
  return options.outputType === 'JSON' ? `${JSON.stringify(document, null, 2)}\n` : toYaml(document)
}

function documentOf(definition: HttpApiDefinition, options: ExportOptions): Written {
  const { api } = definition
  const { includeExtensions } = options
  const schemes = new SchemeExport(definition, includeExtensions)
  const integrations = new SharedIntegrations(definition)
  const { schemas, described } = exportModels(definition.models)
  const paths = new PathExport(schemes, integrations, includeExtensions).pathsOf(definition.routes)
  const components = written({
    schemas: hasMembers(schemas) ? schemas : undefined,
    securitySchemes: hasMembers(schemes.schemes) ? schemes.schemes : undefined,
    'x-amazon-apigateway-integrations':
      includeExtensions && hasMembers(integrations.shared) ? integrations.shared : undefined,
    'x-postern-models': includeExtensions && hasMembers(described) ? described : undefined,
  })
  return written({
    openapi: '3.0.1',
    // OpenAPI requires a version; an API need not have one.
    info: written({
      title: api.Name,
      description: api.Description,
      version: api.Version ?? '',
    }),
    servers: [serverOf(definition, options)],
    tags: includeExtensions ? tagsOf(definition) : undefined,
    paths,
    components: hasMembers(components) ? components : undefined,
    ...(includeExtensions ? rootExtensions(definition, options) : {}),
  })
}

function rootExtensions({ api }: HttpApiDefinition, options: ExportOptions): Written {
  const { stageName, stageVariables = {}, detailedMetricsEnabled } = options
  return written({
    'x-amazon-apigateway-cors': api.CorsConfiguration && corsOf(api.CorsConfiguration),
    'x-amazon-apigateway-importexport-version': '1.0',
    [LIMITS_EXTENSION]: api.ClientLimits && limitsOf(api.ClientLimits),
    'x-postern-stage': stageName === '$default' ? undefined : stageName,
    'x-postern-stage-variables': hasMembers(stageVariables) ? stageVariables : undefined,
    'x-postern-detailed-metrics': detailedMetricsEnabled === true ? true : undefined,
  })
}

function serverOf({ api }: HttpApiDefinition, options: ExportOptions): Written {
  const { apiEndpoint = '', stageName = '$default', includeExtensions } = options
  const isDisabled = api.DisableExecuteApiEndpoint === true && includeExtensions
  return written({
    url: `${apiEndpoint}/{basePath}`,
    variables: { basePath: { default: stageName === '$default' ? '' : stageName } },
    'x-amazon-apigateway-endpoint-configuration': isDisabled
      ? { disableExecuteApiEndpoint: true }
      : undefined,
  })
}

function tagsOf({ api }: HttpApiDefinition): Written[] | undefined {
  const tags = Object.entries(api.Tags ?? {}).sort(byKey)
  if (tags.length === 0) return undefined
  return tags.map(([name, value]) => ({ name, 'x-amazon-apigateway-tag-value': value }))
}

function corsOf(cors: Cors): Written {
  return written({
    allowMethods: cors.AllowMethods,
    allowHeaders: cors.AllowHeaders,
    exposeHeaders: cors.ExposeHeaders,
    maxAge: cors.MaxAge,
    allowCredentials: cors.AllowCredentials,
    allowOrigins: cors.AllowOrigins,
  })
}

function limitsOf({ client, metered, clients, ...allowance }: ClientLimits): Written {
  const own = Object.entries(clients).map(([name, each]) => [name, allowanceOf(each)] as const)
  const all = [allowance, ...Object.values(clients)]
  return written({
    client,
    ...allowanceOf(allowance),
    clients: own.length === 0 ? undefined : Object.fromEntries(own),
    // A quota says so already.
    meter: metered && all.every(({ quota }) => quota === undefined) ? true : undefined,
  })
}

function allowanceOf({ throttle, quota }: ClientAllowance): Written {
  return written({ rate: throttle?.ratePerSecond, burst: throttle?.burst, quota })
}

const ANY = 'x-amazon-apigateway-any-method'

/** Routes to path items, in the order of their paths, and of their methods in each. */
class PathExport {
  readonly #schemes: SchemeExport
  readonly #integrations: SharedIntegrations
  readonly #includeExtensions: boolean

  constructor(schemes: SchemeExport, integrations: SharedIntegrations, includeExtensions: boolean) {
    this.#schemes = schemes
    this.#integrations = integrations
    this.#includeExtensions = includeExtensions
  }

  pathsOf(routes: readonly DefinedRoute[]): Written {
    const paths = new Map<string, [method: string, operation: Written][]>()
    for (const route of routes) {
      const { path, member } = placeOf(route.RouteKey!)
      const operations = paths.get(path) ?? []
      paths.set(path, [...operations, [member, this.#operationOf(route)]])
    }
    const items = [...paths].sort(byKey).map(([path, operations]) => {
      const item = Object.fromEntries(operations.sort(byKey))
      return [path, { ...item, ...parametersOf(path) }] as const
    })
    return Object.fromEntries(items)
  }

  #operationOf(route: DefinedRoute): Written {
    const integration = this.#includeExtensions ? this.#integrations.of(route) : undefined
    return written({
      operationId: route.OperationName,
      isDefaultRoute: route.RouteKey === '$default' ? true : undefined,
      responses: { default: { description: `Default response for ${route.RouteKey}` } },
      security: this.#schemes.requirementOf(route),
      'x-amazon-apigateway-integration': integration,
      [LIMITS_EXTENSION]:
        this.#includeExtensions && route.ClientLimits !== undefined
          ? limitsOf(route.ClientLimits)
          : undefined,
    })
  }
}

function placeOf(routeKey: string): { path: string; member: string } {
  if (routeKey === '$default') return { path: '/$default', member: ANY }
  const [method = '', path = ''] = routeKey.split(' ')
  return { path, member: method === 'ANY' ? ANY : method.toLowerCase() }
}

function parametersOf(path: string): Written {
  const names = [...path.matchAll(/\{([^{}]+)\}/g)].map((found) => found[1]!)
  if (names.length === 0) return {}
  const parameters = names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  return { parameters }
}

function byKey(one: readonly [string, unknown], other: readonly [string, unknown]): number {
  return one[0] < other[0] ? -1 : 1
}

function toYaml(document: Written): string {
  return yamlPackage().stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 })
}
