/** The hub's end against nghttp2, as the strict reader of what it writes, and against bytes that no peer may send. */

import assert from 'node:assert/strict'
import {
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
  type ServerStreamResponseOptions,
  type Settings,
} from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import test, { type TestContext } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { TimerWheel } from '../../base/timer-wheel.ts'
import { CODE, FRAME, PREFACE } from '../../http/h2/frame.ts'
import { RequestReader, RequestWriter } from '../request-fields.ts'
import type { LinkTransport } from '../transport.ts'
import type { FieldReader } from './field-block.ts'
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
  onHeaders(_fields: FieldReader, ended: boolean): void {
    this.seen.push(`headers ${ended}`)
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

/** Without a date, which nghttp2 would write in Huffman code. */
const PLAIN = { sendDate: false } as ServerStreamResponseOptions

/** The hub's end of a connection, and nghttp2 at the other. */
async function toNghttp2(
  t: TestContext,
  settings: Settings,
  answer: (stream: ServerHttp2Stream, fields: IncomingHttpHeaders, bytes: number) => void,
): Promise<{ readonly peer: LinkPeer; readonly recorder: Recorder }> {
  const server = createServer({ settings })
  server.on('stream', (stream: ServerHttp2Stream, fields) => {
    let bytes = 0
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    stream.on('end', () => answer(stream, fields, bytes))
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
  const limits = { streamsMax: 100, windowBytesMax: 262_144, blockBytesMax: 131_072 }
  const peer = new LinkPeer(transport, recorder, {
    ...limits,
    role: 'hub',
    timers,
    defer: setImmediate,
  })
  t.after(() => {
    socket.destroy()
    server.close()
    timers.stop()
  })
  socket.on('data', (bytes: Buffer) => peer.onBytes(bytes))
  socket.on('close', () => peer.onClosed('closed'))
  return { peer, recorder }
}

test('nghttp2 takes requests with bodies beyond every window, heads beyond a frame, and GOAWAY', async (t) => {
  const heard: string[] = []
  const { peer, recorder } = await toNghttp2(t, {}, (stream, fields, bytes) => {
    heard.push(`${fields[':method']} ${fields[':path']} ${fields[':authority']} ${bytes}`)
    heard.push(`${String(fields['x-long']).length} ${fields['postern-link']}`)
    stream.respond({ ':status': 200 }, PLAIN)
    stream.end(Buffer.alloc(300_000))
  })
  const head = `POST /a HTTP/1.1\r\nhost: svc.test\r\nx-long: ${'v'.repeat(20_000)}\r\n\r\n`
  const block = new RequestWriter(peer.fields).write(head, false, 'to=a:1')
  const stream = peer.open(block, false, recorder)
  stream.writeLast(Buffer.alloc(500_000))
  await until(() => recorder.seen.includes('end'))
  assert.deepEqual(heard, ['POST /a svc.test 500000', '20000 to=a:1'])
  assert.deepEqual(recorder.seen, ['headers false', 'end'])
  assert.equal(recorder.bytes, 300_000)
  assert.equal(peer.streams.size, 0)
  peer.sendGoAway()
  await until(() => recorder.gone !== '')
})

test('nghttp2 reads what refers to the table that it has offered, fields come and go', async (t) => {
  const heard: string[] = []
  // Less than what it begins with, so that the first block has to say so (RFC 7541 §4.2).
  const { peer, recorder } = await toNghttp2(t, { headerTableSize: 600 }, (stream, fields) => {
    heard.push(`${fields[':path']} ${fields['user-agent']} ${fields['x-id']} ${fields['cookie']}`)
    stream.respond({ ':status': 200 }, { ...PLAIN, endStream: true })
  })
  await until(() => peer.fields.version > 0)
  const requests = new RequestWriter(peer.fields)
  const sent: string[] = []
  for (let i = 0; i < 90; i++) {
    const agent = `agent${i % 7 === 0 ? i : i % 3}`
    const lines = `user-agent: ${agent}\r\nx-id: ${i >> 2}\r\ncookie: c${i % 5}\r\n`
    const head = `GET /a${i} HTTP/1.1\r\nhost: svc.test\r\n${lines}\r\n`
    peer.open(requests.write(head, false, 'to=a:1'), true, recorder)
    sent.push(`/a${i} ${agent} ${i >> 2} c${i % 5}`)
  }
  await until(() => heard.length === sent.length || recorder.gone !== '')
  assert.deepEqual(heard, sent)
  assert.equal(recorder.gone, '')
})

test('an end of the release before, which keeps no table, is sent none of it', () => {
  const timers = new TimerWheel(systemClock)
  const ends: LinkPeer[] = []
  const heard: string[] = []
  const fields = new Recorder()
  fields.onHeaders = (reader: FieldReader): void => {
    const request = requests.read(reader)
    heard.push(`${requests.path} ${request?.lines}`)
  }
  const requests = new RequestReader()
  const limits = { streamsMax: 100, windowBytesMax: 65_535, blockBytesMax: 65_536 }
  const due: (() => void)[] = []
  for (const role of ['hub', 'agent'] as const) {
    const other = ends.length === 0 ? 1 : 0
    const write = (bytes: Buffer): void => void due.push(() => ends[other]!.onBytes(bytes))
    const transport = { congested: false, write, end() {}, destroy() {} }
    const defer = (run: () => void): void => void due.push(run)
    const tableBytesMax = role === 'agent' ? 0 : 4_096
    ends.push(new LinkPeer(transport, fields, { ...limits, role, timers, defer, tableBytesMax }))
  }
  const pass = (): void => {
    while (due.length > 0) due.shift()!()
  }
  pass()
  const [hub] = ends
  const writer = new RequestWriter(hub!.fields)
  for (let i = 0; i < 3; i++) {
    hub!.open(
      writer.write(`GET /${i} HTTP/1.1\r\nhost: h\r\na: b\r\n\r\n`, false, 'to=a:1'),
      true,
      fields,
    )
    pass()
  }
  assert.deepEqual(heard, ['/0 a: b\r\n', '/1 a: b\r\n', '/2 a: b\r\n'])
  assert.equal(fields.gone, '')
  timers.stop()
})

/** A block: `:method` GET. */
const GET = '\x82'
/** A field of 4 000 bytes that gets a place in the table, and is said 100 times more. */
const BOMB = `\x40\x01a\x7f\x9f\x1e${'v'.repeat(3_998)}${'\xbe'.repeat(100)}`
const SETTINGS = frame(FRAME.settings, 0, 0)

const REFUSED: [string, Buffer][] = [
  ['no preface', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['a frame that is too long', Buffer.concat([PREFACE, Buffer.from([1, 0, 1, 0, 0, 0, 0, 0, 1])])],
  ['data of no stream', open(frame(FRAME.data, 0, 1, 'x'))],
  ['a stream with an even number', open(frame(FRAME.headers, 5, 2, GET))],
  ['CONTINUATION of nothing', open(frame(FRAME.continuation, 4, 1, 'x'))],
  [
    'HEADERS that something comes between',
    open(frame(FRAME.headers, 0, 1, GET), frame(FRAME.ping, 0, 0, '12345678')),
  ],
  ['a push', open(frame(FRAME.pushPromise, 4, 1, 'xxxx'))],
  ['padding longer than its frame', open(frame(FRAME.headers, 13, 1, '\xff'))],
  ['a window of nothing', open(frame(FRAME.windowUpdate, 0, 0, '\0\0\0\0'))],
  ['a window beyond its range', open(frame(FRAME.windowUpdate, 0, 0, '\x7f\xff\xff\xff'))],
  ['more data than the window', open(frame(FRAME.headers, 4, 1, GET), ...flood(2))],
  ['data after the end', open(frame(FRAME.headers, 5, 1, GET), frame(FRAME.data, 0, 1, 'x'))],
  ['SETTINGS of a stream', open(frame(FRAME.settings, 0, 1, '123456'))],
  ['a string in Huffman code', open(frame(FRAME.headers, 5, 1, '\x04\x81\x63'))],
  ['a field of no table', open(frame(FRAME.headers, 5, 1, '\xbe'))],
  ['a table larger than was offered', open(frame(FRAME.headers, 5, 1, '\x3f\xe1\xff\x03\x82'))],
  ['a new size behind a field', open(frame(FRAME.headers, 5, 1, '\x82\x20'))],
  ['a few bytes that say a megabyte', open(frame(FRAME.headers, 5, 1, BOMB))],
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
  peer.onBytes(open(frame(FRAME.headers, 4, 1, GET), frame(FRAME.headers, 4, 3, GET)))
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
