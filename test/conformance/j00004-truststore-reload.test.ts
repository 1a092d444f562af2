/**
 * J12: a truststore that its operator changes is in force a moment later, without a call: file and object, authorities and
 * revocation lists. A broken one changes nothing but what is said of it.
 */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { pathToFileURL } from 'node:url'
import * as sdk from '@aws-sdk/client-apigatewayv2'
import {
  CLIENT_AUTHENTICATION,
  type FakeCertificate,
  fakeCertificate,
  fakeRevocationList,
} from '../../src/certificates/authority.fake.ts'
import { runWords } from '../../src/cli/terminal.fake.ts'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { sdkClient } from '../harness/sdk.ts'
import { startServer } from '../harness/server.ts'

const DEADLINE_MS = 60_000
const root = fakeCertificate({ name: 'Root', authority: true })
const other = fakeCertificate({ name: 'Other', authority: true })
const jane = clientOf('Jane', root)
const eve = clientOf('Eve', other)

function clientOf(name: string, issuer: FakeCertificate): FakeCertificate {
  return fakeCertificate({ name, issuer, usages: [CLIENT_AUTHENTICATION] })
}

/** What a store of objects holds, and how often it has said that one has not changed. */
class Objects extends Map<string, string> {
  unchanged = 0
}

/** The store: it speaks ETag. */
async function startObjects(t: TestContext) {
  const objects = new Objects()
  const server = http.createServer((request, response) => {
    const key = request.url!
    const text = objects.get(key)
    const etag = `"${createHash('md5')
      .update(text ?? '')
      .digest('hex')}"`
    if (text === undefined) response.writeHead(404).end()
    else if (request.headers['if-none-match'] === etag) {
      objects.unchanged++
      response.writeHead(304).end()
    } else response.writeHead(200, { etag }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { objects, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Status of one request; 0: no connection. */
async function ask(port: number, name: string, client: FakeCertificate): Promise<number> {
  const { pem: cert, keyPem: key } = client
  const options = { servername: name, rejectUnauthorized: false, cert, key }
  const socket = tls.connect({ port, host: '127.0.0.1', ...options })
  socket.on('error', () => {})
  socket.write(`GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`)
  let text = ''
  try {
    for await (const chunk of socket) text += (chunk as Buffer).toString('latin1')
  } catch {
    return 0
  }
  return Number(text.split(' ', 2)[1] ?? 0)
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + DEADLINE_MS; Date.now() < endMs; ) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail(`not within ${DEADLINE_MS} ms: ${what}`)
}

test('j00004 truststores are read again when they have changed', async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-stores-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const stores = path.join(folder, 'stores')
  mkdirSync(stores)
  const file = path.join(stores, 'clients.pem')
  const { objects, url } = await startObjects(t)
  writeFileSync(file, root.pem)
  objects.set('/bucket/clients.pem', root.pem)
  const origin = await startPatientEcho(t)
  const words = ['--https', '0', '--truststore-folder', stores, '--truststore-reload', '1s']
  const server = await startServer(t, undefined, ...words, '--s3-endpoint', url)
  const client = sdkClient(server.endpoint)
  t.after(() => client.destroy())
  const { ApiId } = await client.send(
    new sdk.CreateApiCommand({ Name: 'a', ProtocolType: 'HTTP', Target: origin.url }),
  )
  const places = {
    'file.localhost': pathToFileURL(file).href,
    'also.localhost': pathToFileURL(file).href,
    'object.localhost': 's3://bucket/clients.pem',
  }
  const names = Object.keys(places)
  for (const [DomainName, TruststoreUri] of Object.entries(places)) {
    const MutualTlsAuthentication = { TruststoreUri }
    const DomainNameConfigurations = [{ EndpointType: 'REGIONAL' as const }]
    const wish = { DomainName, DomainNameConfigurations, MutualTlsAuthentication }
    await client.send(new sdk.CreateDomainNameCommand(wish))
    const mapping = { DomainName, ApiId, Stage: '$default' }
    await client.send(new sdk.CreateApiMappingCommand(mapping))
  }
  const answers = async (who: FakeCertificate, status: number) => {
    const all = await Promise.all(names.map((name) => ask(server.tlsPort, name, who)))
    return all.every((each) => each === status)
  }
  assert.deepEqual([await answers(jane, 200), await answers(eve, 403)], [true, true])

  writeFileSync(file, other.pem)
  objects.set('/bucket/clients.pem', other.pem)
  await until('Eve is let in', () => answers(eve, 200))
  assert.ok(await answers(jane, 403))

  writeFileSync(`${file}.crl`, fakeRevocationList(other, [eve]))
  objects.set('/bucket/clients.pem.crl', fakeRevocationList(other, [eve]))
  await until('Eve is revoked', () => answers(eve, 403))

  writeFileSync(file, 'nonsense')
  objects.set('/bucket/clients.pem', 'nonsense')
  const domainOf = (DomainName: string) => client.send(new sdk.GetDomainNameCommand({ DomainName }))
  const warned = async (name: string) => {
    const { MutualTlsAuthentication } = await domainOf(name)
    return /no valid certificate/.test(String(MutualTlsAuthentication?.TruststoreWarnings))
  }
  await until('it is said', async () => (await Promise.all(names.map(warned))).every(Boolean))
  assert.ok(await answers(eve, 403), 'and what was revoked stays revoked')
  const doctor = await runWords({
    words: [
      'doctor',
      '--data',
      server.folder,
      '--http',
      'off',
      '--https',
      'off',
      '--control',
      'off',
    ],
  })
  assert.match(doctor.out, /^ok +domain name file\.localhost +.*local authority$/m)
  assert.match(doctor.out, /truststore of file\.localhost.*Not read again/)
  const metrics = await (await fetch(`${server.endpoint.url}/metrics`)).text()
  assert.match(metrics, /^postern_truststore_stale\{domain_name="object\.localhost"\} 1$/m)

  rmSync(`${file}.crl`)
  objects.delete('/bucket/clients.pem.crl')
  writeFileSync(file, other.pem)
  objects.set('/bucket/clients.pem', other.pem)
  await until('Eve is back', () => answers(eve, 200))
  assert.equal(
    (await domainOf('file.localhost')).MutualTlsAuthentication?.TruststoreWarnings?.length,
    0,
  )
  assert.ok(objects.unchanged > 0, 'an object that has its tag still is not sent')
  await server.stop()
})
