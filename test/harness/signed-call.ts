/** Calls to an API of a test Postern, signed by AWS's own signer for `execute-api`. */

import {
  type OfficialOptions,
  presignOfficially,
  signOfficially,
} from '../../src/aws/sigv4/official-signer.fake.ts'
import type { WireRequest } from '../../src/aws/wire-message.ts'
import type { TestGateway } from './gateway.ts'
import type { Message } from './message.ts'
import type { TestServer } from './server.ts'

export interface ApiCall {
  readonly apiId: string
  readonly path: string
  readonly method?: string
  readonly query?: Readonly<Record<string, string | string[]>>
  readonly headers?: WireRequest['headers']
  readonly body?: string
  /** Host field, where it is not the API's own. */
  readonly host?: string
}

export interface ApiCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** As it would be sent; tests change something before they send it. */
export function signCall(
  call: ApiCall,
  credentials: ApiCredentials,
  options: OfficialOptions = {},
): Promise<WireRequest> {
  return signOfficially(plainRequest(call), { ...ofApi(), credentials, ...options })
}

export function presignCall(
  call: ApiCall,
  credentials: ApiCredentials,
  options: OfficialOptions & { readonly expiresIn: number },
): Promise<WireRequest> {
  return presignOfficially(plainRequest(call), { ...ofApi(), credentials, ...options })
}

/** A call to the first API of a gateway in this process. */
export async function sendTo(
  gateway: TestGateway,
  { method, target, headers, body }: WireRequest,
): Promise<Message> {
  const fields = headers.map(([name, value]) => `${name}: ${value}`)
  return (await gateway.client()).call(method, target, fields, Buffer.from(body).toString())
}

export function sendCall(
  server: TestServer,
  apiId: string,
  { method, target, headers, body }: WireRequest,
): Promise<Message> {
  const fields = headers
    .filter(([name]) => name.toLowerCase() !== 'host')
    .map(([name, value]) => `${name}: ${value}`)
  const text = Buffer.from(body).toString()
  return server.ask({ apiId, target, method, fields, ...(text === '' ? {} : { body: text }) })
}

function plainRequest({ apiId, path, method = 'GET', query, headers = [], body, host }: ApiCall) {
  return {
    method,
    path,
    ...(query === undefined ? {} : { query }),
    headers: [['Host', host ?? `${apiId}.execute-api.localhost`] as const, ...headers],
    ...(body === undefined ? {} : { body }),
  }
}

function ofApi(): OfficialOptions {
  return { epochMs: Date.now(), region: 'eu-central-1', service: 'execute-api' }
}
