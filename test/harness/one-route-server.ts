/** A whole Postern that serves one API with one route, `GET /pets`, from a file. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetApisCommand } from '@aws-sdk/client-apigatewayv2'
import type { Message } from './message.ts'
import { sdkClient } from './sdk.ts'
import { startServer, type TestServer } from './server.ts'

export interface OneRouteServer {
  readonly server: TestServer
  readonly apiId: string
  readonly folder: string
  get(target: string, ...fields: string[]): Promise<Message>
}

export async function startOneRoute(
  t: TestContext,
  originUrl: string,
  ...words: string[]
): Promise<OneRouteServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-one-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'api.json')
  const paths = { '/pets': { get: { responses: { 200: { description: 'ok' } } } } }
  const info = { title: 'Shop', version: '1' }
  writeFileSync(file, JSON.stringify({ openapi: '3.0.1', info, paths }))
  const server = await startServer(t, folder, file, '--target', originUrl, ...words)
  const { Items = [] } = await sdkClient(server.endpoint).send(new GetApisCommand({}))
  const apiId = Items[0]!.ApiId!
  const get = (target: string, ...fields: string[]) => server.ask({ apiId, target, fields })
  return { server, apiId, folder, get }
}

const PATIENCE_MS = 20_000
const LOOK_MS = 20

/** Waits for what another process does. */
export async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`in vain: ${what}`)
    await sleep(LOOK_MS)
  }
}
