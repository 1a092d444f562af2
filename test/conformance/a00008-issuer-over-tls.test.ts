/** An issuer over https: its certificate is verified, by its name, before its keys are believed. */

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { systemClock } from '../../src/base/clock.ts'
import { ensureLocalCertificate } from '../../src/certificates/local-ca.ts'
import { keySetOf, signToken, testKey } from '../../src/features/authorize/jwt/token.fake.ts'
import { startGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

interface SecureIssuer {
  readonly port: number
  readonly ca: string
}

async function startSecureIssuer(t: TestContext): Promise<SecureIssuer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'postern-issuer-'))
  t.after(() => rm(folder, { recursive: true }))
  const { certificate, privateKey, caFile } = await ensureLocalCertificate(folder, systemClock)
  const server = https.createServer({ cert: certificate, key: privateKey }, (request, response) => {
    const issuer = `https://${request.headers.host}`
    const discovery = JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` })
    response.end(request.url === '/keys' ? keySetOf(testKey()) : discovery)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { port: (server.address() as AddressInfo).port, ca: await readFile(caFile, 'utf8') }
}

test('a00008 a certificate of nobody known, or for another name, opens nothing', async (t) => {
  const { port, ca } = await startSecureIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: {},
    logFormat: '$context.requestId $context.authorizer.error',
  })
  const ask = async (host: string) => {
    const issuer = `https://${host}:${port}`
    gateway.apply({ jwt: { issuer }, routes: { 'GET /': origin.url } })
    const exp = Math.floor(Date.now() / 1000) + 60
    const token = signToken(testKey(), { iss: issuer, aud: 'shop', exp })
    return (await gateway.get('/', `Authorization: ${token}`)).status
  }
  assert.equal(await ask('localhost'), 401)
  assert.match(gateway.logLines.at(-1)!, /certificate/)
  const trusted = tls.getCACertificates('default')
  t.after(() => tls.setDefaultCACertificates(trusted))
  tls.setDefaultCACertificates([...trusted, ca])
  assert.equal(await ask('login.execute-api.localhost'), 200)
  assert.equal(await ask('login.localhost'), 401, 'the certificate is for other names')
  assert.match(gateway.logLines.at(-1)!, /tls-handshake/)
})
