import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FieldList } from '../h2/field.ts'
import { FieldDecoder } from '../h2/field-decoder.ts'
import { fieldBlockRoom, writeContentLength, writeResponseFields } from './h2-fields.ts'

/** What the written block decodes to, after a look at its size. */
function written(status: number, block: string, bodyBytes: number): string[] {
  const target = Buffer.alloc(fieldBlockRoom(block) + 5)
  let end = writeResponseFields(target, 5, status, block)
  if (bodyBytes >= 0) end = writeContentLength(target, end, bodyBytes)
  assert.ok(end <= target.length)
  const list = new FieldList({ bytesMax: 10_000_000, countMax: 10_000 })
  assert.ok(new FieldDecoder(0).decode(target, 5, end, list))
  return list.fields.slice(0, list.count).flatMap(({ name, value }) => [name, value])
}

/** The same in an obvious way. */
function expected(status: number, block: string, bodyBytes: number): string[] {
  const dropped =
    /^(connection|content-length|http2-settings|keep-alive|proxy-connection|te|transfer-encoding|upgrade)$/
  const lines = block.split('\r\n').slice(0, -1)
  const pairs = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const
  })
  const fields = pairs.filter(([name]) => !dropped.test(name)).flat()
  const length = bodyBytes < 0 ? [] : ['content-length', String(bodyBytes)]
  return [':status', String(status), ...fields, ...length]
}

const CASES: readonly (readonly [string, string, number, string[]])[] = [
  ['an empty block', '', -1, []],
  ['names become lower case', 'X-Thing: A b: c\r\n', -1, ['x-thing', 'A b: c']],
  ['an empty value', 'x: \r\n', -1, ['x', '']],
  [
    'repeated fields stay apart',
    'set-cookie: a=1\r\nset-cookie: b=2\r\n',
    -1,
    ['set-cookie', 'a=1', 'set-cookie', 'b=2'],
  ],
  [
    'fields of a connection are dropped',
    'connection: close\r\nKeep-Alive: 1\r\ntransfer-encoding: chunked\r\nupgrade: h2c\r\nte: gzip\r\na: b\r\n',
    -1,
    ['a', 'b'],
  ],
  ['the length is the one given', 'content-length: 5\r\n', 7, ['content-length', '7']],
  ['no length', 'content-length: 5\r\n', -1, []],
]

for (const [what, block, bodyBytes, fields] of CASES) {
  test(what, () => {
    assert.deepEqual(written(200, block, bodyBytes), [':status', '200', ...fields])
  })
}

test('every length of a value, around those where the number of its bytes changes', () => {
  for (const length of [0, 1, 126, 127, 128, 254, 255, 256, 16_510, 16_511, 16_512, 40_000]) {
    const block = `x-long: ${'v'.repeat(length)}\r\nlocation: /\r\n`
    assert.deepEqual(written(302, block, length), expected(302, block, length))
  }
})

const name = fc.oneof(
  fc.constantFrom('Date', 'Content-Type', 'via', 'te', 'Age', 'Set-Cookie', 'upgrade', 'te-st'),
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,40}$/),
  fc.stringMatching(/^[a-z]{120,140}$/),
)
const value = fc.oneof(
  fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,30}$/),
  fc.stringMatching(/^[ -~]{100,300}$/),
)
const status = fc.oneof(
  fc.constantFrom(200, 204, 304, 404, 500),
  fc.integer({ min: 200, max: 599 }),
)

test('property: a block decodes to what stands in it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, value)),
      status,
      fc.integer({ min: -1 }),
      (fields, code, bytes) => {
        const block = fields.map(([n, v]) => `${n}: ${v}\r\n`).join('')
        assert.deepEqual(written(code, block, bytes), expected(code, block, bytes))
      },
    ),
  )
})
