/** The official client of apigatewayv2 without a network: a function answers its requests. */

import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2'
import type { WireRequest, WireResponse } from '../../src/aws/wire-message.ts'

/** What the SDK hands to what sends it. */
export interface SdkRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export function sdkClient(answer: (request: SdkRequest) => WireResponse): ApiGatewayV2Client {
  return new ApiGatewayV2Client({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:9080',
    credentials: { accessKeyId: 'AKPOEXAMPLE', secretAccessKey: 'not-a-secret' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: SdkRequest) => {
        const { status, headers, body } = answer(request)
        return { response: { statusCode: status, headers: { ...headers }, body } as never }
      },
    },
  })
}

/** As it would stand on the wire. */
export function wireRequest({ method, path, query, headers, body = '' }: SdkRequest): WireRequest {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((text) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`),
  )
  return {
    method,
    target: pairs.length === 0 ? path : `${path}?${pairs.join('&')}`,
    headers: Object.entries(headers),
    body: typeof body === 'string' ? Buffer.from(body) : new Uint8Array(body),
  }
}
