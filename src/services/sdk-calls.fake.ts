/** Official clients over a service without a network, for tests: codec, model and operations as the control port has them. */

import { ServiceError } from '../aws/service-error.ts'
import type { WireRequest, WireResponse } from '../aws/wire-message.ts'
import { Dispatcher, encodeFailure, encodeSuccess } from './dispatcher.ts'
import type { Service } from './service.ts'
import type { ServiceCalls } from './service-calls.fake.ts'

interface SdkRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Settings of a client whose calls end in `calls`. */
export function sdkSettings(service: Service, calls: ServiceCalls) {
  const dispatcher = new Dispatcher([service])
  return {
    region: calls.scope.region,
    endpoint: 'http://127.0.0.1:9080',
    credentials: { accessKeyId: 'AKPOEXAMPLE', secretAccessKey: 'not-a-secret' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: SdkRequest) => {
        const { status, headers, body } = await answer(dispatcher, calls, wireRequest(request))
        return { response: { statusCode: status, headers: { ...headers }, body } as never }
      },
    },
  }
}

async function answer(
  dispatcher: Dispatcher,
  calls: ServiceCalls,
  request: WireRequest,
): Promise<WireResponse> {
  try {
    const call = dispatcher.resolve(request)
    const output = await calls.call(call.operation as never, call.input)
    return encodeSuccess(call, output as object, 'request-1')
  } catch (thrown) {
    if (!(thrown instanceof ServiceError)) throw thrown
    return encodeFailure(request, thrown, 'request-1')
  }
}

function wireRequest({ method, path, headers, body = '' }: SdkRequest): WireRequest {
  const bytes = typeof body === 'string' ? Buffer.from(body) : new Uint8Array(body)
  return { method, target: path, headers: Object.entries(headers), body: bytes }
}
