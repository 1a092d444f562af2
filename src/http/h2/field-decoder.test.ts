import assert from 'node:assert/strict'
import http2 from 'node:http2'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { FieldList } from './field.ts'
import { FieldDecoder } from './field-decoder.ts'
import { STATIC_TABLE } from './static-table.ts'

type Pair = readonly [name: string, value: string]

function listOf(bytesMax = 1_000_000, countMax = 10_000): FieldList {
  return new FieldList({ bytesMax, countMax })
}

/** Undefined: the block cannot be decoded. */
function decode(decoder: FieldDecoder, block: Buffer, list = listOf()): Pair[] | undefined {
  // Somewhere inside a larger buffer, as on the wire.
  const inside = Buffer.concat([Buffer.alloc(3, 0xff), block, Buffer.alloc(3, 0xff)])
  list.reset()
  if (!decoder.decode(inside, 3, 3 + block.length, list)) return undefined
  return list.fields.slice(0, list.count).map(({ name, value }) => [name, value])
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

test('requests of RFC 7541, C.3 and C.4: the same three with and without Huffman code', () => {
  const ordinary: Pair[] = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
  ]
  const third: Pair[] = [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', '/index.html'],
    [':authority', 'www.example.com'],
    ['custom-key', 'custom-value'],
  ]
  for (const blocks of [
    [
      '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '8286 84be 5808 6e6f 2d63 6163 6865',
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
    ],
    [
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ],
  ]) {
    const decoder = new FieldDecoder(4_096)
    assert.deepEqual(decode(decoder, hex(blocks[0]!)), ordinary)
    assert.deepEqual(decode(decoder, hex(blocks[1]!)), [...ordinary, ['cache-control', 'no-cache']])
    assert.deepEqual(decode(decoder, hex(blocks[2]!)), third)
  }
})

const REFUSED: readonly (readonly [string, string])[] = [
  ['index 0', '80'],
  ['an index behind the table', 'be'],
  ['a name behind the table', '7e 0161'],
  ['an index that does not end', 'ff ffff'],
  ['an index without measure', 'ff ffffffffff7f'],
  ['no value', '40 0161'],
  ['a name longer than the block', '40 0561'],
  ['a value longer than the block', '40 0161 0562'],
  ['a length that does not end', '40 7f'],
  ['a broken Huffman string', '40 0161 81ff'],
  ['a table larger than announced', '3fe2 1f'],
  ['a change of the table behind a field', '82 20'],
]

for (const [what, block] of REFUSED) {
  test(`refused: ${what}`, () => {
    assert.equal(decode(new FieldDecoder(4_096), hex(block)), undefined)
  })
}

test('a table that is made smaller forgets, and one that is made larger does not remember', () => {
  const decoder = new FieldDecoder(4_096)
  assert.deepEqual(decode(decoder, hex('40 0161 0162')), [['a', 'b']])
  assert.deepEqual(decode(decoder, hex('be')), [['a', 'b']])
  assert.equal(decode(decoder, hex('20 3fe11f be')), undefined)
})

test('a list that is full is read to its end, and says so', () => {
  const decoder = new FieldDecoder(4_096)
  const list = listOf(100, 10)
  assert.deepEqual(decode(decoder, hex('82 84 86 40 0161 0162'), list), [
    [':method', 'GET'],
    [':path', '/'],
  ])
  assert.equal(list.truncated, true)
  // The field that was left out stands in the table all the same.
  assert.deepEqual(decode(decoder, hex('be')), [['a', 'b']])
})

/** A sender that chooses at random among all ways to say a field; its table is a list. */
class WildEncoder {
  readonly #table: Pair[] = []

  encode(fields: readonly (readonly [Pair, number])[]): Buffer {
    return Buffer.concat(fields.map(([field, choice]) => this.#field(field, choice)))
  }

  #field(field: Pair, choice: number): Buffer {
    const all = [...STATIC_TABLE.slice(1), ...this.#table]
    const whole = all.findIndex(([name, value]) => name === field[0] && value === field[1])
    if (whole !== -1 && choice % 2 === 0) return integer(whole + 1, 7, 0x80)
    const named = choice % 3 === 0 ? -1 : all.findIndex(([name]) => name === field[0])
    const [pattern, bits] = (
      [
        [0x40, 6],
        [0, 4],
        [0x10, 4],
      ] as const
    )[choice % 3]!
    const head = integer(named + 1, bits, pattern)
    if (pattern === 0x40) this.#insert(field)
    return Buffer.concat([
      head,
      named === -1 ? literal(field[0]) : Buffer.alloc(0),
      literal(field[1]),
    ])
  }

  #insert(field: Pair): void {
    this.#table.unshift(field)
    const size = () =>
      this.#table.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0)
    while (size() > 512) this.#table.pop()
  }
}

function integer(value: number, bits: number, pattern: number): Buffer {
  const most = 2 ** bits - 1
  if (value < most) return Buffer.from([pattern | value])
  const bytes = [pattern | most]
  let rest = value - most
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

function literal(text: string): Buffer {
  return Buffer.concat([integer(text.length, 7, 0), Buffer.from(text, 'latin1')])
}

const pair = fc.oneof(
  fc.constantFrom<Pair>(
    [':method', 'GET'],
    ['accept', '*/*'],
    ['accept-encoding', 'gzip, deflate'],
  ),
  fc.tuple(
    fc.constantFrom('x-a', 'x-b', 'cookie', 'date'),
    fc.constantFrom('', '1', '2'.repeat(40)),
  ),
  fc.tuple(
    fc.constant('x-long'),
    fc.constantFrom('l'.repeat(126), 'l'.repeat(127), 'l'.repeat(600)),
  ),
)

test('property: block after block, whatever the sender chooses', () => {
  const block = fc.array(fc.tuple(pair, fc.nat(5)), { maxLength: 12 })
  fc.assert(
    fc.property(fc.array(block, { maxLength: 12 }), (blocks) => {
      const encoder = new WildEncoder()
      const decoder = new FieldDecoder(512)
      for (const fields of blocks) {
        assert.deepEqual(
          decode(decoder, encoder.encode(fields)),
          fields.map(([field]) => field),
        )
      }
    }),
  )
})

test('property: no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), (blocks) => {
      const decoder = new FieldDecoder(256)
      for (const block of blocks) if (decode(decoder, Buffer.from(block)) === undefined) break
    }),
  )
})

test('what nghttp2 encodes: Huffman code and dynamic table of real clients', async () => {
  const sent: Buffer[] = []
  const wire = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      sent.push(chunk)
      done()
    },
  })
  const session = http2.connect('http://localhost', { createConnection: () => wire })
  const requests = Array.from({ length: 60 }, (_, i) => ({
    ':method': 'GET',
    ':scheme': 'http',
    ':authority': 'localhost',
    ':path': `/${'p'.repeat(i)}`,
    'x-all': String.fromCharCode(
      ...Array.from({ length: 94 }, (_, k) => 0x21 + ((k * 7 + i) % 94)),
    ),
    'x-high': String.fromCharCode(
      ...Array.from({ length: 64 }, (_, k) => 0xa0 + ((k * 5 + i) % 96)),
    ),
    'x-again': `value ${i % 3}`,
  }))
  for (const request of requests) session.request(request).on('error', () => {})
  while (blocksIn(sent).length < requests.length) await new Promise(setImmediate)
  const decoder = new FieldDecoder(4_096)
  for (const [i, block] of blocksIn(sent).entries()) {
    assert.deepEqual(decode(decoder, block), Object.entries(requests[i]!))
  }
  session.destroy()
})

/** Payloads of the HEADERS frames behind the preface; each block is a frame. */
function blocksIn(sent: readonly Buffer[]): Buffer[] {
  const bytes = Buffer.concat(sent)
  const blocks: Buffer[] = []
  for (let at = 24; at + 9 <= bytes.length; ) {
    const end = at + 9 + bytes.readUIntBE(at, 3)
    if (bytes[at + 3] === 1 && end <= bytes.length) blocks.push(bytes.subarray(at + 9, end))
    at = end
  }
  return blocks
}
