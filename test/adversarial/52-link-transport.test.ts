/**
 * Attack 52 on the transport of VPC links, over real TLS: tokens and certificates of another link, used twice, forged or
 * revoked; a gateway that is not the one; hosts behind names. What is refused per stream is in `test/conformance/l00050-link-transport.test.ts`.
 */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import test, { after, before } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { LINK_PROTOCOL, LINK_SERVER_NAME } from '../../src/domain/link-enrolment.ts'
import { formatLinkToken, parseLinkToken } from '../../src/domain/link-token.ts'
import { Call, identityOf, targetThat } from '../harness/link-calls.ts'
import { linkOf, STAGE, serialOf, TlsLink } from '../harness/tls-link.ts'

let target: { server: Server; port: number }
let link: TlsLink

before(async () => {
  target = await targetThat((request, response) => response.end(`answer to ${request.url}`))
  const allow = [{ host: '127.0.0.1', port: target.port, pathPrefix: '/' }]
  link = new TlsLink({
    links: [
      ['linka', allow],
      ['linkb', allow],
    ],
  })
  await link.listen()
})

after(async () => {
  await link.close()
  target.server.closeAllConnections()
  target.server.close()
})

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (holds()) return
    await sleep(10)
  }
  assert.fail(`${what}\n${link.log.join('\n')}`)
}

test('a token enrols one agent, once, for its own link', async () => {
  const token = link.token('linka')
  const forB = formatLinkToken({ ...parseLinkToken(token)!, vpcLinkId: 'linkb' })
  await assert.rejects(link.enrol(forB), /the token is not good/)
  const identity = await link.enrol(token)
  assert.equal(identity.vpcLinkId, 'linka')
  await assert.rejects(link.enrol(token), /the token is not good/)
  const agent = await link.agent(identity)
  await until(() => agent.connections === 1, 'the agent is connected')
  const a = new Call(link.origin('linka', target.port), { path: '/x' })
  const b = new Call(link.origin('linkb', target.port), { path: '/x' })
  await until(() => a.over && b.over, 'both calls are over')
  assert.deepEqual([a.body, b.error?.kind], ['answer to /x', 'no-agent'])
  agent.close()
  await until(() => link.hub.figures().length === 0, 'the agent is gone')
})

test('an agent says nothing to a gateway that its token does not name', async () => {
  const other = new TlsLink({ links: [] })
  const token = formatLinkToken({
    ...parseLinkToken(link.token('linka'))!,
    authorityFingerprint: parseLinkToken(other.token('linka'))!.authorityFingerprint,
  })
  await assert.rejects(link.enrol(token), /not the one that the token was made for/)
  // With an identity, the authority is asked for instead.
  const identity = await link.enrol(link.token('linka'))
  const agent = await link.agent({ ...identity, authority: other.authority.certificate })
  await until(() => link.log.some((line) => /self-signed|unable to/.test(line)), 'the dial fails')
  assert.equal(agent.connections, 0)
  agent.close()
})

test('nobody serves without a certificate of the authority of links', async () => {
  const forged = identityOf('linka', 'a1', Date.now())
  for (const credentials of [{}, { cert: forged.certificate, key: forged.privateKey }]) {
    const socket: TLSSocket = connect({
      ...link.gateway,
      ...credentials,
      ca: link.authority.certificate,
      servername: LINK_SERVER_NAME,
      ALPNProtocols: [LINK_PROTOCOL],
    })
    socket.on('error', () => {})
    let bytes = 0
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    await once(socket, 'close')
    assert.equal(bytes, 0)
  }
  assert.equal(link.hub.figures().length, 0)
})

test('TLS 1.2 is no way in', async () => {
  const socket = connect({ ...link.gateway, maxVersion: 'TLSv1.2', rejectUnauthorized: false })
  const [error] = (await once(socket, 'error')) as [Error]
  assert.match(error.message, /protocol version/i)
})

test('a revoked agent is cut within five seconds, and neither comes back nor renews', async () => {
  const identity = await link.enrol(link.token('linka'))
  const agent = await link.agent(identity)
  await until(() => agent.connections === 1, 'the agent is connected')
  const allow = [{ host: '127.0.0.1', port: target.port, pathPrefix: '/' }]
  const before = Date.now()
  link.useLinks([{ ...linkOf('linka', allow), revokedAgents: [serialOf(identity)] }])
  await until(() => agent.connections === 0, 'the agent is cut')
  assert.ok(Date.now() - before < 5_000)
  await sleep(600)
  assert.equal(link.hub.figures().length, 0)
  agent.close()
  link.useLinks([linkOf('linka', allow), linkOf('linkb', allow)])
})

test('a certificate is renewed at two thirds of its life, and no request notices', async (t) => {
  const short = new TlsLink({
    links: [['linka', [{ host: '127.0.0.1', port: target.port, pathPrefix: '/' }]]],
    certificateMs: 4_000,
  })
  await short.listen()
  t.after(() => short.close())
  const identity = await short.enrol(short.token('linka'))
  const renewed: string[] = []
  const agent = await short.agent(identity, { onIdentity: (one) => renewed.push(serialOf(one)) })
  const origin = short.origin('linka', target.port)
  const calls: Call[] = []
  await until(() => agent.connections > 0, 'the agent is connected')
  // Past the end of the first certificate.
  for (const end = Date.now() + 5_000; Date.now() < end; await sleep(20))
    calls.push(new Call(origin))
  await until(() => calls.every(({ over }) => over), 'all calls are over')
  assert.ok(renewed.length >= 1)
  assert.equal(short.renewals[0], serialOf(identity))
  assert.notEqual(renewed[0], serialOf(identity))
  assert.deepEqual(
    calls.filter(({ status }) => status !== 200).map(({ error }) => error?.detail),
    [],
  )
})

test('a name that resolves to the host of the agent is not reached', async () => {
  const allow = [
    { host: '*.internal', port: target.port, pathPrefix: '/' },
    { host: 'localhost', port: target.port, pathPrefix: '/' },
    { host: 'ip6-localhost', port: target.port, pathPrefix: '/' },
  ]
  link.useLinks([linkOf('linka', allow)])
  const agent = await link.agent(await link.enrol(link.token('linka')))
  await until(() => agent.connections === 1, 'the agent is connected')
  const reach = async (host: string): Promise<Call> => {
    const address = { host, port: target.port, tls: undefined }
    const call = new Call(link.hub.origin({ vpcLinkId: 'linka', address, stage: STAGE }))
    await until(() => call.over, 'the call is over')
    return call
  }
  // Listed, and what it says it is.
  assert.equal((await reach('localhost')).status, 200)
  // Listed as a name, and turns out to be loopback.
  const behind = await reach('ip6-localhost')
  assert.equal(behind.error?.kind, 'name-not-resolved')
  assert.match(behind.error!.detail, /this host itself|ENOTFOUND/)
  assert.equal((await reach('169.254.169.254')).error?.kind, 'not-allowed')
  assert.equal((await reach('127.0.0.1')).error?.kind, 'not-allowed')
  agent.close()
})
