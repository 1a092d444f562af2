/**
 * Operations of the service model that later work brings, each with the feature that it belongs to. They answer with an
 * error that says so, never with a success that means nothing.
 */

import type { UnsupportedOperation } from '../service.ts'

const FEATURES: Readonly<Record<string, readonly string[]>> = {
  'WebSocket APIs': [
    'CreateIntegrationResponse',
    'CreateRouteResponse',
    'DeleteIntegrationResponse',
    'DeleteRouteResponse',
    'GetIntegrationResponse',
    'GetIntegrationResponses',
    'GetRouteResponse',
    'GetRouteResponses',
    'UpdateIntegrationResponse',
    'UpdateRouteResponse',
  ],
  'developer portals': [
    'CreatePortal',
    'CreatePortalProduct',
    'CreateProductPage',
    'CreateProductRestEndpointPage',
    'DeletePortal',
    'DeletePortalProduct',
    'DeletePortalProductSharingPolicy',
    'DeleteProductPage',
    'DeleteProductRestEndpointPage',
    'DisablePortal',
    'GetPortal',
    'GetPortalProduct',
    'GetPortalProductSharingPolicy',
    'GetProductPage',
    'GetProductRestEndpointPage',
    'ListPortalProducts',
    'ListPortals',
    'ListProductPages',
    'ListProductRestEndpointPages',
    'PreviewPortal',
    'PublishPortal',
    'PutPortalProductSharingPolicy',
    'UpdatePortal',
    'UpdatePortalProduct',
    'UpdateProductPage',
    'UpdateProductRestEndpointPage',
  ],
}

export const unsupportedOperations: Readonly<Record<string, UnsupportedOperation>> =
  Object.fromEntries(
    Object.entries(FEATURES).flatMap(([feature, names]) =>
      names.map((name) => [name, { kind: 'unsupported', feature }]),
    ),
  )
