/** Calls the API by its name, as a program in another place would; only that its address is this machine. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { API_NAME } from './front-door.ts'

export interface ApiAddress {
  readonly port: number
  /** The authority that has signed the certificate of the name, in a file. */
  readonly caFile: string
}

export interface ApiAnswer {
  readonly status: number
  readonly body: string
}

export async function callApi(
  { port, caFile }: ApiAddress,
  path: string,
  token: string,
): Promise<ApiAnswer> {
  const call = request({
    ...{ host: '127.0.0.1', port, path, servername: API_NAME, ca: readFileSync(caFile) },
    headers: { host: `${API_NAME}:${port}`, authorization: `Bearer ${token}` },
  })
  call.end()
  const [answer] = (await once(call, 'response')) as [IncomingMessage]
  return { status: answer.statusCode!, body: await text(answer) }
}
