import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { LINK_SERVER_NAME } from '../domain/link-enrolment.ts'
import { parseAgentName } from '../domain/link-token.ts'
import type { KeyPair } from './certificate.ts'
import {
  authorityFingerprint,
  makeAgentCertificate,
  makeLinkAuthority,
  makeLinkServerCertificate,
} from './link-certificates.ts'
import { makeSigningRequest, publicKeyOfRequest } from './signing-request.ts'

const HOUR_MS = 3_600_000
const now = Date.now()
const validity = { fromEpochMs: now - HOUR_MS, untilEpochMs: now + HOUR_MS }
const AGENT = { vpcLinkId: 'abc123', agentId: 'agent00001' }

function newKey(curve = 'P-256'): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** An agent as it enrols. */
function agentOf(authority: KeyPair): KeyPair {
  const privateKey = newKey()
  const key = publicKeyOfRequest(makeSigningRequest(privateKey))
  assert(key !== undefined)
  return {
    certificate: makeAgentCertificate(authority, { agent: AGENT, key }, validity),
    privateKey,
  }
}

/** What a gateway says to an agent that shows `client`. */
async function verdict(t: TestContext, parts: { server: KeyPair; client: KeyPair; ca: KeyPair }) {
  const server = tls.createServer({
    cert: parts.server.certificate,
    key: parts.server.privateKey,
    ca: parts.ca.certificate,
    requestCert: true,
    minVersion: 'TLSv1.3',
  })
  let seen = 'refused'
  server.on('tlsClientError', () => {})
  server.on('secureConnection', (socket) => {
    seen = String(socket.getPeerCertificate().subject?.CN)
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const socket = tls.connect({
    port,
    host: '127.0.0.1',
    servername: LINK_SERVER_NAME,
    ca: parts.ca.certificate,
    cert: parts.client.certificate,
    key: parts.client.privateKey,
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (/^(ERR_TLS|INVALID|UNABLE)/.test(error.code ?? '')) seen = `agent: ${error.code}`
  })
  socket.resume()
  await new Promise((resolve) => socket.on('close', resolve))
  return seen
}

test('gateway and agent know each other by the authority of links', async (t) => {
  const ca = makeLinkAuthority(validity)
  const server = makeLinkServerCertificate(ca, validity)
  const name = await verdict(t, { server, client: agentOf(ca), ca })
  assert.deepEqual(parseAgentName(name), AGENT)
})

test('an agent cannot pass for a gateway, nor one authority for another', async (t) => {
  const ca = makeLinkAuthority(validity)
  const agent = agentOf(ca)
  const asServer = await verdict(t, { server: agent, client: agent, ca })
  assert.match(asServer, /agent: (ERR_TLS_CERT_ALTNAME_INVALID|INVALID_PURPOSE)/)
  const server = makeLinkServerCertificate(ca, validity)
  const stranger = agentOf(makeLinkAuthority(validity))
  assert.equal(await verdict(t, { server, client: stranger, ca }), 'refused')
  assert.equal(await verdict(t, { server, client: server, ca }), 'refused')
})

test('the authority signs for links only, and is known by its fingerprint', () => {
  const ca = makeLinkAuthority(validity)
  const parsed = new X509Certificate(ca.certificate)
  assert.equal(parsed.ca, true)
  assert.match(authorityFingerprint(ca.certificate), /^[\w-]{43}$/)
  assert.notEqual(
    authorityFingerprint(ca.certificate),
    authorityFingerprint(makeLinkAuthority(validity).certificate),
  )
})

test('a signing request carries a key that its holder has', () => {
  const privateKey = newKey()
  const request = makeSigningRequest(privateKey)
  const key = publicKeyOfRequest(request)
  const own = createPublicKey(privateKey)
  assert(key?.equals(own))
  const lines = request.split('\n')
  const swapped = [...lines]
  // A character inside of the public key.
  swapped[2] = swapped[2]!.replace(/[A-Y]/, (letter) =>
    String.fromCharCode(letter.charCodeAt(0) + 1),
  )
  const wrong = [
    swapped.join('\n'),
    lines.slice(0, 3).concat(lines.at(-2)!).join('\n'),
    'rubbish',
    '',
    request.replace('REQUEST', 'THING'),
    `${lines[0]}\n${Buffer.from([0x30, 0x84, 0xff]).toString('base64')}\n${lines.at(-2)}`,
    makeSigningRequest(newKey('P-384')),
  ]
  for (const text of wrong) assert.equal(publicKeyOfRequest(text), undefined, text)
})
