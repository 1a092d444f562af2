/** The official JavaScript client against a Postern of a test. */

import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2'
import type { Endpoint } from './outside-clients.ts'

/** One attempt a call, so that what was acknowledged is known. */
export function sdkClient(endpoint: Endpoint, region = endpoint.region): ApiGatewayV2Client {
  const maxSockets = 1_000
  const { url, accessKeyId, secretAccessKey } = endpoint
  return new ApiGatewayV2Client({
    endpoint: url,
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    requestHandler: { httpAgent: { maxSockets, keepAlive: true } },
  })
}
