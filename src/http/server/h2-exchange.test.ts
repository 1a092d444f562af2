import assert from 'node:assert/strict'
import { once } from 'node:events'
import type http2 from 'node:http2'
import { type TestContext, test } from 'node:test'
import type { BodySink, Exchange, ExchangeHandler } from '../exchange.ts'
import type { WireError } from '../wire-error.ts'
import { type Answer, ask, connectTo, open } from './h2-client.fake.ts'
import type { HttpServerLimits } from './server-context.ts'
import { type FakeTlsServer, startFakeTlsServer } from './tls-server.fake.ts'

interface Running {
  readonly server: FakeTlsServer
  readonly session: http2.ClientHttp2Session
}

async function start(
  t: TestContext,
  handle: ExchangeHandler,
  limits: Partial<HttpServerLimits> = {},
): Promise<Running> {
  const server = await startFakeTlsServer({ handle, limits })
  const session = connectTo(server.port)
  t.after(() => {
    session.destroy()
    server.close()
  })
  return { server, session }
}

/** Collects a body, then calls back with it or with what went wrong. */
function collect(
  exchange: Exchange,
  done: (body: Buffer | undefined, error: WireError | undefined) => void,
): BodySink {
  const chunks: Buffer[] = []
  const sink: BodySink = {
    onData: (chunk) => chunks.push(Buffer.from(chunk)),
    onEnd: () => done(Buffer.concat(chunks), undefined),
    onBodyError: (error) => done(undefined, error),
  }
  exchange.receiveBody(sink)
  return sink
}

const echo: ExchangeHandler = (exchange) => {
  const whole = exchange.takeBufferedBody()
  if (whole !== undefined) exchange.respond(200, 'x-whole: 1\r\n', whole)
  else {
    collect(exchange, (body, error) => {
      if (error === undefined) exchange.respond(200, '', body)
      else exchange.respond(408, `x-kind: ${error.kind}\r\n`, Buffer.from(error.kind))
    })
  }
}

/** Resolves with what the listener of the next exchange is told. */
function departure(exchange: Exchange): Promise<WireError> {
  return new Promise((resolve) => {
    exchange.listener = { onDrain: () => {}, onClientGone: resolve }
  })
}

test('a response in one piece', async (t) => {
  const { session, server } = await start(t, (exchange) =>
    exchange.respond(
      201,
      'date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\nx: a\r\nx: b\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n',
      Buffer.from('hello'),
    ),
  )
  const { status, headers, body } = await ask(session, { ':path': '/a?b=c' })
  assert.equal(status, 201)
  assert.equal(body.toString(), 'hello')
  assert.equal(headers['content-length'], '5')
  assert.equal(headers['content-type'], 'text/plain')
  assert.equal(headers['x'], 'a, b')
  assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2'])
  assert.ok(headers.date !== undefined)
  const { request, protocol, connection, requestBodyBytes } = server.exchanges[0]!
  assert.deepEqual(
    [request.path, request.query, protocol, requestBodyBytes],
    ['/a', 'b=c', 'HTTP/2.0', 0],
  )
  assert.equal(connection.tls?.version, 'TLSv1.3')
})

test('a date that is there is not added again', async (t) => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
  const { session } = await start(t, (exchange) =>
    exchange.respond(200, `date: ${date}\r\n`, undefined),
  )
  assert.equal((await ask(session)).headers.date, date)
})

interface FramingCase {
  readonly what: string
  readonly method: string
  readonly handle: ExchangeHandler
  readonly status: number
  readonly length: string | undefined
  readonly body: string
}

const hello = Buffer.from('hello')
const FRAMING: readonly FramingCase[] = [
  {
    what: 'HEAD, whole',
    method: 'HEAD',
    handle: (x) => x.respond(200, '', hello),
    status: 200,
    length: '5',
    body: '',
  },
  {
    what: 'HEAD, length only',
    method: 'HEAD',
    handle: (x) => streamed(x, 200, 1_000),
    status: 200,
    length: '1000',
    body: '',
  },
  {
    what: '204 with a body',
    method: 'GET',
    handle: (x) => x.respond(204, '', hello),
    status: 204,
    length: undefined,
    body: '',
  },
  {
    what: '304 with a body',
    method: 'GET',
    handle: (x) => streamed(x, 304, 5, 'hello'),
    status: 304,
    length: undefined,
    body: '',
  },
  {
    what: 'no body',
    method: 'GET',
    handle: (x) => x.respond(200, '', undefined),
    status: 200,
    length: '0',
    body: '',
  },
  {
    what: 'streamed, length known',
    method: 'GET',
    handle: (x) => streamed(x, 200, 10, 'hello', 'world'),
    status: 200,
    length: '10',
    body: 'helloworld',
  },
  {
    what: 'streamed, length unknown',
    method: 'GET',
    handle: (x) => streamed(x, 200, -1, 'hello', 'world'),
    status: 200,
    length: undefined,
    body: 'helloworld',
  },
  {
    what: 'more than announced',
    method: 'GET',
    handle: (x) => streamed(x, 200, 7, 'hello', 'world'),
    status: 200,
    length: '7',
    body: 'hellowo',
  },
]

function streamed(exchange: Exchange, status: number, length: number, ...chunks: string[]): void {
  exchange.startResponse(status, '', length)
  for (const chunk of chunks) exchange.writeBody(Buffer.from(chunk))
  exchange.endResponse()
}

for (const { what, method, handle, status, length, body } of FRAMING) {
  test(`framing: ${what}`, async (t) => {
    const { session } = await start(t, handle)
    const answer = await ask(session, { ':method': method })
    assert.deepEqual(
      [answer.status, answer.headers['content-length'], answer.body.toString(), answer.code],
      [status, length, body, 0],
    )
  })
}

test('a body that comes short of its announced length is cut, visibly', async (t) => {
  const { session } = await start(t, (exchange) => streamed(exchange, 200, 10, 'hello'))
  assert.notEqual((await ask(session)).code, 0)
})

test('abort resets the stream and leaves the connection', async (t) => {
  const { session } = await start(t, (exchange) => {
    if (exchange.request.path === '/') exchange.abort()
    else exchange.respond(200, '', hello)
  })
  assert.equal((await ask(session)).code, 2)
  assert.equal((await ask(session, { ':path': '/next' })).status, 200)
})

test('a status that is none resets the stream', async (t) => {
  const { session } = await start(t, (exchange) => exchange.respond(999, '', hello))
  assert.deepEqual([(await ask(session)).status, (await ask(session)).code], [0, 2])
})

test('after the response nothing has an effect', async (t) => {
  const { session } = await start(t, (exchange) => {
    exchange.respond(200, '', hello)
    exchange.respond(500, '', undefined)
    exchange.startResponse(500, '', -1)
    assert.equal(exchange.writeBody(hello), true)
    exchange.endResponse()
    exchange.abort()
  })
  const answer = await ask(session)
  assert.deepEqual([answer.status, answer.body.toString(), answer.code], [200, 'hello', 0])
})

for (const bytes of [0, 1, 16_384, 65_536, 65_537, 1_000_000]) {
  test(`a body of ${bytes} bytes goes in and out unchanged`, async (t) => {
    const { session } = await start(t, echo)
    const body = Buffer.alloc(bytes, 'abcdefghijklmnopqrstuvwxyz')
    const answer = await ask(session, { ':method': 'POST', 'content-length': bytes }, body)
    assert.equal(answer.status, 200)
    assert.ok(answer.body.equals(body))
    assert.equal(answer.headers['content-length'], String(bytes))
  })
}

test('what is written may be reused at once', async (t) => {
  const { session } = await start(t, (exchange) => {
    const buffer = Buffer.from('one')
    exchange.startResponse(200, '', -1)
    exchange.writeBody(buffer)
    buffer.set(Buffer.from('two'))
    exchange.writeBody(buffer)
    buffer.fill(0)
    exchange.endResponse()
  })
  assert.equal((await ask(session)).body.toString(), 'onetwo')
})

test('100 Continue is sent when the body is asked for, not before', async (t) => {
  const { session } = await start(t, (exchange) => {
    if (exchange.request.path === '/refuse') exchange.respond(403, '', undefined)
    else echo(exchange)
  })
  const accepted = open(session, { ':method': 'POST', expect: '100-continue' })
  await once(accepted.stream, 'continue')
  accepted.stream.end('body')
  assert.equal((await accepted.answer).body.toString(), 'body')

  const refused = open(session, { ':method': 'POST', ':path': '/refuse', expect: '100-continue' })
  let continued = false
  refused.stream.on('continue', () => {
    continued = true
  })
  assert.equal((await refused.answer).status, 403)
  assert.equal(continued, false)
})

test('no 100 Continue follows the head of the answer', async (t) => {
  const { session } = await start(t, (exchange) => {
    exchange.startResponse(200, '', -1)
    collect(exchange, (body) => {
      exchange.writeBody(body!)
      exchange.endResponse()
    })
  })
  const { stream, answer } = open(session, { ':method': 'POST', expect: '100-continue' })
  let continued = false
  stream.on('continue', () => {
    continued = true
  })
  await once(stream, 'response')
  stream.end('body')
  const { body, code } = await answer
  assert.deepEqual([body.toString(), code, continued], ['body', 0, false])
})

test('an early answer stops the upload without spoiling the answer', async (t) => {
  const { session } = await start(t, (exchange) => exchange.respond(403, '', hello))
  const { stream, answer } = open(session, { ':method': 'POST' })
  stream.write(Buffer.alloc(1_000_000))
  const { status, body, code } = await answer
  assert.deepEqual([status, body.toString(), code], [403, 'hello', 0])
})

test('a paused body stops the client', async (t) => {
  let received = 0
  const opened = Promise.withResolvers<Exchange>()
  const done = Promise.withResolvers<void>()
  const { session } = await start(t, (x) => {
    opened.resolve(x)
    x.receiveBody({
      onData: (chunk) => {
        received += chunk.length
        if (received === chunk.length) x.pauseBody()
      },
      onEnd: () => {
        x.respond(200, '', undefined)
        done.resolve()
      },
      onBodyError: (error) => done.reject(new Error(error.detail)),
    })
  })
  const { stream, answer } = open(session, { ':method': 'POST' })
  stream.end(Buffer.alloc(1_000_000))
  const exchange = await opened.promise
  // Everything that flow control lets through has arrived when a later request is answered.
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => session.ping(() => resolve()))
  assert.ok(exchange.requestBodyReceived < 400_000, `${exchange.requestBodyReceived} bytes read`)
  exchange.resumeBody()
  await done.promise
  assert.equal((await answer).status, 200)
  assert.equal(received, 1_000_000)
})

test('writeBody says when the client is slow, and onDrain when it is not any more', async (t) => {
  const chunk = Buffer.alloc(65_536, 'x')
  let drains = 0
  let left = 40
  const { session } = await start(t, (exchange) => {
    const pump = (): void => {
      while (left-- > 0) if (!exchange.writeBody(chunk)) return
      exchange.endResponse()
    }
    exchange.listener = {
      onDrain: () => {
        drains++
        pump()
      },
      onClientGone: (error) => assert.fail(error.detail),
    }
    exchange.startResponse(200, '', -1)
    pump()
  })
  const { body } = await ask(session)
  assert.equal(body.length, 40 * chunk.length)
  assert.ok(drains > 0)
})

test('a body beyond the limit is an error, at once if announced, else when it gets there', async (t) => {
  const limits = { bodyBytes: 100_000 }
  const kinds: string[] = []
  const { session } = await start(
    t,
    (exchange) => {
      collect(exchange, (_body, error) => {
        kinds.push(error?.kind ?? 'none')
        exchange.respond(413, '', undefined)
      })
    },
    limits,
  )
  const announced = open(session, { ':method': 'POST', 'content-length': 100_001 })
  assert.equal((await announced.answer).status, 413)
  const { stream, answer } = open(session, { ':method': 'POST' })
  stream.write(Buffer.alloc(100_001))
  assert.equal((await answer).status, 413)
  assert.deepEqual(kinds, ['body-too-large', 'body-too-large'])
})

test('the handler hears that the client has reset the stream', async (t) => {
  const gone = Promise.withResolvers<WireError>()
  const { session } = await start(t, (exchange) => {
    departure(exchange).then(gone.resolve)
    stream.close(8)
  })
  const { stream } = open(session, {}, true)
  const error = await gone.promise
  assert.deepEqual([error.kind, error.side, error.retry], ['closed', 'client', 'never'])
})

test('the handler hears that the connection broke', async (t) => {
  const gone = Promise.withResolvers<WireError>()
  const { session } = await start(t, (exchange) => {
    departure(exchange).then(gone.resolve)
    session.destroy()
  })
  open(session, {}, true)
  assert.equal((await gone.promise).kind, 'closed')
})

test('a body that trickles is an error after the body timeout, one that flows is not', async (t) => {
  const arrived = Promise.withResolvers<void>()
  const { session, server } = await start(t, (exchange) => {
    echo(exchange)
    arrived.resolve()
  })
  const slow = open(session, { ':method': 'POST' })
  slow.stream.write('a little')
  await arrived.promise
  server.pass(35_000)
  const answer: Answer = await slow.answer
  assert.deepEqual([answer.status, answer.headers['x-kind']], [408, 'body-timeout'])

  const fast = open(session, { ':method': 'POST' })
  fast.stream.write(Buffer.alloc(50_000))
  while ((server.exchanges[1]?.requestBodyReceived ?? 0) < 50_000) {
    await new Promise<void>((resolve) => session.ping(() => resolve()))
  }
  server.pass(35_000)
  fast.stream.end()
  assert.equal((await fast.answer).status, 200)
})

test('a client that stops reading loses the stream after the write timeout', async (t) => {
  const gone = Promise.withResolvers<WireError>()
  const { session, server } = await start(t, (exchange) => {
    departure(exchange).then(gone.resolve)
    exchange.startResponse(200, '', -1)
    while (exchange.writeBody(Buffer.alloc(65_536)));
  })
  const stream = session.request({ ':path': '/' })
  stream.on('error', () => {})
  await once(stream, 'response')
  stream.pause()
  await new Promise<void>((resolve) => session.ping(() => resolve()))
  for (let i = 0; i < 3; i++) {
    server.pass(31_000)
    await new Promise<void>((resolve) => session.ping(() => resolve()))
  }
  assert.equal((await gone.promise).kind, 'write-timeout')
  assert.equal(session.destroyed, false)
})

test('a whole body that nobody reads does not stay for ever', async (t) => {
  const { session, server } = await start(t, (exchange) =>
    exchange.respond(200, '', Buffer.alloc(1_000_000)),
  )
  const stream = session.request({ ':path': '/' })
  stream.on('error', () => {})
  await once(stream, 'response')
  stream.pause()
  const closed = once(stream, 'close')
  for (let i = 0; i < 3; i++) {
    await new Promise<void>((resolve) => session.ping(() => resolve()))
    server.pass(31_000)
  }
  stream.resume()
  await closed
  assert.equal(stream.rstCode, 8)
})
