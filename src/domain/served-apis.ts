/** The APIs that are being served, as people and programs ask for them: `postern apis`, `GetServedApis`. */

export interface ServedRoute {
  readonly routeKey: string
  readonly integrationUri: string
  readonly source: string
}

export interface ServedApi {
  readonly accountId: string
  readonly region: string
  readonly apiId: string
  readonly name: string
  readonly protocolType: 'HTTP'
  readonly stage: string
  readonly revision: number
  readonly deploymentId: string
  readonly routes: readonly ServedRoute[]
  readonly urls: readonly string[]
  /** Ids or ARNs of what it shows to origins; undefined: nothing. */
  readonly clientCertificates?: readonly string[]
}

export interface ServedApis {
  readonly revision: number
  readonly apis: readonly ServedApi[]
}
