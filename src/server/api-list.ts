/**
 * The APIs that are being served, as people and programs ask for them: name, stage, routes, addresses.
 *
 * Made from the deployed configuration and the ports that are bound; printed at start and by `postern apis`, served by
 * the control port under /_postern/apis.
 */

import type { Configuration, HttpApiStage } from '../domain/http-api.ts'

export interface BoundPorts {
  readonly http: number | undefined
  readonly https: number | undefined
}

export interface ApiRoute {
  readonly routeKey: string
  readonly integrationUri: string
  readonly source: string
}

export interface ApiSummary {
  readonly apiId: string
  readonly name: string
  readonly protocolType: 'HTTP'
  readonly stage: string
  readonly revision: number
  readonly deploymentId: string
  readonly routes: readonly ApiRoute[]
  readonly urls: readonly string[]
}

export interface ApiList {
  readonly revision: number
  readonly apis: readonly ApiSummary[]
}

export const NO_APIS: ApiList = { revision: 0, apis: [] }

/** In the order of the definitions. The first address of each API is the one to show. */
export function listApis(configuration: Configuration, ports: BoundPorts): ApiList {
  const alone = new Set(configuration.stages.map((stage) => stage.apiId)).size === 1
  return {
    revision: configuration.revision,
    apis: configuration.stages.map((stage) => summarise(stage, ports, alone)),
  }
}

function summarise(stage: HttpApiStage, ports: BoundPorts, alone: boolean): ApiSummary {
  return {
    apiId: stage.apiId,
    name: stage.apiName,
    protocolType: stage.protocolType,
    stage: stage.stageName,
    revision: stage.revision,
    deploymentId: stage.deploymentId,
    routes: stage.routes.map(({ routeKey, integrationId, source }) => ({
      routeKey,
      integrationUri: stage.integrations[integrationId]?.integrationUri ?? '',
      source: source ?? '',
    })),
    urls: hostsOf(stage, alone).flatMap((host) => urlsOf(host, stage, ports)),
  }
}

/** The bare name belongs to an API only while it is the only one. */
function hostsOf(stage: HttpApiStage, alone: boolean): string[] {
  const own = stage.disableExecuteApiEndpoint ? [] : [`${stage.apiId}.execute-api.localhost`]
  return alone && !stage.disableExecuteApiEndpoint ? ['localhost', ...own] : own
}

function urlsOf(host: string, stage: HttpApiStage, ports: BoundPorts): string[] {
  const path = stage.stageName === '$default' ? '/' : `/${stage.stageName}/`
  const urls: string[] = []
  if (ports.http !== undefined) urls.push(`http://${host}:${ports.http}${path}`)
  if (ports.https !== undefined) urls.push(`https://${host}:${ports.https}${path}`)
  return urls
}
