/**
 * An origin for scenarios whose steps take seconds: node's own HTTP server, saying as JSON what it saw, on connections
 * that may be idle for as long as they like. (`origin.ts` judges every byte.)
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { Echo } from './origin.ts'

export interface PatientOrigin {
  readonly url: string
}

export async function startPatientEcho(t: TestContext, name = 'origin'): Promise<PatientOrigin> {
  const server = createServer((request, response) => void echo(name, request, response))
  server.keepAliveTimeout = 0
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function echo(
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = ''
  for await (const part of request.setEncoding('latin1')) body += part
  const { method = '', url: target = '', headers } = request
  const fields = headers as Record<string, string>
  const seen: Omit<Echo, 'connection'> = { origin, method, target, fields, body }
  response.setHeader('content-type', 'application/json').end(JSON.stringify(seen))
}
