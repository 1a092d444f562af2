/**
 * A definition in the place of an API's draft, in one go.
 *
 * Keeps whatever can be recognised: a route of the same key, an integration that is equal, an authorizer and a model of
 * the same name keep their ids, so that what refers to them from outside stays true. Records that do not change are not
 * written. Stages and deployments are not touched.
 */

import type { Authorizer, Model, Route } from '@aws-sdk/client-apigatewayv2'
import { assert } from '../../../base/assert.ts'
import { textOf } from '../../../definitions/plan/members.ts'
import type {
  ApiSettings,
  DefinedIntegration,
  HttpApiDefinition,
} from '../../../domain/http-api-definition.ts'
import { integrationIdOf } from '../going-live/stage-document.ts'
import { type IdSource, newChildId } from '../new-id.ts'
import type { ApiRecord } from '../records.ts'
import { readDraft } from './draft.ts'
import { isSameContent } from './same-content.ts'

/** Makes the draft of an API that exists what the definition says. */
export async function replaceDraft(
  writer: IdSource,
  apiId: string,
  definition: HttpApiDefinition,
): Promise<void> {
  const before = await readDraft(writer.records, apiId)
  await new Replacement(writer, apiId, before).run(definition)
}

type Kind = 'route' | 'integration' | 'authorizer' | 'model'
type Ids = ReadonlyMap<string | undefined, string>

/** One replacement: which id each resource of the definition gets, and what is written. */
class Replacement {
  readonly #writer: IdSource
  readonly #apiId: string
  readonly #sources: Readonly<Record<string, string>>
  /** `kind/id` of every record that is there and that no resource of the definition has taken over. */
  readonly #left: Map<string, object>
  readonly #authorizers: Recognised<Authorizer>
  readonly #integrations: Recognised<DefinedIntegration>
  readonly #models: Recognised<Model>
  readonly #routes: Recognised<Route>

  constructor(writer: IdSource, apiId: string, before: HttpApiDefinition) {
    this.#writer = writer
    this.#apiId = apiId
    this.#sources = before.sources
    this.#authorizers = new Recognised(before.authorizers, ({ Name }) => Name)
    this.#integrations = new Recognised(before.integrations, contentOf)
    this.#models = new Recognised(before.models, ({ Name }) => Name)
    this.#routes = new Recognised(before.routes, ({ RouteKey }) => RouteKey)
    this.#left = new Map<string, object>([
      ...before.authorizers.map((each) => [`authorizer/${each.AuthorizerId}`, each] as const),
      ...before.integrations.map((each) => [`integration/${each.IntegrationId}`, each] as const),
      ...before.models.map((each) => [`model/${each.ModelId}`, each] as const),
      ...before.routes.map((each) => [`route/${each.RouteId}`, each] as const),
    ])
  }

  async run(definition: HttpApiDefinition): Promise<void> {
    await this.#writeApi(definition.api)
    const authorizerIds = await this.#writeAuthorizers(definition.authorizers)
    const integrationIds = await this.#writeIntegrations(definition)
    await this.#writeModels(definition.models)
    await this.#writeRoutes(definition, integrationIds, authorizerIds)
    for (const key of this.#left.keys()) {
      const [kind = '', id = ''] = key.split('/')
      await this.#writer.records.delete({ kind, parent: this.#apiId, id })
    }
  }

  async #writeApi(settings: ApiSettings): Promise<void> {
    const key = { kind: 'api', parent: '', id: this.#apiId }
    const record = await this.#writer.records.get<ApiRecord>(key)
    assert(record !== undefined, 'the draft of an API was read, so its record is there')
    const { Description, Version, CorsConfiguration, ClientLimits, ...rest } = record.body
    const isDisabled = settings.DisableExecuteApiEndpoint === true
    const body = { ...rest, ...settings, DisableExecuteApiEndpoint: isDisabled }
    if (!isSameContent(body, record.body)) await this.#writer.records.put(key, body)
  }

  async #writeAuthorizers(authorizers: readonly Authorizer[]): Promise<Ids> {
    const ids = new Map<string | undefined, string>()
    for (const authorizer of authorizers) {
      const known = this.#authorizers.take(authorizer)
      const AuthorizerId = known?.AuthorizerId ?? (await this.#freshId('authorizer'))
      ids.set(authorizer.AuthorizerId, AuthorizerId)
      await this.#put('authorizer', AuthorizerId, { ...authorizer, AuthorizerId })
    }
    return ids
  }

  async #writeIntegrations({ integrations, sources }: HttpApiDefinition): Promise<Ids> {
    const ids = new Map<string | undefined, string>()
    for (const integration of integrations) {
      const known = this.#integrations.take(integration)
      const IntegrationId = known?.IntegrationId ?? (await this.#freshId('integration'))
      ids.set(integration.IntegrationId, IntegrationId)
      const body = { ...integration, IntegrationId, ...managedFlag(known) }
      const source = sources[integration.IntegrationId ?? '']
      await this.#put('integration', IntegrationId, withSource(body, source))
    }
    return ids
  }

  async #writeModels(models: readonly Model[]): Promise<void> {
    for (const model of models) {
      const ModelId = this.#models.take(model)?.ModelId ?? (await this.#freshId('model'))
      await this.#put('model', ModelId, { ...model, ModelId })
    }
  }

  async #writeRoutes(
    { routes, sources }: HttpApiDefinition,
    integrationIds: Ids,
    authorizerIds: Ids,
  ): Promise<void> {
    for (const route of routes) {
      const known = this.#routes.take(route)
      const RouteId = known?.RouteId ?? (await this.#freshId('route'))
      const { Target, AuthorizerId, ...rest } = route
      const integrationId = integrationIds.get(integrationIdOf(Target))
      const authorizerId = authorizerIds.get(AuthorizerId)
      const body = {
        ...rest,
        ...(authorizerId === undefined ? {} : { AuthorizerId: authorizerId }),
        RouteId,
        ...(integrationId === undefined ? {} : { Target: `integrations/${integrationId}` }),
        ...managedFlag(known),
      }
      await this.#put('route', RouteId, withSource(body, sources[route.RouteId ?? '']))
    }
  }

  #freshId(kind: Kind): Promise<string> {
    return newChildId(this.#writer, kind, this.#apiId)
  }

  async #put(kind: Kind, id: string, body: object): Promise<void> {
    const before = this.#left.get(`${kind}/${id}`)
    this.#left.delete(`${kind}/${id}`)
    if (before !== undefined && isSameContent(body, withSource(before, this.#sources[id]))) return
    await this.#writer.records.put({ kind, parent: this.#apiId, id }, body)
  }
}

/** The resources of one kind that are there, found by what identifies them; each is given away once. */
class Recognised<T> {
  readonly #identify: (resource: T) => string | undefined
  readonly #byIdentity = new Map<string | undefined, T[]>()

  constructor(resources: readonly T[], identify: (resource: T) => string | undefined) {
    this.#identify = identify
    for (const resource of resources.toReversed()) {
      const identity = identify(resource)
      const alike = this.#byIdentity.get(identity)
      if (alike === undefined) this.#byIdentity.set(identity, [resource])
      else alike.push(resource)
    }
  }

  /** The first of those that are left. */
  take(resource: T): T | undefined {
    return this.#byIdentity.get(this.#identify(resource))?.pop()
  }
}

/** An integration without what a definition cannot know of it. */
function contentOf(integration: DefinedIntegration): string {
  const { IntegrationId: _id, ApiGatewayManaged: _managed, ...content } = integration
  return textOf(content)
}

function managedFlag(known: { ApiGatewayManaged?: boolean | undefined } | undefined): object {
  return known?.ApiGatewayManaged === true ? { ApiGatewayManaged: true } : {}
}

function withSource<T extends object>(body: T, source: string | undefined): T {
  return source === undefined ? body : { ...body, source }
}
