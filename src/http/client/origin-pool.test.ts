import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../base/clock.ts'
import { TimerWheel } from '../../base/timer-wheel.ts'
import type { WireError } from '../wire-error.ts'
import { OriginPool } from './origin-pool.ts'
import type { OriginListener, OriginRequest } from './origin-request.ts'

const LIMITS = {
  headBytes: 8_192,
  headerCount: 32,
  chunkHeadBytes: 64,
  chunkExtensionBytes: 64,
  trailerBytes: 64,
  connections: 8,
  waiting: 8,
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 5_000,
}

/** Collects what a call hears. */
class Listener implements OriginListener {
  drains = 0
  readonly heard: Promise<string>
  #tell: (what: string) => void = () => {}

  constructor() {
    this.heard = new Promise((resolve) => {
      this.#tell = resolve
    })
  }

  onResponse(head: { readonly status: number }, _body: Buffer, complete: boolean): void {
    if (complete) this.#tell(String(head.status))
  }
  onResponseData(): void {}
  onResponseEnd(): void {
    this.#tell('end')
  }
  onRequestDrain(): void {
    this.drains++
  }
  onOriginError(error: WireError): void {
    this.#tell(error.kind)
  }
}

function request(given: Partial<OriginRequest> & { readonly head: string }): OriginRequest {
  return {
    method: 'POST',
    body: undefined,
    streamedBodyBytes: undefined,
    responseTimeoutMs: 5_000,
    idleTimeoutMs: 5_000,
    ...given,
  }
}

/** An origin that reads nothing until it is told to. */
async function setUp(t: TestContext): Promise<{ pool: OriginPool; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer({ pauseOnConnect: true }, (socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const timers = new TimerWheel(systemClock)
  const { port } = server.address() as AddressInfo
  const pool = new OriginPool({ host: '127.0.0.1', port, tls: undefined }, LIMITS, timers)
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    timers.stop()
  })
  return { pool, sockets }
}

async function until(look: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000 && !look(); i++) await pause(1)
  assert.ok(look())
}

test('a connection whose last request is still on its way out is not used again', async (t) => {
  const { pool, sockets } = await setUp(t)
  const first = new Listener()
  const call = pool.send(
    request({ head: 'POST /1 HTTP/1.1\r\n\r\n', streamedBodyBytes: -1 }),
    first,
  )
  await until(() => first.drains === 1)
  const piece = Buffer.alloc(16_384, 'x')
  for (let drains = 0; drains !== first.drains; ) {
    drains = first.drains
    while (call.writeBody(piece));
    await pause(50)
  }
  call.endBody()
  sockets[0]!.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  assert.equal(await first.heard, '200')
  const second = new Listener()
  pool.send(request({ head: 'POST /2 HTTP/1.1\r\n\r\n' }), second)
  await until(() => sockets.length === 2)
  sockets[1]!.write('HTTP/1.1 204 No Content\r\n\r\n')
  assert.equal(await second.heard, '204')
})

test('a connection that is used again takes the next call', async (t) => {
  const { pool, sockets } = await setUp(t)
  for (const status of ['200', '201', '202']) {
    const listener = new Listener()
    const call = pool.send(
      request({ head: 'POST / HTTP/1.1\r\n\r\n', streamedBodyBytes: -1 }),
      listener,
    )
    await until(() => call.canWrite && sockets.length === 1)
    call.writeBody(Buffer.from('small'))
    call.endBody()
    await pause(1)
    sockets[0]!.write(`HTTP/1.1 ${status} Fine\r\nContent-Length: 0\r\n\r\n`)
    assert.equal(await listener.heard, status)
  }
  assert.equal(pool.connectionCount, 1)
})
