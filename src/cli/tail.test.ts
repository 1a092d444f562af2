import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TailLine } from '../domain/tail-line.ts'
import { Failure } from '../server/failure.ts'
import { ControlServerFake } from './control-server.fake.ts'
import { painter } from './paint.ts'
import { follow } from './tail.ts'
import { tailText, whyLines } from './tail-text.ts'
import { runWords } from './terminal.fake.ts'

const LINE: TailLine = {
  time: new Date(2026, 10, 22, 9, 5, 7, 8).getTime(),
  requestId: 'r',
  accountId: '123456789012',
  apiId: 'abcdefghij',
  stage: '$default',
  routeKey: 'GET /pets/{id}',
  method: 'GET',
  path: '/pets/7',
  status: 200,
  latencyMs: 12.34,
  integrationLatencyMs: 10,
  responseBytes: 5,
  sourceIp: '127.0.0.1',
}

const TEXTS: readonly (readonly [string, Partial<TailLine>, string])[] = [
  [
    'an answer',
    {},
    '09:05:07.008  200  GET     /pets/7                   → GET /pets/{id} (abcdefghij)  12.3 ms (integration 10.0 ms)',
  ],
  [
    'a refusal of the gateway',
    {
      ...{ status: 404, routeKey: '', integrationLatencyMs: -1, latencyMs: 140, stage: 'prod' },
      ...{ reasonCode: 'ROUTE_NOT_FOUND', reason: 'No route.' },
    },
    '09:05:07.008  404  GET     /pets/7                   → no route (abcdefghij/prod)  140 ms  ROUTE_NOT_FOUND No route.',
  ],
  [
    'a refusal with its figures',
    {
      ...{ status: 429, integrationLatencyMs: -1, latencyMs: 0.1, reasonCode: 'ROUTE_THROTTLED' },
      ...{ reason: 'Empty.', reasonDetail: '0.5 a second, burst 3' },
    },
    '09:05:07.008  429  GET     /pets/7                   → GET /pets/{id} (abcdefghij)  0.1 ms  ROUTE_THROTTLED Empty. 0.5 a second, burst 3',
  ],
  [
    'a client that has gone, with a path that would paint',
    { status: 0, latencyMs: -1, path: '/\u001b[2J' },
    '09:05:07.008  ---  GET     /?[2J                     → GET /pets/{id} (abcdefghij)  unfinished',
  ],
]
for (const [what, changes, expected] of TEXTS) {
  test(`the line of ${what}`, () => {
    assert.equal(tailText({ ...LINE, ...changes }, painter(false)), expected)
  })
}

test('a failure is red', () => {
  assert(tailText({ ...LINE, status: 502 }, painter(true)).includes('\x1b[31m502\x1b[0m'))
})

interface Watched {
  readonly out: string
  readonly err: string
  readonly end: number | Failure
}

/** Follows a stream of these lines, and stops after the last of them, or lets the server end. */
async function watch(
  lines: readonly string[],
  how: { json: boolean; stops: boolean },
): Promise<Watched> {
  const stop = new AbortController()
  let out = ''
  let err = ''
  const client = {
    async *lines(_path: string, signal: AbortSignal) {
      yield* lines
      if (!how.stops) return
      stop.abort()
      signal.throwIfAborted()
    },
  }
  const terminal = {
    colors: false,
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
  }
  const following = { client, path: '', terminal, json: how.json, signal: stop.signal }
  const end = await follow(following).catch((thrown: unknown) => {
    assert(thrown instanceof Failure)
    return thrown
  })
  return { out, err, end }
}

test('one line a request until somebody stops it; what was left out is told', async () => {
  const lines = [JSON.stringify(LINE), '{"omitted":12}']
  const { out, err, end } = await watch(lines, { json: false, stops: true })
  assert.equal(end, 0)
  assert.equal(out, `${tailText(LINE, painter(false))}\n`)
  assert.match(err, /^12 requests are not shown/)
})

test('--json passes lines through', async () => {
  const lines = [JSON.stringify(LINE), '{"omitted":12}']
  const { out } = await watch(lines, { json: true, stops: true })
  assert.equal(out, `${lines.join('\n')}\n`)
})

test('a server that ends is a failure', async () => {
  const { end } = await watch([], { json: false, stops: false })
  assert(end instanceof Failure && /has ended/.test(end.message))
})

test('filters go along, an API by name becomes its id, and Ctrl-C ends with 0', async () => {
  const targets: string[] = []
  const server = await ControlServerFake.start({
    answers: {
      GetApis: () => ({ Items: [{ ApiId: 'abcdefghij', Name: 'Pets', ProtocolType: 'HTTP' }] }),
    },
    page: (target, response) => {
      if (!target.startsWith('/_postern/tail')) return false
      targets.push(target)
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      response.write(`${JSON.stringify(LINE)}\n`, () => process.emit('SIGINT'))
      return true
    },
  })
  const listeners = process.listenerCount('SIGINT')
  const words = ['tail', '--api', 'Pets', '--route', 'GET /pets/{id}', '--status', '4xx,500']
  const { code } = await runWords({ words, environment: server.environment })
  assert.equal(code, 0)
  assert.deepEqual(targets, [
    '/_postern/tail?api=abcdefghij&route=GET%20%2Fpets%2F%7Bid%7D&status=4xx%2C500',
  ])
  assert.equal(process.listenerCount('SIGINT'), listeners)
  await server.stop()
})

test('with --why the grounds of a refusal stand below it', () => {
  const grounds = { rule: 'a bucket\u001b[2J', seen: '0 tokens', passes: 'the same call later' }
  assert.deepEqual(whyLines({ ...LINE, ...grounds }, painter(false)), [
    '    rule        a bucket?[2J',
    '    seen        0 tokens',
    '    would pass  the same call later',
  ])
  assert.deepEqual(whyLines(LINE, painter(false)), [])
})
