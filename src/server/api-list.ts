/**
 * The APIs that are being served, as people and programs ask for them: name, stage, routes, addresses.
 *
 * Made from the deployed configuration and the ports that are bound; printed at start and by `postern apis`.
 */

import type { Configuration, HttpApiStage } from '../domain/http-api.ts'
import type { ServedApi, ServedApis } from '../domain/served-apis.ts'

export interface BoundPorts {
  readonly http: number | undefined
  readonly https: number | undefined
}

export const NO_APIS: ServedApis = { revision: 0, apis: [] }

/** In the order of the definitions. The first address of each API is the one to show. */
export function listApis(configuration: Configuration, ports: BoundPorts): ServedApis {
  const isNamed = (configuration.domains?.domains.length ?? 0) > 0
  const ids = new Set(configuration.stages.map((stage) => stage.apiId))
  const alone = ids.size === 1 && !isNamed
  return {
    revision: configuration.revision,
    apis: configuration.stages.map((stage) => summarise(stage, ports, alone)),
  }
}

function summarise(stage: HttpApiStage, ports: BoundPorts, alone: boolean): ServedApi {
  return {
    accountId: stage.accountId,
    region: stage.region,
    apiId: stage.apiId,
    name: stage.apiName,
    protocolType: stage.protocolType,
    stage: stage.stageName,
    revision: stage.revision,
    deploymentId: stage.deploymentId,
    // Made when somebody looks: who asks what a certificate is used by has no use for a million routes.
    get routes() {
      return stage.routes.map(({ routeKey, integrationId, source }) => ({
        routeKey,
        integrationUri: stage.integrations[integrationId]?.integrationUri ?? '',
        source: source ?? '',
      }))
    },
    urls: hostsOf(stage, alone).flatMap((host) => urlsOf(host, stage, ports)),
    ...shownBy(stage),
  }
}

/** What stages show; a document never changes. */
const SHOWN = new WeakMap<HttpApiStage, Pick<ServedApi, 'clientCertificates'>>()

function shownBy(stage: HttpApiStage): Pick<ServedApi, 'clientCertificates'> {
  const known = SHOWN.get(stage)
  if (known !== undefined) return known
  const ids = new Set<string>()
  for (const { tlsConfig } of Object.values(stage.integrations)) {
    if (tlsConfig?.clientCertificateId !== undefined) ids.add(tlsConfig.clientCertificateId)
  }
  const shown = ids.size === 0 ? {} : { clientCertificates: [...ids] }
  SHOWN.set(stage, shown)
  return shown
}

/** The bare name belongs to an API only while it is the only one, and there is no custom domain name. */
function hostsOf(stage: HttpApiStage, alone: boolean): string[] {
  const own = stage.disableExecuteApiEndpoint ? [] : [`${stage.apiId}.execute-api.localhost`]
  return alone && !stage.disableExecuteApiEndpoint ? ['localhost', ...own] : own
}

/** An API's own address, without a stage; plain HTTP where both ports are open. */
export function apiEndpoint(apiId: string, { http, https }: BoundPorts): string {
  const host = `${apiId}.execute-api.localhost`
  if (http !== undefined || https === undefined) return `http://${host}:${http ?? 0}`
  return `https://${host}:${https}`
}

function urlsOf(host: string, stage: HttpApiStage, ports: BoundPorts): string[] {
  const path = stage.stageName === '$default' ? '/' : `/${stage.stageName}/`
  const urls: string[] = []
  if (ports.http !== undefined) urls.push(`http://${host}:${ports.http}${path}`)
  if (ports.https !== undefined) urls.push(`https://${host}:${ports.https}${path}`)
  return urls
}
