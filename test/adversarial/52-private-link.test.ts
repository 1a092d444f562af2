/**
 * Attack 52, over the whole program: an agent with another link's token or certificate, a replayed token, a stolen
 * certificate that is revoked, requests for what is not listed, the agent's own host (attack 44), the gateway's ports;
 * one slow stream beside others.
 */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import tls from 'node:tls'
import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2'
import { LINK_PROTOCOL, LINK_SERVER_NAME } from '../../src/domain/link-enrolment.ts'
import type { LinkIdentity } from '../../src/link/contract.ts'
import { LINK_FLAGS, makeLink, posternJson, startAgent, untilLink } from '../harness/link-agent.ts'
import { httpApiOver, linkedRoute } from '../harness/linked-api.ts'
import { startServer } from '../harness/server.ts'

/** Counts what reaches it. */
async function startService(t: TestContext) {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.url ?? '')
    // Bytes come slowly for whoever asks so, and never end in time.
    if (request.url?.includes('slow')) response.write('x')
    else response.end(`here: ${request.url}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { seen, port: (server.address() as AddressInfo).port }
}

/** How a connection with that identity ends: `open` when the gateway has kept it for a while. */
async function dial(port: number, identity: LinkIdentity | undefined): Promise<string> {
  const socket = tls.connect({
    ...{ port, host: '127.0.0.1', servername: LINK_SERVER_NAME, rejectUnauthorized: false },
    ALPNProtocols: [LINK_PROTOCOL],
    ...(identity === undefined ? {} : { cert: identity.certificate, key: identity.privateKey }),
  })
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.on('close', () => resolve('closed')))
  let said = 0
  socket.on('data', (bytes: Buffer) => {
    said += bytes.length
  })
  const first = await Promise.race([closed, setTimeout(1_000, 'open')])
  socket.destroy()
  return first === 'open' && said > 0 ? 'open' : 'closed'
}

test('a private link under attack', async (t) => {
  const service = await startService(t)
  const server = await startServer(t, undefined, ...LINK_FLAGS, '--workers', '2')
  const { url, region, accessKeyId, secretAccessKey } = server.endpoint
  const credentials = { accessKeyId, secretAccessKey }
  const client = new ApiGatewayV2Client({ endpoint: url, region, credentials })
  const target = `127.0.0.1:${service.port}`
  const one = await makeLink(server, 'one', `${target}/private`)
  const two = await makeLink(server, 'two', `${target}/two`)
  const api = await httpApiOver(client, 'shop')
  const route = (key: string, uri: string, link = one.VpcLinkId) =>
    linkedRoute(client, api, { key, link, uri })
  await route('GET /private/{proxy+}', `http://${target}/private/{proxy}`)
  await route('GET /admin', `http://${target}/admin`)
  await route('GET /look-alike', `http://${target}/privateer`)
  await route('GET /own-host', `http://localhost:${service.port}/private/x`)
  await route('GET /control', `${url.replace(/\/$/, '')}/metrics`)
  await route('GET /two', `http://${target}/two`, two.VpcLinkId)
  const ask = async (path: string) => {
    const { status, body } = await server.ask({ apiId: api, target: path })
    return `${status} ${body}`
  }
  const agent = startAgent(t, server, { port: one.LinkPort, token: one.Token, name: 'one' })
  const { Agents } = await untilLink(
    server,
    'one',
    (view) => (view.Agents[0]?.Connections.length ?? 0) >= 2,
  )
  const identity = JSON.parse(readFileSync(agent.state, 'utf8')) as LinkIdentity
  assert.match(await ask('/private/a'), /^200 here: \/private\/a/)

  await t.test('what is not listed is not reached, though the agent could', async () => {
    const before = service.seen.length
    for (const path of ['/admin', '/look-alike', '/own-host', '/control']) {
      assert.match(await ask(path), /^503 /, path)
    }
    for (const path of ['/private/..%2fadmin', '/private/%2e%2e/admin', '/private/../admin']) {
      assert.doesNotMatch(await ask(path), /^200 /, path)
    }
    assert.equal(service.seen.length, before, 'the service has heard of none')
  })

  await t.test('an agent serves its own link only', async () => {
    assert.match(await ask('/two'), /^503 /)
    const stranger = startAgent(t, server, {
      ...{ port: one.LinkPort, name: 'stranger' },
      // The secret of one link under the name of the other.
      token: two.Token.replace(two.VpcLinkId, one.VpcLinkId),
    })
    assert.equal(await stranger.ended, 1)
    assert.match(stranger.lines.join('\n'), /token is not good/)
  })

  await t.test('a replayed token, and one that nobody made', async () => {
    const secret = randomBytes(32).toString('base64url')
    const parts = one.Token.split('.')
    for (const token of [one.Token, [parts[0], parts[1], secret, parts[3]].join('.')]) {
      const thief = startAgent(t, server, { port: one.LinkPort, token, name: 'thief' })
      assert.equal(await thief.ended, 1)
      assert.match(thief.lines.join('\n'), /token is not good/)
    }
  })

  await t.test('a token that was made by another gateway reveals nothing to this one', async () => {
    const parts = two.Token.split('.')
    const fingerprint = randomBytes(32).toString('base64url')
    const token = [...parts.slice(0, 3), fingerprint].join('.')
    const misled = startAgent(t, server, { port: two.LinkPort, token, name: 'misled' })
    assert.equal(await misled.ended, 1)
    assert.match(misled.lines.join('\n'), /not the one that the token was made for/)
    const view = await untilLink(server, 'two', () => true)
    assert.equal(view.Tokens, 1, 'the token is good as before')
  })

  await t.test('nobody without a certificate is heard at the link port', async () => {
    assert.equal(await dial(one.LinkPort, undefined), 'closed')
    const other = { ...identity, certificate: identity.authority }
    await assert.rejects(async () => dial(one.LinkPort, other), /key/)
  })

  await t.test('one slow stream stalls no other', async () => {
    const slow = Array.from({ length: 8 }, (_, i) => ask(`/private/slow/${i}`).catch(String))
    await setTimeout(100)
    const startedMs = performance.now()
    for (let i = 0; i < 20; i++) assert.match(await ask(`/private/quick/${i}`), /^200 /)
    assert.ok(performance.now() - startedMs < 5_000)
    void slow
  })

  await t.test('a stolen certificate is out within five seconds, and is not renewed', async () => {
    // The key was copied: whoever has it may serve until it is revoked.
    const copy = join(server.folder, 'copy.json')
    writeFileSync(copy, readFileSync(agent.state), { mode: 0o600 })
    const thief = startAgent(t, server, { port: one.LinkPort, name: 'copy' })
    const agentId = Agents[0]!.AgentId
    await untilLink(server, 'one', (view) => (view.Agents[0]?.Connections.length ?? 0) >= 3)
    await posternJson(server, 'links', 'revoke', 'one', agentId)
    const startedMs = performance.now()
    await untilLink(server, 'one', (view) => view.Agents[0]!.Connections.length === 0)
    assert.ok(performance.now() - startedMs < 5_000, 'cut in time')
    assert.match(await ask('/private/b'), /^503 /)
    assert.equal(await dial(one.LinkPort, identity), 'closed')
    const { Status } = await untilLink(server, 'one', () => true)
    assert.equal(Status, 'FAILED')
    thief.child.kill('SIGKILL')
    agent.child.kill('SIGKILL')
  })
})
