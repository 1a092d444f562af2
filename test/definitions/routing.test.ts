/** Every operation of every definition is asked for once, through the gateway, and arrives where its file says. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { importOpenApi } from '../../src/definitions/open-api/open-api.ts'
import type { HttpApiStage, Integration, Route } from '../../src/domain/http-api.ts'
import { limitsOf } from '../../src/domain/limits.ts'
import { createDataPlane } from '../../src/server/worker/data-plane.ts'
import { largeDefinition } from './large-definition.ts'

const FOLDER = new URL('./world/', import.meta.url)
const LIMITS = limitsOf('extended')

/** Tells the method and the path that it was asked for, in fields, so that HEAD tells them too. */
async function startOrigin(t: TestContext): Promise<string> {
  const server = http.createServer((request, response) => {
    response.setHeader('x-saw', `${request.method} ${request.url!.split('?')[0]}`)
    request.resume().on('end', () => response.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The stage as it was imported, but for the hosts of its integrations. */
function towards(origin: string, stage: HttpApiStage): HttpApiStage {
  const integrations: Record<string, Integration> = {}
  for (const [id, { tlsConfig: _, responseParameters: __, ...integration }] of Object.entries(
    stage.integrations,
  )) {
    const integrationUri = integration.integrationUri.replace(/^https?:\/\/[^/]+/, origin)
    integrations[id] = { ...integration, integrationUri, responseParameters: {} }
  }
  return { ...stage, integrations, disableExecuteApiEndpoint: false }
}

/** A request that only this route takes: no other route of the path has the method, no static one has the values. */
function sample(route: Route, routes: readonly Route[]): { method: string; path: string } {
  if (route.routeKey === '$default') return { method: 'PROPFIND', path: '/of/no/route' }
  const [key = '', path = ''] = route.routeKey.split(' ')
  const taken = new Set(routes.map(({ routeKey }) => routeKey))
  const free = ['PATCH', 'PUT', 'POST', 'GET', 'DELETE'].find((m) => !taken.has(`${m} ${path}`))
  return { method: key === 'ANY' ? free! : key, path: filled(path) }
}

/** `/pets/{id}/{proxy+}` → `/pets/~id/~proxy/deeper`. */
function filled(path: string): string {
  return path.replace(/\{([^{}+]+)(\+?)\}/g, (_, name, plus) => `~${name}${plus && '/deeper'}`)
}

/** Where the file says that the request goes; undefined where a mapping replaces the path. */
function destination(stage: HttpApiStage, route: Route, path: string): string | undefined {
  const integration = stage.integrations[route.integrationId]!
  if ('overwrite:path' in integration.requestParameters) return undefined
  const greedy = /\{([^{}]+)\+\}/.exec(route.routeKey)?.[1]
  const template = integration.integrationUri
    .replace(/^https?:\/\/[^/?]+/, '')
    .split('?')[0]!
    .replace(/\$\{stageVariables\.(\w+)\}/g, (_, name) => stage.stageVariables[name]!)
    .replace(/\{([^{}]+)\}/g, (_, name) => (name === greedy ? `~${name}/deeper` : `~${name}`))
  if (route.routeKey !== '$default') return template === '' ? '/' : template
  return template.replace(/\/$/, '') + path
}

function ask(port: number, agent: http.Agent, method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, agent, method, path }, (response) => {
      response.resume().on('end', () => resolve(String(response.headers['x-saw'])))
    })
    request.on('error', reject).end()
  })
}

async function askForAll(t: TestContext, file: string, text: string): Promise<void> {
  const origin = await startOrigin(t)
  const { stage: imported, problems } = importOpenApi(
    { file, text },
    {
      ...{ profile: 'extended', limits: LIMITS, target: 'http://127.0.0.1:3000' },
      ...{ accountId: '000000000000', region: 'local', revision: 1 },
    },
  )
  assert.deepEqual(problems, [])
  const stage = towards(origin, imported!)
  const taken: string[] = []
  const format = ({ routeKey }: { routeKey: string }): string => routeKey
  const accessLog = { format, write: (line: string) => void taken.push(line) }
  const plane = createDataPlane({ limits: LIMITS, accessLog, fatal: assert.fail })
  t.after(() => plane.destroy())
  plane.apply({ revision: 1, stages: [stage] })
  const port = await plane.listenHttp({ port: 0, host: '127.0.0.1' })
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const prefix = stage.stageName === '$default' ? '' : `/${stage.stageName}`
  for (const route of stage.routes) {
    const { method, path } = sample(route, stage.routes)
    const saw = await ask(port, agent, method, prefix + path)
    assert.equal(taken.pop(), route.routeKey, `${method} ${path}`)
    const { integrationMethod } = stage.integrations[route.integrationId]!
    const expected = destination(stage, route, path)
    const sent = integrationMethod === 'ANY' ? method : integrationMethod
    if (expected !== undefined) assert.equal(saw, `${sent} ${expected}`, route.routeKey)
  }
}

for (const file of readdirSync(FOLDER).sort()) {
  test(`${file}: every operation arrives where it belongs`, (t) =>
    askForAll(t, file, readFileSync(new URL(file, FOLDER), 'utf8')))
}

test('an API of a thousand operations: every one arrives where it belongs', (t) =>
  askForAll(t, 'large.json', largeDefinition('json')))
