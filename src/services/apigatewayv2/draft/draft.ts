/**
 * The draft of an API: its records, read as one definition. What deployments freeze and what exports write;
 * `draft-replacement.ts` is the way back.
 */

import type { Authorizer, Model } from '@aws-sdk/client-apigatewayv2'
import type { ApiSettings, HttpApiDefinition } from '../../../domain/http-api-definition.ts'
import type { Records } from '../../../storage/store.ts'
import { withoutUndefined } from '../merge-patch.ts'
import { notFound } from '../not-found.ts'
import type { ApiRecord, IntegrationRecord, RouteRecord } from '../records.ts'
import { isSameContent } from './same-content.ts'

/** The members of an Api record that belong to its definition. */
export function apiSettingsOf(api: ApiRecord): ApiSettings {
  const { Name, Description, Version, CorsConfiguration, DisableExecuteApiEndpoint, Tags } = api
  const { ClientLimits } = api
  const settings = {
    Description,
    Version,
    CorsConfiguration,
    DisableExecuteApiEndpoint,
    Tags,
    ClientLimits,
  }
  return { Name, ...withoutUndefined(settings) }
}

/** Throws NotFoundException where there is no such API. */
export async function readDraft(records: Records, apiId: string): Promise<HttpApiDefinition> {
  const api = await records.get<ApiRecord>({ kind: 'api', parent: '', id: apiId })
  if (api === undefined) {
    throw notFound('api', `${records.scope.accountId}:${apiId}`)
  }
  const sources: Record<string, string> = {}
  const routes = await all<RouteRecord>(records, 'route', apiId)
  const integrations = await all<IntegrationRecord>(records, 'integration', apiId)
  return {
    api: apiSettingsOf(api.body),
    routes: routes.map((route) => takeSource(route, route.RouteId!, sources)),
    integrations: integrations.map((each) => takeSource(each, each.IntegrationId!, sources)),
    authorizers: await all<Authorizer>(records, 'authorizer', apiId),
    models: await all<Model>(records, 'model', apiId),
    sources,
  }
}

/** Whether deployments of the two would serve the same; names, texts for people and tags of the API aside. */
export function servesSame(one: HttpApiDefinition, other: HttpApiDefinition): boolean {
  return isSameContent(servedPart(one), servedPart(other))
}

function servedPart(definition: HttpApiDefinition): object {
  const { api, ...resources } = definition
  const { CorsConfiguration, DisableExecuteApiEndpoint = false, ClientLimits } = api
  return { CorsConfiguration, DisableExecuteApiEndpoint, ClientLimits, ...resources }
}

function takeSource<T extends { readonly source?: string }>(
  record: T,
  id: string,
  sources: Record<string, string>,
): Omit<T, 'source'> {
  const { source, ...resource } = record
  if (source !== undefined) sources[id] = source
  return resource
}

async function all<T extends object>(records: Records, kind: string, parent: string): Promise<T[]> {
  const page = await records.list<T>(kind, parent)
  return page.records.map(({ body }) => body)
}
