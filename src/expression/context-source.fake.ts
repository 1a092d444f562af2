/** A call for tests of expressions and logs: every member has a plausible value that a test replaces. */

import type { ContextSource, ResponseSource } from './context-source.ts'
import { QueryString } from './query-string/query-string.ts'

const CALL: ContextSource = {
  accountId: '123456789012',
  apiId: 'a1b2c3d4e5',
  stage: 'prod',
  deploymentId: 'd3p10y',
  domainName: 'a1b2c3d4e5.execute-api.localhost',
  requestId: 'JKJaXmPLvHcESHA=',
  routeKey: 'GET /pets/{id}',
  httpMethod: 'GET',
  path: '/prod/pets/7',
  basePathMatched: '',
  routingRuleIdMatched: '',
  protocol: 'HTTP/1.1',
  sourceIp: '192.0.2.1',
  userAgent: 'curl/8.5.0',
  requestTimeEpoch: 1_583_348_638_390,
  status: 200,
  responseLength: 100,
  dataProcessed: 120,
  responseLatencyMs: 4.6,
  integrationLatencyMs: 3.2,
  integrationStatus: 200,
  integrationError: '',
  errorMessage: '',
  errorResponseType: '',
  authorizerError: '',
  authorizerStatus: 200,
  authorizerLatency: 1.4,
  endpointRequestId: '7a3f7a5c-1',
  endpointRequestId2: 'kU8xk1',
  xrayTraceId: '1-5759e988-bd862e3fe1be46a994272793',
  identity: undefined,
  clientCertificate: undefined,
  tlsVersion: 'TLSv1.3',
  cipherSuite: 'TLS_AES_128_GCM_SHA256',
  authorizerClaim: () => undefined,
}

export function fakeContext(overrides: Partial<ContextSource> = {}): ContextSource {
  return { ...CALL, ...overrides }
}

export interface FakeMessages {
  readonly context?: Partial<ContextSource>
  readonly path?: string
  readonly query?: string
  /** Percent-encoded. */
  readonly pathParameters?: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly responseHeaders?: Readonly<Record<string, string>>
  readonly responseBody?: string
}

export function fakeMessages(messages: FakeMessages): ResponseSource {
  const query = new QueryString(messages.query ?? '')
  const encoded = messages.pathParameters ?? {}
  const parameter = (name: string) => (Object.hasOwn(encoded, name) ? encoded[name] : undefined)
  return {
    ...fakeContext(messages.context),
    requestPath: messages.path ?? '/pets/7',
    requestHeader: (name) => messages.headers?.[name],
    requestQuery: (name) => query.joined(name),
    encodedPathParameter: parameter,
    pathParameter: (name) => {
      const value = parameter(name)
      return value === undefined ? undefined : decodeURIComponent(value)
    },
    requestBody: bytes(messages.body),
    responseHeader: (name) => messages.responseHeaders?.[name],
    responseBody: bytes(messages.responseBody),
  }
}

function bytes(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : new TextEncoder().encode(text)
}
