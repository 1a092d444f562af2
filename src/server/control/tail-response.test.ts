import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { mock, type TestContext, test } from 'node:test'
import type { TailLine } from '../../domain/tail-line.ts'
import { LiveTail } from './live-tail.ts'
import { sendTail, type TailRequest } from './tail-response.ts'

const OWN = '123456789012'
const LINE: TailLine = {
  ...{ time: 0, requestId: 'r', accountId: OWN, apiId: 'a', stage: '$default' },
  ...{ routeKey: 'GET /pets', method: 'GET', path: '/pets', status: 200, latencyMs: 1 },
  ...{ integrationLatencyMs: 1, responseBytes: 0, sourceIp: '127.0.0.1' },
}

interface Watching {
  readonly tail: LiveTail
  /** Gets what the watcher gets. */
  readonly response: http.IncomingMessage
  readonly sent: http.ServerResponse
  /** Its key is taken away. */
  readonly disallow: () => void
}

async function watch(t: TestContext, request: Partial<TailRequest> = {}): Promise<Watching> {
  const tail = new LiveTail(() => {})
  let sent: http.ServerResponse | undefined
  let isAllowed = true
  const server = http.createServer((_request, response) => {
    sent = response
    const caller = { accountId: OWN, readOnly: false }
    const standard = { target: '/_postern/tail', caller, isAllowed: () => isAllowed }
    sendTail(tail, { ...standard, ...request }, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const client = http.get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  const [response] = (await once(client, 'response')) as [http.IncomingMessage]
  const disallow = () => {
    isAllowed = false
  }
  return { tail, response, sent: sent!, disallow }
}

/** The next lines that come. */
async function nextLines(response: http.IncomingMessage): Promise<unknown[]> {
  const [chunk] = (await once(response, 'data')) as [Buffer]
  return chunk
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

const foreign: TailLine = { ...LINE, accountId: '999999999999', path: '/secret' }

test('a key that may only read sees the requests of its own account', async (t) => {
  const caller = { accountId: OWN, readOnly: true }
  const { tail, response } = await watch(t, { caller })
  tail.receive({ lines: [foreign, LINE], omitted: 0 })
  assert.deepEqual(await nextLines(response), [LINE])
})

test('a key that may write sees all of them', async (t) => {
  const { tail, response } = await watch(t)
  tail.receive({ lines: [foreign, LINE], omitted: 2 })
  assert.deepEqual(await nextLines(response), [foreign, LINE, { omitted: 2 }])
})

test('a tail ends with its key: at the next request', async (t) => {
  const watching = await watch(t)
  watching.disallow()
  watching.tail.receive({ lines: [LINE], omitted: 0 })
  watching.response.on('data', () => assert.fail('nothing more is shown'))
  await once(watching.response, 'end')
})

test('or without one, within seconds', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.timers.reset())
  const watching = await watch(t)
  mock.timers.tick(15_000)
  const [beat] = (await once(watching.response, 'data')) as [Buffer]
  assert.equal(beat.toString(), '\n')
  watching.disallow()
  mock.timers.tick(15_000)
  watching.response.resume()
  await once(watching.response, 'end')
})

test('a watcher that does not read costs a bounded memory, and is told what it has missed', async (t) => {
  const { tail, response, sent } = await watch(t)
  const lines = Array.from({ length: 1_000 }, () => ({ ...LINE, path: `/${'x'.repeat(1_000)}` }))
  response.pause()
  for (let i = 0; i < 50; i++) tail.receive({ lines, omitted: 0 })
  assert.ok(sent.writableLength < 4_000_000, `${sent.writableLength} bytes wait`)
  let text = ''
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  response.resume()
  while (sent.writableLength > 0) await once(response, 'data')
  tail.receive({ lines: [LINE], omitted: 0 })
  while (!text.includes('omitted')) await once(response, 'data')
  const shown = text.split('\n').filter((line) => line.includes('requestId')).length
  const { omitted } = JSON.parse(text.trimEnd().split('\n').at(-1)!) as { omitted: number }
  assert.equal(shown + omitted, 50_001)
})
