import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { systemClock } from '../../base/clock.ts'
import { HttpPoster, type PostTarget } from './http-post.ts'

const LIMITS = {
  ...{ headBytes: 32_768, headerCount: 100, chunkHeadBytes: 1_024, chunkExtensionBytes: 1_024 },
  ...{ trailerBytes: 1_024, connections: 1, waiting: 10, connectTimeoutMs: 1_000 },
  idleTimeoutMs: 10_000,
}

interface Got {
  readonly request: IncomingMessage
  readonly body: Buffer
}

type Answer = (response: ServerResponse, got: Got) => void

/** A receiver that answers so, and who posts to it. */
async function world(t: TestContext, answer: Answer, target: Partial<PostTarget> = {}) {
  const got: Got[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    got.push({ request, body: Buffer.concat(chunks) })
    answer(response, got.at(-1)!)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/v1/traces`
  const poster = new HttpPoster(
    { url, headers: {}, contentType: 'a/b', gzip: false, timeoutMs: 300, ...target },
    systemClock,
    LIMITS,
  )
  t.after(() => {
    poster.close()
    server.closeAllConnections()
    server.close()
  })
  return { poster, got, port }
}

test('a post has its fields, and the connection is used again', async (t) => {
  const headers = { 'x-key': 'secret' }
  const { poster, got } = await world(t, (response) => response.end('{}'), { headers })
  for (const text of ['one', 'zwei ü']) {
    assert.deepEqual(await poster.post(text), { status: 200, retryAfterMs: undefined, reason: '' })
  }
  assert.deepEqual(
    got.map(({ body }) => body.toString()),
    ['one', 'zwei ü'],
  )
  const [first, second] = got.map(({ request }) => request)
  assert.equal(first!.headers['x-key'], 'secret')
  assert.equal(first!.headers['content-type'], 'a/b')
  assert.equal(first!.socket, second!.socket)
})

test('what is large enough is packed, where that is asked for', async (t) => {
  const { poster, got } = await world(t, (response) => response.end(), { gzip: true })
  const long = 'span '.repeat(1_000)
  await poster.post('short')
  await poster.post(long)
  assert.equal(got[0]!.request.headers['content-encoding'], undefined)
  assert.equal(got[1]!.request.headers['content-encoding'], 'gzip')
  assert.equal(gunzipSync(got[1]!.body).toString(), long)
})

const ANSWERS: readonly (readonly [string, Answer, number, RegExp])[] = [
  ['a refusal', (response) => response.writeHead(400).end('no'), 400, /^status 400$/],
  [
    'a redirect, which is not followed',
    (response) => response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
    307,
    /^status 307$/,
  ],
  ['a connection that breaks', (response) => response.destroy(), 0, /./],
  ['no answer in time', () => {}, 0, /./],
  [
    'an answer without end',
    (response) => {
      response.writeHead(200)
      for (let i = 0; i < 100; i++) response.write('x'.repeat(10_000))
    },
    200,
    /^$/,
  ],
]

for (const [name, answer, status, reason] of ANSWERS) {
  test(`heard as it is: ${name}`, async (t) => {
    const { poster } = await world(t, answer)
    const result = await poster.post('x')
    assert.equal(result.status, status)
    assert.match(result.reason, reason)
    assert.doesNotMatch(result.reason, /v1|127/)
  })
}

test('Retry-After in seconds and as a date', async (t) => {
  const values = ['7', new Date(Date.now() + 60_000).toUTCString(), 'soon']
  const { poster } = await world(t, (response) => {
    response.writeHead(503, { 'retry-after': values.shift()! }).end()
  })
  assert.equal((await poster.post('x')).retryAfterMs, 7_000)
  const date = (await poster.post('x')).retryAfterMs!
  assert.ok(date > 50_000 && date <= 60_000)
  assert.equal((await poster.post('x')).retryAfterMs, undefined)
})

test('nobody is there', async () => {
  const target = { headers: {}, contentType: 'a/b', gzip: false, timeoutMs: 500 }
  const poster = new HttpPoster({ ...target, url: 'http://127.0.0.1:9/' }, systemClock, LIMITS)
  const { status, reason } = await poster.post('x')
  assert.deepEqual([status, reason], [0, 'connect-refused'])
  poster.close()
})

const PARTIAL: readonly (readonly [string, number | undefined])[] = [
  ['{}', undefined],
  ['{"partialSuccess":{}}', undefined],
  ['{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}', 3],
  ['{"partialSuccess":{"rejectedLogRecords":2}}', 2],
  ['{"partialSuccess":{"rejectedSpans":-1}}', undefined],
  ['{"partialSuccess":null}', undefined],
  ['partialSuccess', undefined],
]

for (const [body, rejected] of PARTIAL) {
  test(`what a collector did not want: ${body}`, async (t) => {
    const { poster } = await world(t, (response) => response.end(body))
    const result = await poster.post('x')
    assert.equal(result.status, 200)
    assert.equal(result.rejected, rejected)
  })
}
