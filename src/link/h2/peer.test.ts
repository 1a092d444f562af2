/** The hub's end against nghttp2, as the strict reader of what it writes, and against bytes that no peer may send. */

import assert from 'node:assert/strict'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import test from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { TimerWheel } from '../../base/timer-wheel.ts'
import { CODE, FRAME, PREFACE } from '../../http/h2/frame.ts'
import { requestBlock } from '../message-fields.ts'
import type { LinkTransport } from '../transport.ts'
import { LinkPeer, type PeerListener } from './peer.ts'
import type { LinkStream, StreamListener } from './stream.ts'

class Recorder implements PeerListener, StreamListener {
  gone = ''
  bytes = 0
  readonly seen: string[] = []
  /** Nobody reads, so no window is filled up again. */
  onStream(stream: LinkStream): StreamListener {
    stream.pause()
    return this
  }
  onReadEnd(): void {}
  onGoAway(): void {
    this.seen.push('goaway')
  }
  onStreamClosed(): void {}
  onGone(detail: string): void {
    this.gone = detail
  }
  onHeaders(block: Buffer, ended: boolean): void {
    this.seen.push(`headers ${block.length > 0} ${ended}`)
  }
  onData(chunk: Buffer): void {
    this.bytes += chunk.length
  }
  onEnd(): void {
    this.seen.push('end')
  }
  onWritable(): void {}
  onReset(code: number): void {
    this.seen.push(`reset ${code}`)
  }
}

test('nghttp2 takes requests with bodies beyond every window, heads beyond a frame, and GOAWAY', async (t) => {
  const heard: string[] = []
  const server = createServer()
  server.on('stream', (stream: ServerHttp2Stream, fields) => {
    let bytes = 0
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    stream.on('end', () => {
      heard.push(`${fields[':method']} ${fields[':path']} ${fields[':authority']} ${bytes}`)
      heard.push(`${String(fields['x-long']).length} ${fields['postern-link']}`)
      stream.respond({ ':status': 200 })
      stream.end(Buffer.alloc(300_000))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const recorder = new Recorder()
  const timers = new TimerWheel(systemClock)
  const transport: LinkTransport = {
    congested: false,
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  }
  const peer = new LinkPeer(transport, recorder, {
    role: 'hub',
    timers,
    defer: setImmediate,
    streamsMax: 100,
    windowBytesMax: 262_144,
    blockBytesMax: 131_072,
  })
  t.after(() => {
    socket.destroy()
    server.close()
    timers.stop()
  })
  socket.on('data', (bytes: Buffer) => peer.onBytes(bytes))
  socket.on('close', () => peer.onClosed('closed'))
  const head = `POST /a HTTP/1.1\r\nhost: svc.test\r\nx-long: ${'v'.repeat(20_000)}\r\n\r\n`
  const stream = peer.open(requestBlock(head, false, 'to=a:1'), false, recorder)
  stream.writeLast(Buffer.alloc(500_000))
  await until(() => recorder.seen.includes('end'))
  assert.deepEqual(heard, ['POST /a svc.test 500000', '20000 to=a:1'])
  assert.deepEqual(recorder.seen, ['headers true false', 'end'])
  assert.equal(recorder.bytes, 300_000)
  assert.equal(peer.streams.size, 0)
  peer.sendGoAway()
  await until(() => recorder.gone !== '')
})

const SETTINGS = frame(FRAME.settings, 0, 0)

const REFUSED: [string, Buffer][] = [
  ['no preface', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['a frame that is too long', Buffer.concat([PREFACE, Buffer.from([1, 0, 1, 0, 0, 0, 0, 0, 1])])],
  ['data of no stream', open(frame(FRAME.data, 0, 1, 'x'))],
  ['a stream with an even number', open(frame(FRAME.headers, 5, 2, 'x'))],
  ['CONTINUATION of nothing', open(frame(FRAME.continuation, 4, 1, 'x'))],
  [
    'HEADERS that something comes between',
    open(frame(FRAME.headers, 0, 1, 'x'), frame(FRAME.ping, 0, 0, '12345678')),
  ],
  ['a push', open(frame(FRAME.pushPromise, 4, 1, 'xxxx'))],
  ['padding longer than its frame', open(frame(FRAME.headers, 13, 1, '\xff'))],
  ['a window of nothing', open(frame(FRAME.windowUpdate, 0, 0, '\0\0\0\0'))],
  ['a window beyond its range', open(frame(FRAME.windowUpdate, 0, 0, '\x7f\xff\xff\xff'))],
  ['more data than the window', open(frame(FRAME.headers, 4, 1, 'x'), ...flood(2))],
  ['data after the end', open(frame(FRAME.headers, 5, 1, 'x'), frame(FRAME.data, 0, 1, 'x'))],
  ['SETTINGS of a stream', open(frame(FRAME.settings, 0, 1, '123456'))],
  ['a short PING', open(frame(FRAME.ping, 0, 0, '1'))],
  ['a short RST_STREAM', open(frame(FRAME.reset, 0, 1, '1'))],
]

for (const [what, bytes] of REFUSED) {
  test(`the connection ends over ${what}`, () => {
    const recorder = new Recorder()
    const timers = new TimerWheel(systemClock)
    const transport = { congested: false, write() {}, end() {}, destroy() {} }
    const peer = new LinkPeer(transport, recorder, {
      role: 'agent',
      timers,
      defer: () => {},
      streamsMax: 10,
      windowBytesMax: 65_535,
      blockBytesMax: 65_536,
    })
    // However it is cut into pieces.
    for (let at = 0; at < bytes.length; at += 7) peer.onBytes(bytes.subarray(at, at + 7))
    assert.notEqual(recorder.gone, '')
    timers.stop()
  })
}

test('a stream beyond the most is refused, and the connection goes on', () => {
  const recorder = new Recorder()
  const timers = new TimerWheel(systemClock)
  const written: Buffer[] = []
  let flush = (): void => {}
  const transport: LinkTransport = {
    congested: false,
    write: (bytes) => void written.push(bytes),
    end() {},
    destroy() {},
  }
  const peer = new LinkPeer(transport, recorder, {
    role: 'agent',
    timers,
    defer: (run) => {
      flush = run
    },
    streamsMax: 1,
    windowBytesMax: 65_535,
    blockBytesMax: 65_536,
  })
  peer.onBytes(open(frame(FRAME.headers, 4, 1, 'x'), frame(FRAME.headers, 4, 3, 'x')))
  flush()
  assert.equal(recorder.gone, '')
  assert.equal(peer.streams.size, 1)
  const refusal = frame(FRAME.reset, 0, 3, `\0\0\0${String.fromCharCode(CODE.refusedStream)}`)
  assert.ok(Buffer.concat(written).includes(refusal))
  timers.stop()
})

function frame(type: number, flags: number, id: number, payload = ''): Buffer {
  const body = Buffer.from(payload, 'latin1')
  const head = Buffer.alloc(9)
  head.writeUIntBE(body.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(id, 5)
  return Buffer.concat([head, body])
}

function open(...frames: Buffer[]): Buffer {
  return Buffer.concat([PREFACE, SETTINGS, ...frames])
}

/** So many frames, one window each. */
function flood(frames: number): Buffer[] {
  const one = frame(FRAME.data, 0, 1, 'x'.repeat(65_535))
  return Array.from({ length: frames }, () => one)
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.ok(holds())
}
