/** The same gateway over TLS: HTTP/1.1 and HTTP/2 from clients, and origins that speak https. */

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import http2 from 'node:http2'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { ensureLocalCertificate } from '../../src/certificates/local-ca.ts'
import { limitsOf } from '../../src/domain/limits.ts'
import { createDataPlane } from '../../src/server/worker/data-plane.ts'
import { stageOf } from '../harness/gateway.ts'

const BODY = Buffer.alloc(1_000_000, 'postern ')

interface Material {
  readonly certificate: string
  readonly privateKey: string
  readonly ca: string
}

async function certificate(t: TestContext): Promise<Material> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'postern-tls-'))
  t.after(() => rm(folder, { recursive: true }))
  const { certificate, privateKey, caFile } = await ensureLocalCertificate(folder, systemClock)
  return { certificate, privateKey, ca: await readFile(caFile, 'utf8') }
}

/** An https origin that answers with the body it was sent, or with a short text. */
async function startOrigin(t: TestContext, material: Material): Promise<number> {
  const server = https.createServer(
    { cert: material.certificate, key: material.privateKey },
    async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = Buffer.concat(chunks)
      response.end(
        body.length > 0 ? body : `${request.headers['x-forwarded-proto']} ${request.url}`,
      )
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

async function startGateway(t: TestContext): Promise<{ port: number; material: Material }> {
  const material = await certificate(t)
  const origin = `https://127.0.0.1:${await startOrigin(t, material)}`
  const plane = createDataPlane({ limits: limitsOf('extended'), tls: material, fatal: assert.fail })
  t.after(() => plane.destroy())
  const skip = { tlsConfig: { insecureSkipVerification: true } }
  const routes = {
    'ANY /open/{proxy+}': { uri: `${origin}/{proxy}`, ...skip },
    'GET /verified': { uri: `${origin}/` },
    'GET /named': { uri: `${origin}/`, tlsConfig: { serverNameToVerify: 'other.test' } },
  }
  plane.apply({ revision: 1, stages: [stageOf({ routes }, 1)] })
  return { port: await plane.listenHttps({ port: 0, host: '127.0.0.1' }), material }
}

interface Answer {
  readonly status: number | undefined
  readonly body: Buffer
}

function ask(port: number, agent: https.Agent, target: string, body?: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      agent,
      path: target,
      method: body ? 'POST' : 'GET',
      servername: 'localhost',
      headers: { host: 'localhost' },
    }
    const request = https.request(options, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      resolve({ status: response.statusCode, body: Buffer.concat(chunks) })
    })
    request.on('error', reject)
    request.end(body)
  })
}

test('t00030 HTTP/1.1 over TLS: many requests on one connection, small and large', async (t) => {
  const { port, material } = await startGateway(t)
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: material.ca })
  t.after(() => agent.destroy())
  for (let i = 0; i < 5; i++) {
    const small = await ask(port, agent, `/open/${i}`)
    assert.deepEqual([small.status, String(small.body)], [200, `https /${i}`])
    const large = await ask(port, agent, '/open/echo', BODY)
    assert.ok(large.body.equals(BODY))
  }
})

test('t00030 an origin whose certificate cannot be verified is not spoken to', async (t) => {
  const { port, material } = await startGateway(t)
  const agent = new https.Agent({ ca: material.ca })
  for (const target of ['/verified', '/named']) {
    const { status, body } = await ask(port, agent, target)
    assert.deepEqual([status, String(body)], [503, '{"message":"Service Unavailable"}'])
  }
})

test('t00030 HTTP/2: requests side by side, large bodies both ways', async (t) => {
  const { port, material } = await startGateway(t)
  const session = http2.connect(`https://localhost:${port}`, { ca: material.ca })
  t.after(() => session.close())
  const echo = async (i: number): Promise<void> => {
    const stream = session.request({ ':method': 'POST', ':path': `/open/${i}` })
    stream.end(BODY)
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    assert.ok(Buffer.concat(chunks).equals(BODY))
  }
  await Promise.all([1, 2, 3, 4].map(echo))
})
