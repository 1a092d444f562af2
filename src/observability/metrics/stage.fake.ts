/** A stage for tests of figures: detailed metrics, and the routes that a test names. */

import type { HttpApiStage } from '../../domain/http-api.ts'

export function stageOf(
  routeKeys: readonly string[],
  overrides: Partial<HttpApiStage> = {},
): HttpApiStage {
  return {
    protocolType: 'HTTP',
    apiId: 'a1b2c3d4e5',
    apiName: 'pets',
    accountId: '123456789012',
    region: 'eu-west-1',
    stageName: 'prod',
    stageVariables: {},
    deploymentId: 'd3p10y',
    revision: 1,
    disableExecuteApiEndpoint: false,
    detailedMetricsEnabled: true,
    routes: routeKeys.map((routeKey) => ({ routeKey, integrationId: 'i' })),
    integrations: {},
    ...overrides,
  }
}
