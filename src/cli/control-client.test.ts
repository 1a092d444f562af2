import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { ServiceError } from '../aws/service-error.ts'
import type { Clock } from '../base/clock.ts'
import { systemClock } from '../base/clock.ts'
import { Failure } from '../server/failure.ts'
import type { ControlAccess } from './control-access.ts'
import { ControlClient } from './control-client.ts'
import { ControlServerFake, FAKE_KEY, type FakeOptions } from './control-server.fake.ts'

async function withServer(
  options: FakeOptions,
  work: (server: ControlServerFake) => Promise<void>,
): Promise<void> {
  const server = await ControlServerFake.start(options)
  try {
    await work(server)
  } finally {
    await server.stop()
  }
}

function clientOf(changes: Partial<ControlAccess>, clock: Clock = systemClock): ControlClient {
  const standard = { region: 'eu-west-1', key: FAKE_KEY, source: '--data', url: '' } as const
  return new ControlClient({ ...standard, ...changes }, clock)
}

async function failureOf(call: Promise<unknown>): Promise<string> {
  const thrown = await call.then(
    () => assert.fail('it must fail'),
    (error: unknown) => error,
  )
  assert(thrown instanceof Failure, String(thrown))
  assert.equal(thrown.exitCode, 1)
  return `${thrown.message} → ${thrown.mend ?? ''}`
}

test('operations of both services arrive with their input, in the region of the client', () =>
  withServer(
    {
      answers: {
        GetServedApis: () => ({ Revision: 7, Apis: [{ apiId: 'a' }] }),
        GetStage: () => ({ StageName: '$default', LastUpdatedDate: new Date(1_000) }),
      },
    },
    async (server) => {
      const client = clientOf({ url: server.url })
      const served = await client.postern('GetServedApis', {})
      assert.deepEqual(served, { Revision: 7, Apis: [{ apiId: 'a' }] })
      const stage = await client.gateway('GetStage', { ApiId: 'ä /%', StageName: '$default' })
      assert.equal(stage.LastUpdatedDate?.getTime(), 1_000)
      assert.deepEqual(server.calls, [
        { name: 'GetServedApis', input: {}, region: 'eu-west-1' },
        {
          name: 'GetStage',
          input: { ApiId: 'ä /%', StageName: '$default' },
          region: 'eu-west-1',
        },
      ])
    },
  ))

test('a large text with every kind of character arrives as it was', () =>
  withServer(
    { answers: { PlanDefinition: () => ({ Problems: [], Refusals: [], Notes: [] }) } },
    async (server) => {
      const input = { File: 'a.yaml', Text: `"\\\n\t\u0000 ünïcödé 😀 ${'x'.repeat(1_000_000)}` }
      await clientOf({ url: server.url }).postern('PlanDefinition', input)
      assert.deepEqual(server.calls[0]?.input, input)
    },
  ))

const REFUSED: readonly (readonly [string, Partial<ControlAccess>, RegExp])[] = [
  [
    'an unknown key',
    { key: { ...FAKE_KEY, accessKeyId: 'AKPOOTHER' } },
    /does not accept the access key AKPOOTHER: .*→ .*postern env/,
  ],
  [
    'a wrong secret',
    { key: { ...FAKE_KEY, secretAccessKey: 'x' } },
    /does not accept the access key AKPOTEST.*signature/,
  ],
  [
    'no key',
    { key: undefined },
    /wants a signed call, and no access key was found → .*AWS_ACCESS_KEY_ID/,
  ],
]
for (const [what, access, expected] of REFUSED) {
  test(`${what} is told with its mend`, () =>
    withServer(
      { answers: { GetServedApis: () => ({ Revision: 0, Apis: [] }) } },
      async (server) => {
        const client = clientOf({ url: server.url, ...access })
        const text = await failureOf(client.postern('GetServedApis', {}))
        assert.match(text, expected)
        assert(!text.includes('\n'), 'the canonical request is not for people')
        assert.deepEqual(server.calls, [])
      },
    ))
}

test('a clock that is off is told as a key that is not accepted', () =>
  withServer({}, async (server) => {
    const clock = { now: () => 0, epochMs: () => Date.UTC(2020, 0, 1) }
    const call = clientOf({ url: server.url }, clock).postern('GetServedApis', {})
    assert.match(await failureOf(call), /does not accept .*expired/i)
  }))

test('what the server refuses keeps its words, but no control character of them', () =>
  withServer(
    {
      answers: {
        ListAccessKeys: () => {
          throw new ServiceError('AccessDeniedException', 'The key is read-only.\u001b[2J')
        },
        GetStage: () => {
          throw new ServiceError('NotFoundException', 'Invalid Stage identifier specified')
        },
      },
    },
    async (server) => {
      const client = clientOf({ url: server.url })
      const keys = await failureOf(client.postern('ListAccessKeys', {}))
      assert.match(keys, /^The key is read-only\.\?\[2J → Use a key that may write/)
      const stage = await failureOf(client.gateway('GetStage', { ApiId: 'a', StageName: 'b' }))
      assert.match(stage, /^Invalid Stage identifier specified/)
    },
  ))

async function answering(
  answer: http.RequestListener,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const server = http.createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const STRANGERS: readonly (readonly [string, http.RequestListener])[] = [
  ['a page', (_request, response) => response.end('<html>')],
  ['other JSON', (_request, response) => response.end('{"hello":1}')],
  ['a redirect', (_request, response) => response.writeHead(302, { location: '/' }).end()],
  ['an error page', (_request, response) => response.writeHead(404).end('no')],
  [
    'an end in the middle',
    (_request, response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('x', () => response.destroy())
    },
  ],
]
for (const [what, answer] of STRANGERS) {
  test(`something else on the port: ${what}`, () =>
    answering(answer, async (url) => {
      const text = await failureOf(clientOf({ url }).postern('GetServedApis', {}))
      assert.match(text, /is no Postern|does not answer/)
      assert.match(text, /--data DIR/)
    }))
}

test('nothing on the port: whoever named it is told to name another', async () => {
  let free = ''
  await answering(
    () => {},
    async (url) => {
      free = url
    },
  )
  const mends = [
    ['--data', /--data DIR/],
    ['--endpoint', /--endpoint URL/],
    ['AWS_ENDPOINT_URL', /is AWS_ENDPOINT_URL that of another/],
  ] as const
  for (const [source, expected] of mends) {
    const text = await failureOf(clientOf({ url: free, source }).postern('GetServedApis', {}))
    assert.match(text, /^No Postern is running here: nothing answers at http:\/\/127\.0\.0\.1:/)
    assert.match(text, expected)
  }
})

test('an address that cannot work is told apart from one where nothing runs', () =>
  answering(
    () => {},
    async (url) => {
      const secure = clientOf({ url: url.replace('http:', 'https:'), source: '--endpoint' })
      const text = await failureOf(secure.postern('GetServedApis', {}))
      assert.match(text, /does not answer: .*(TLS|SSL).* → The control port speaks plain HTTP/)
      const blocked = clientOf({ url: 'http://127.0.0.1:10080/' })
      assert.match(
        await failureOf(blocked.postern('GetServedApis', {})),
        /does not answer: bad port → .*another --control PORT/,
      )
    },
  ))

test('a name that is not there: the command that lists names is told', async () => {
  const cases = [
    ['Invalid Stage identifier specified prod', 'postern stages lists them.'],
    ['Invalid Deployment identifier specified a1b2c3', 'postern deployments lists them.'],
    ['Stage already exists', ''],
  ] as const
  for (const [reason, mend] of cases) {
    const refuse = () => {
      throw new ServiceError('NotFoundException', reason)
    }
    await withServer({ answers: { GetStage: refuse } }, async (server) => {
      const call = clientOf({ url: server.url }).gateway('GetStage', { ApiId: 'a', StageName: 's' })
      assert.equal(await failureOf(call), `${reason} → ${mend}`)
    })
  }
})

test('an endless answer is read line by line, across chunks, until it is ended', () =>
  withServer(
    {
      page: (target, response) => {
        assert.equal(target, '/_postern/tail?api=%C3%A4')
        response.writeHead(200, { 'content-type': 'application/x-ndjson' })
        const bytes = Buffer.from('{"a":"ü"}\n\n{"b":1}\n{"half')
        response.write(bytes.subarray(0, 7))
        response.write(bytes.subarray(7))
        return true
      },
    },
    async (server) => {
      const stop = new AbortController()
      const lines: string[] = []
      const client = clientOf({ url: server.url })
      await assert.rejects(
        async () => {
          for await (const line of client.lines('_postern/tail?api=%C3%A4', stop.signal)) {
            lines.push(line)
            if (lines.length === 2) stop.abort()
          }
        },
        { name: 'AbortError' },
      )
      assert.deepEqual(lines, ['{"a":"ü"}', '{"b":1}'])
    },
  ))

test('a stream that is refused or is none says so', () =>
  withServer({}, async (server) => {
    const { signal } = new AbortController()
    const next = (access: Partial<ControlAccess>) =>
      clientOf({ url: server.url, ...access })
        .lines('_postern/tail', signal)
        .next()
    assert.match(await failureOf(next({ key: undefined })), /wants a signed call/)
    assert.match(await failureOf(next({})), /No operation here has the path/)
  }))
