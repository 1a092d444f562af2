/**
 * A VPC link that agents serve, from `postern links create` to a request that a service behind it answers: enrolment by
 * a token, states as AWS, what passes and what does not, a restart without the token, a drain without a lost request.
 */

import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2'
import {
  LINK_FLAGS,
  makeLink,
  postern,
  posternJson,
  startAgent,
  untilLink,
} from '../harness/link-agent.ts'
import { httpApiOver, linkedRoute } from '../harness/linked-api.ts'
import type { Message } from '../harness/message.ts'
import { startServer } from '../harness/server.ts'

/** Says what reached it. */
async function startService(t: TestContext): Promise<Server & { port: number }> {
  const server = createServer((request, response) => {
    const { method, url, headers } = request
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const said = JSON.stringify({ method, url, host: headers.host, body })
      const waitMs = Number(headers['x-wait'] ?? 0)
      setTimeout(() => response.end(said), waitMs)
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(server, { port: (server.address() as AddressInfo).port })
}

test('a service behind a link', async (t) => {
  const service = await startService(t)
  const server = await startServer(t, undefined, ...LINK_FLAGS, '--workers', '2')
  const { url, region, accessKeyId, secretAccessKey } = server.endpoint
  const credentials = { accessKeyId, secretAccessKey }
  const client = new ApiGatewayV2Client({ endpoint: url, region, credentials })
  const target = `127.0.0.1:${service.port}`
  const link = await makeLink(server, 'inside', `${target}/private`)
  const api = await httpApiOver(client, 'shop')
  const uri = (path: string) => `http://${target}${path}`
  await linkedRoute(client, api, {
    key: 'ANY /orders/{id}',
    link: link.VpcLinkId,
    uri: uri('/private/orders/{id}'),
  })
  await linkedRoute(client, api, { key: 'GET /other', link: link.VpcLinkId, uri: uri('/other') })
  const ask = (path: string, more: object = {}) => server.ask({ apiId: api, target: path, ...more })

  await t.test('before an agent is there: PENDING, and 503', async () => {
    const view = await untilLink(server, 'inside', () => true)
    assert.deepEqual([view.Status, view.Tokens, view.Agents.length], ['PENDING', 1, 0])
    const response = await ask('/orders/1')
    assert.equal(response.status, 503)
    const [why] = await explained(response)
    assert.match(JSON.stringify(why), /LINK_|link/i)
  })

  await t.test('what is refused is counted, before anybody is connected, too', async () => {
    const refused = /^postern_link_refusals_total\{vpc_link="\w+",reason="no-agent"\} 1$/m
    for (let leftMs = 5_000; !refused.test(await metrics()); leftMs -= 100) {
      assert.ok(leftMs > 0, await metrics())
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })

  const agent = startAgent(t, server, { port: link.LinkPort, token: link.Token, name: 'one' })

  await t.test('an agent enrols, dials every worker, and the link is AVAILABLE', async () => {
    const view = await untilLink(
      server,
      'inside',
      ({ Agents }) => (Agents[0]?.Connections.length ?? 0) >= 2,
    )
    assert.deepEqual([view.Status, view.Tokens], ['AVAILABLE', 0])
    assert.equal(view.Agents[0]!.Label, 'one')
    assert.deepEqual(view.Agents[0]!.Connections.map(({ worker }) => worker).toSorted(), [0, 1])
    assert.equal(statSync(agent.state).mode & 0o777, 0o600)
    const text = await metrics()
    assert.match(text, /^postern_link_connections_made_total\{vpc_link="\w+"\} [2-9]$/m)
    assert.match(text, /^postern_link_received_bytes_total\{vpc_link="\w+"\} [1-9]\d+$/m)
    assert.match(text, /^postern_link_agents\{vpc_link="\w+"\} 1$/m)
    assert.doesNotMatch(readFileSync(agent.state, 'utf8'), new RegExp(link.Token.split('.')[2]!))
  })

  await t.test('requests pass, with their path, method, host and body', async () => {
    for (let i = 0; i < 6; i++) {
      const response = await ask(`/orders/${i}?a=b`, { method: 'POST', body: `order ${i}` })
      assert.equal(response.status, 200, response.body.toString())
      assert.deepEqual(JSON.parse(response.body.toString()), {
        method: 'POST',
        url: `/private/orders/${i}?a=b`,
        host: target,
        body: `order ${i}`,
      })
    }
  })

  await t.test(
    'what the link does not allow does not pass, and explain says what would have',
    async () => {
      const response = await ask('/other')
      assert.equal(response.status, 503)
      const text = JSON.stringify(await explained(response))
      assert.match(text, /allow/i)
    },
  )

  await t.test('an agent comes back without its token; the token is used up', async () => {
    const again = startAgent(t, server, { port: link.LinkPort, token: link.Token, name: 'thief' })
    assert.equal(await again.ended, 1)
    assert.match(again.lines.join('\n'), /The token is not good/)
    agent.child.kill('SIGKILL')
    await agent.ended
    const back = startAgent(t, server, { port: link.LinkPort, name: 'one' })
    await untilLink(server, 'inside', ({ Agents }) => (Agents[0]?.Connections.length ?? 0) >= 2)
    assert.equal((await ask('/orders/7')).status, 200)
    const slow = ask('/orders/8', { fields: ['x-wait: 700'] })
    await new Promise((resolve) => setTimeout(resolve, 200))
    back.child.kill('SIGTERM')
    assert.equal((await slow).status, 200, 'what is in flight is answered')
    assert.equal(await back.ended, 0)
    // The figures of the workers come a moment after their connections go.
    const { Status } = await untilLink(
      server,
      'inside',
      ({ Status, Agents }) =>
        Status === 'INACTIVE' && Agents.every(({ Connections }) => Connections.length === 0),
    )
    assert.equal(Status, 'INACTIVE')
  })

  await t.test('lists for people, and a delete that is refused while it is in use', async () => {
    const list = await postern(server.folder, 'links', '--data', server.folder)
    assert.match(list.stdout, /inside +AGENT +INACTIVE +0 of 1/)
    const refused = await postern(
      server.folder,
      'links',
      'delete',
      'inside',
      '--data',
      server.folder,
    )
    assert.match(refused.stderr, /is referenced by integration/)
  })

  async function metrics(): Promise<string> {
    return (await fetch(new URL('metrics', url))).text()
  }

  async function explained({ fields }: Message) {
    const id = fields.find(([name]) => name.toLowerCase() === 'apigw-requestid')![1]
    const answer = await posternJson<{ Calls?: unknown[] }>(server, 'explain', id)
    return [answer]
  }
})
