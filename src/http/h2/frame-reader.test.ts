import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CODE, FLAG, FRAME, PREFACE } from './frame.ts'
import { type BlockPiece, type DataPiece, type FrameListener, FrameReader } from './frame-reader.ts'

const LIMITS = { frameBytesMax: 64, blockBytesMax: 100, blockFramesMax: 4 }

/** Writes down what it is told; DATA of one frame as one, however it came. */
class Recorder implements FrameListener {
  readonly events: string[] = []
  #data = ''
  #flowBytes = 0

  onData(id: number, { bytes, from, to, flowBytes, ended }: DataPiece): void {
    this.#data += bytes.toString('latin1', from, to)
    this.#flowBytes += flowBytes
    if (!ended) return
    this.events.push(`data ${id} ${this.#data} ${this.#flowBytes}`)
    this.#data = ''
    this.#flowBytes = 0
  }
  onBlock(id: number, { bytes, from, to, ended }: BlockPiece): void {
    this.events.push(`block ${id} ${bytes.toString('latin1', from, to)} ${ended}`)
  }
  onPriority(): void {
    this.events.push('priority')
  }
  onReset(id: number, code: number): void {
    this.events.push(`reset ${id} ${code}`)
  }
  onSettings(bytes: Buffer, from: number, to: number): void {
    this.events.push(`settings ${bytes.toString('hex', from, to)}`)
  }
  onSettingsAck(): void {
    this.events.push('settings ack')
  }
  onPing(bytes: Buffer, from: number): void {
    this.events.push(`ping ${bytes.toString('hex', from, from + 8)}`)
  }
  onPingAck(): void {
    this.events.push('ping ack')
  }
  onGoAway(): void {
    this.events.push('goaway')
  }
  onWindowUpdate(id: number, increment: number): void {
    this.events.push(`window ${id} ${increment}`)
  }
  onExtension(): void {
    this.events.push('extension')
  }
  onFault(code: number): void {
    this.events.push(`fault ${code}`)
  }
}

function frame(type: number, flags: number, id: number, payload: string | Buffer = ''): Buffer {
  const body = Buffer.from(payload as string, 'latin1')
  const head = Buffer.alloc(9)
  head.writeUIntBE(body.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(id, 5)
  return Buffer.concat([head, body])
}

const number32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Reads pieces out of a buffer that is overwritten after each, as the shared one is. */
function record(pieces: readonly Buffer[]): string[] {
  const recorder = new Recorder()
  const reader = new FrameReader(recorder, LIMITS)
  for (const piece of pieces) {
    const shared = Buffer.concat([piece, Buffer.alloc(20, 0xee)])
    reader.read(shared, piece.length)
    shared.fill(0xdd)
  }
  return recorder.events
}

const { endStream, endHeaders, padded, priority, ack } = FLAG
const SETTINGS = frame(FRAME.settings, 0, 0, Buffer.from('000300000064', 'hex'))

const CONVERSATION: readonly (readonly [Buffer, string | undefined])[] = [
  [PREFACE, undefined],
  [SETTINGS, 'settings 000300000064'],
  [frame(FRAME.settings, ack, 0), 'settings ack'],
  [frame(FRAME.headers, endHeaders, 1, 'block'), 'block 1 block false'],
  [frame(FRAME.data, 0, 1, 'da'), undefined],
  [frame(FRAME.data, padded, 1, '\x03ta\0\0\0'), undefined],
  [frame(FRAME.data, padded, 1, '\0'), undefined],
  [frame(FRAME.data, endStream, 1, '!'), 'data 1 data! 10'],
  [frame(FRAME.headers, endStream, 3, 'one'), undefined],
  [frame(FRAME.continuation, 0, 3, 'two'), undefined],
  [frame(FRAME.continuation, endHeaders, 3, 'three'), 'block 3 onetwothree true'],
  [
    frame(FRAME.headers, endHeaders | padded | priority, 5, `\x02\0\0\0\x01\x10field\0\0`),
    'block 5 field false',
  ],
  [frame(FRAME.data, endStream, 5), 'data 5  0'],
  [frame(FRAME.priority, 0, 5, '\0\0\0\x01\x10'), 'priority'],
  [frame(FRAME.ping, 0, 0, '12345678'), 'ping 3132333435363738'],
  [frame(FRAME.windowUpdate, 0, 0, number32(0x80000007)), 'window 0 7'],
  [frame(0x42, 0xff, 9, 'whatever'), 'extension'],
  [frame(FRAME.reset, 0, 1, number32(8)), 'reset 1 8'],
  [frame(FRAME.data, endStream | padded, 0x80000007, '\x01xy\0'), 'data 7 xy 4'],
  [frame(FRAME.goAway, 0, 0, '12345678why'), 'goaway'],
]
const BYTES = Buffer.concat(CONVERSATION.map(([bytes]) => bytes))
const EVENTS = CONVERSATION.flatMap(([, event]) => event ?? [])

test('a conversation, read at once and byte by byte', () => {
  assert.deepEqual(record([BYTES]), EVENTS)
  assert.deepEqual(record(Array.from(BYTES, (byte) => Buffer.from([byte]))), EVENTS)
})

test('the same at every split', () => {
  for (let at = 0; at <= BYTES.length; at++) {
    assert.deepEqual(record([BYTES.subarray(0, at), BYTES.subarray(at)]), EVENTS)
  }
})

test('property: the same at any splits, and half a conversation is its beginning', () => {
  const cuts = fc.array(fc.nat(BYTES.length), { maxLength: 6 })
  fc.assert(
    fc.property(cuts, fc.nat(BYTES.length), (at, end) => {
      const points = [0, ...at.filter((cut) => cut <= end).toSorted((a, b) => a - b), end]
      const pieces = points.slice(1).map((to, i) => BYTES.subarray(points[i], to))
      const events = record(pieces)
      assert.deepEqual(events, EVENTS.slice(0, events.length))
    }),
  )
})

const { protocolError, frameSizeError, enhanceYourCalm } = CODE
const FAULTS: readonly (readonly [string, Buffer, number])[] = [
  ['DATA on stream 0', frame(FRAME.data, 0, 0, 'x'), protocolError],
  ['padded DATA without room for it', frame(FRAME.data, padded, 1), protocolError],
  ['padding as long as its frame', frame(FRAME.data, padded, 1, '\x01'), protocolError],
  ['padded HEADERS without room for it', frame(FRAME.headers, padded, 1), protocolError],
  ['HEADERS too short for priority', frame(FRAME.headers, priority, 1, 'abcd'), protocolError],
  ['too long a frame', frame(FRAME.data, 0, 1, 'x'.repeat(65)), frameSizeError],
  ['too long an unknown frame', frame(0x42, 0, 1, 'x'.repeat(65)), frameSizeError],
  [
    'a window that grows by nothing',
    frame(FRAME.windowUpdate, 0, 1, number32(0x80000000)),
    protocolError,
  ],
  [
    'too long a block',
    Buffer.concat([
      frame(FRAME.headers, 0, 1, 'x'.repeat(60)),
      frame(FRAME.continuation, 0, 1, 'x'.repeat(60)),
    ]),
    enhanceYourCalm,
  ],
  [
    'a block of too many frames',
    Buffer.concat([
      frame(FRAME.headers, 0, 1),
      ...Array.from({ length: 4 }, () => frame(FRAME.continuation, 0, 1)),
    ]),
    enhanceYourCalm,
  ],
]

for (const [what, bytes, code] of FAULTS) {
  test(`refused, and nothing read behind it: ${what}`, () => {
    const all = Buffer.concat([PREFACE, SETTINGS, bytes, frame(FRAME.ping, 0, 0, '12345678')])
    for (const pieces of [[all], Array.from(all, (byte) => Buffer.from([byte]))]) {
      assert.deepEqual(record(pieces).slice(1), [`fault ${code}`])
    }
  })
}

test('another preface, and anything but SETTINGS behind it', () => {
  assert.deepEqual(record([Buffer.from('GET / HTTP/1.1\r\n\r\n')]), [`fault ${protocolError}`])
  for (const first of [frame(FRAME.ping, 0, 0, '12345678'), frame(FRAME.settings, ack, 0)]) {
    assert.deepEqual(record([PREFACE, first]), [`fault ${protocolError}`])
  }
})

test('property: no bytes make it throw, and after a fault there is silence', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 5 }), (pieces) => {
      const events = record([PREFACE, SETTINGS, ...pieces.map((piece) => Buffer.from(piece))])
      const fault = events.findIndex((event) => event.startsWith('fault'))
      assert.ok(fault === -1 || fault === events.length - 1)
    }),
  )
})
