import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { ServiceError } from '../../aws/service-error.ts'
import { signRequest } from '../../aws/sigv4/sign-request.ts'
import { SigningKeys } from '../../aws/sigv4/signing-key.ts'
import { verifySignature } from '../../aws/sigv4/sigv4.ts'
import type { WireRequest, WireResponse } from '../../aws/wire-message.ts'
import type { AccessKeyView } from '../../identity/access-key-record.ts'
import type { Proof } from '../../services/control-plane.ts'
import { strangerProof } from '../../services/control-plane.ts'
import { ControlApi, type ControlApiParts } from './control-api.ts'
import { createControlPort } from './control-port.ts'
import type { MainThreadPort } from './main-thread-port.ts'

const EPOCH_MS = Date.UTC(2026, 10, 22, 12)
const SECRET = 'the secret of the only key'
const KEY: AccessKeyView = {
  ...{ accessKeyId: 'AKPO', accountId: '123456789012', readOnly: true, description: '' },
  createdAt: '',
}
const BODY_MAX = 1_000
const PUBLIC_BODY_MAX = 100
const FINE: WireResponse = { status: 200, headers: {}, body: Buffer.from('fine') }

/** What comes through, and what tests make of it. */
const world = {
  keys: new Map<string, AccessKeyView>(),
  calls: [] as { request: WireRequest; proof: Proof }[],
  answer: async (): Promise<WireResponse> => FINE,
  tail: (_response: http.ServerResponse): void => {},
  troubles: [] as unknown[],
}

beforeEach(() => {
  world.keys = new Map([[KEY.accessKeyId, KEY]])
  world.calls = []
  world.troubles = []
  world.answer = async () => FINE
})

function parts(insecure: ControlApiParts['insecure']): ControlApiParts {
  const signingKeys = new SigningKeys()
  const clock = { now: () => 0, epochMs: () => EPOCH_MS }
  return {
    verify: (request) =>
      verifySignature(request, {
        secretOf: (id) => (world.keys.has(id) ? { secretAccessKey: SECRET } : undefined),
        services: ['apigateway'],
        ...{ clock, signingKeys },
      }),
    findKey: (id) => world.keys.get(id),
    isPublic: ({ headers }) => headers.some(([, value]) => value === 'Pools.SignIn'),
    publicBytesMax: PUBLIC_BODY_MAX,
    answer: (request, proof) => {
      world.calls.push({ request, proof })
      return world.answer()
    },
    tail: (_request, response) => world.tail(response),
    failureOf: (thrown) => {
      if (thrown instanceof ServiceError) return thrown
      world.troubles.push(thrown)
      return new ServiceError('InternalServerException', 'a bug')
    },
    nowMs: () => 0,
    newRequestId: () => 'request-1',
    bodyBytesMax: BODY_MAX,
    insecure,
  }
}

const ports: MainThreadPort[] = []
let signed = 0
let insecure = 0
before(async () => {
  const source = { healthy: () => true, ready: () => true, metrics: () => '' }
  const open = (api: ControlApi) => {
    const port = createControlPort(source, api)
    ports.push(port)
    return port.listen(0, '127.0.0.1')
  }
  signed = await open(new ControlApi(parts(undefined)))
  insecure = await open(new ControlApi(parts({ accountId: '1', region: 'r' })))
})
after(() => {
  for (const port of ports) port.close()
})

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

interface Received {
  readonly status: number
  readonly body: string
}

function send(port: number, { method = 'GET', path = '/v2/apis', headers = {}, body }: Sent) {
  return new Promise<Received>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers, agent: false }
    const request = http.request(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode!, body: text }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** With headers that carry a signature. */
function sign(port: number, sent: Sent, accessKeyId: string = KEY.accessKeyId): Sent {
  const { method = 'GET', path = '/v2/apis', headers = {}, body = '' } = sent
  const host = `127.0.0.1:${port}`
  const request = {
    ...{ method, target: path, body: Buffer.from(body) },
    headers: Object.entries({ ...headers, host }),
  }
  const pairs = signRequest(
    request,
    { accessKeyId, secretAccessKey: SECRET },
    { region: 'eu-central-1', service: 'apigateway', epochMs: EPOCH_MS },
  )
  return { ...sent, headers: Object.fromEntries(pairs) }
}

/** Everything that comes back for these bytes, until the other side closes or says nothing more. */
function raw(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      if (/\r\n\r\n/.test(text)) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

describe('who calls', () => {
  test('is whom the key belongs to', async () => {
    const body = '{"name":"a"}'
    const answer = await send(signed, sign(signed, { method: 'POST', body }))
    assert.deepEqual(answer, { status: 200, body: 'fine' })
    const { proof, request } = world.calls[0]!
    assert.deepEqual(proof, {
      caller: { ...pick(KEY), sourceIp: '127.0.0.1' },
      ...{ region: 'eu-central-1', requestId: 'request-1', signedFor: 'apigateway' },
    })
    assert.equal(Buffer.from(request.body).toString(), body)
  })

  test('a key that is not there costs no memory: its body is not waited for', async () => {
    const { headers } = sign(signed, { method: 'POST', body: 'x' }, 'UNKNOWN')
    const lines = Object.entries({ ...headers, 'content-length': '1000' })
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    assert.match(await raw(signed, `POST /v2/apis HTTP/1.1\r\n${head}\r\n`), /^HTTP\/1\.1 403 /)
    assert.deepEqual(world.calls, [])
  })

  test('a key that is removed while its call is being read may do nothing', async () => {
    const { headers } = sign(signed, { method: 'POST', body: '{}' })
    const request = http.request({
      ...{ host: '127.0.0.1', port: signed, method: 'POST', path: '/v2/apis', agent: false },
      headers: { ...headers, 'content-length': '2' },
    })
    request.write('{')
    // Its head has been admitted when the next call on another connection is answered.
    await send(signed, sign(signed, {}))
    world.keys.clear()
    const status = new Promise((resolve) => request.on('response', (r) => resolve(r.statusCode)))
    request.end('}')
    assert.equal(await status, 403)
    assert.equal(world.calls.length, 1)
  })
})

describe('a body', () => {
  const text = 'x'.repeat(BODY_MAX + 1)

  test('of the largest size is taken', async () => {
    const body = 'x'.repeat(BODY_MAX)
    assert.equal((await send(signed, sign(signed, { method: 'POST', body }))).status, 200)
  })

  test('that says it is larger is refused', async () => {
    const { status } = await send(signed, sign(signed, { method: 'POST', body: text }))
    assert.equal(status, 413)
  })

  test('that turns out to be larger is refused', async () => {
    const { headers } = sign(signed, { method: 'POST', body: text })
    const lines = Object.entries(headers!).map(([name, value]) => `${name}: ${value}\r\n`)
    const head = `POST /v2/apis HTTP/1.1\r\n${lines.join('')}transfer-encoding: chunked\r\n\r\n`
    const chunk = `${text.length.toString(16)}\r\n${text}\r\n`
    assert.match(await raw(signed, head + chunk), /^HTTP\/1\.1 413 /)
  })
})

describe('a bug', () => {
  test('of an operation costs that call, and the next one is answered', async () => {
    world.answer = () => Promise.reject(new TypeError('x is undefined'))
    assert.equal((await send(signed, sign(signed, {}))).status, 500)
    assert.equal(world.troubles.length, 1)
    world.answer = async () => FINE
    assert.equal((await send(signed, sign(signed, {}))).status, 200)
  })

  test('in an answer that HTTP cannot carry costs that call', async () => {
    world.answer = async () => ({ ...FINE, headers: { 'x-bad': 'line\nend' } })
    assert.equal((await send(signed, sign(signed, {}))).status, 500)
  })

  test('after the head of an answer ends the connection', async () => {
    world.tail = (response) => {
      response.writeHead(200)
      response.flushHeaders()
      throw new TypeError('x is undefined')
    }
    await assert.rejects(send(signed, sign(signed, { path: '/_postern/tail' })), {
      code: 'ECONNRESET',
    })
  })
})

describe('what everybody may call', () => {
  const headers = { 'x-amz-target': 'Pools.SignIn' }

  test('comes from a stranger, in a body that is small', async () => {
    const sent = { method: 'POST', path: '/', headers }
    assert.equal((await send(signed, { ...sent, body: '{}' })).status, 200)
    assert.deepEqual(world.calls[0]!.proof, strangerProof('request-1', '127.0.0.1'))
    const { status } = await send(signed, { ...sent, body: 'x'.repeat(PUBLIC_BODY_MAX + 1) })
    assert.equal(status, 413)
    assert.equal(world.calls.length, 1)
  })

  test('is not the tail, whatever else it says it is', async () => {
    let tailed = false
    world.tail = () => {
      tailed = true
    }
    await send(signed, { path: '/_postern/tail', headers })
    assert.ok(!tailed)
  })

  test('with a signature, it is the call of whoever has signed', async () => {
    await send(signed, sign(signed, { method: 'POST', path: '/', headers, body: '{}' }))
    assert.equal(world.calls[0]!.proof.caller.accessKeyId, KEY.accessKeyId)
    const forged = sign(signed, { method: 'POST', path: '/', headers, body: '{}' }, 'UNKNOWN')
    assert.equal((await send(signed, forged)).status, 403)
  })
})

describe('without signatures', () => {
  test('programs call', async () => {
    assert.equal((await send(insecure, { method: 'POST', body: '{}' })).status, 200)
    assert.equal(world.calls[0]!.proof.caller.accessKeyId, 'unsigned')
  })

  for (const headers of [
    { origin: 'http://evil.example' },
    { origin: 'null', 'content-type': 'text/plain' },
    { Origin: `http://localhost:9080` },
    { 'sec-fetch-site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'sec-fetch-site': 'same-origin' },
    { host: 'evil.example' },
    { host: 'localhost.evil.example:9080' },
  ] as const) {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      test(`${method} of a web page is refused: ${JSON.stringify(headers)}`, async () => {
        const { status } = await send(insecure, { method, headers, body: '{}' })
        assert.ok(status === 403 || status === 421, String(status))
        assert.deepEqual(world.calls, [])
      })
    }
  }

  for (const head of [
    'POST http://evil.example/v2/apis HTTP/1.1\r\nHost: evil.example\r\n',
    'POST /v2/apis HTTP/1.0\r\n',
    'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n',
    // More fields than are counted: none of them may hide behind the others.
    `POST /v2/apis HTTP/1.1\r\nHost: localhost\r\n${'a: b\r\n'.repeat(70)}Origin: http://a.example\r\n`,
  ]) {
    test(`is refused: ${JSON.stringify(head.slice(0, 60))}`, async () => {
      const answer = await raw(insecure, `${head}Content-Length: 0\r\nConnection: close\r\n\r\n`)
      assert.doesNotMatch(answer, /^HTTP\/1\.1 2/)
      assert.deepEqual(world.calls, [])
    })
  }
})

test('whatever a stranger sends is refused, and the port goes on', async () => {
  const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,20}$/)
  const value = fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,80}$/)
  const signature = fc
    .tuple(value, value, value)
    .map(([a, b, c]) => `AWS4-HMAC-SHA256 Credential=${a}, SignedHeaders=${b}, Signature=${c}`)
  const field = fc.oneof(
    fc.tuple(token, value),
    fc.tuple(fc.constantFrom('authorization', 'x-amz-date', 'x-amz-target'), value),
    fc.tuple(fc.constant('authorization'), signature),
  )
  const target = fc.stringMatching(/^\/v2[!-~]{0,60}$/)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PATCH', 'PURGE'),
      target,
      fc.array(field, { maxLength: 8 }),
      async (method, path, fields) => {
        const lines = fields.map(([name, text]) => `${name}: ${text}\r\n`).join('')
        const head = `${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${lines}\r\n`
        const status = /^HTTP\/1\.1 (\d+)/.exec(await raw(signed, Buffer.from(head, 'latin1')))?.[1]
        // Not HTTP at all: node closes, as it does for a framing that is missing its body.
        assert.ok(status === undefined || /^4\d\d$/.test(status), status)
      },
    ),
    { numRuns: 200 },
  )
  assert.deepEqual(world.calls, [])
  assert.deepEqual(world.troubles, [])
  assert.equal((await send(signed, sign(signed, {}))).status, 200)
})

function pick({ accountId, accessKeyId, readOnly }: AccessKeyView) {
  return { accountId, accessKeyId, readOnly }
}
