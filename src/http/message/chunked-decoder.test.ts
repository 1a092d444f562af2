import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { ChunkedDecoder } from './chunked-decoder.ts'

const LIMITS = { chunkHeadBytes: 32, chunkExtensionBytes: 64, trailerBytes: 48 }

interface Decoded {
  readonly data: string
  readonly rest: string
  readonly done: boolean
  readonly error: string
}

/** Decodes the text in the given pieces. */
function decode(pieces: readonly string[]): Decoded {
  const decoder = new ChunkedDecoder(LIMITS)
  let data = ''
  let rest = ''
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1')
    const next = decoder.decode(bytes, 0, bytes.length)
    if (next === -1) return { data, rest, done: false, error: decoder.error }
    data += bytes.toString('latin1', decoder.dataStart, decoder.dataEnd)
    rest += bytes.toString('latin1', next)
  }
  return { data, rest, done: decoder.done, error: '' }
}

const GOOD: readonly (readonly [text: string, data: string])[] = [
  ['0\r\n\r\n', ''],
  ['3\r\nabc\r\n0\r\n\r\n', 'abc'],
  ['3\r\nabc\r\nA\r\n0123456789\r\n000\r\n\r\n', 'abc0123456789'],
  ['3;a=b;c="d e"\r\nabc\r\n0;x\r\n\r\n', 'abc'],
  ['1\r\n\r\r\n1\r\n\n\r\n0\r\nX-T: v\r\nY:\r\n\r\n', '\r\n'],
]

for (const [text, data] of GOOD) {
  test(`${JSON.stringify(text)} is ${JSON.stringify(data)}, whole and at every split`, () => {
    assert.deepEqual(decode([`${text}GET`]), { data, rest: 'GET', done: true, error: '' })
    for (let at = 0; at <= text.length; at++) {
      const split = decode([text.slice(0, at), text.slice(at)])
      assert.deepEqual(split, { data, rest: '', done: true, error: '' }, `split at ${at}`)
    }
    assert.equal(decode([...text]).data, data)
  })
}

const BAD: readonly string[] = [
  '\r\n',
  'g\r\n',
  '-1\r\n',
  '+3\r\nabc',
  '0x3\r\nabc',
  ' 3\r\nabc',
  '3 \r\nabc',
  '3\nabc',
  '3\rabc',
  '3\r\nabcd\r\n',
  '3\r\nabc\n0\r\n\r\n',
  '3\r\nabc0\r\n\r\n',
  '1000000000000\r\n',
  '3;a\nb\r\nabc',
  `3;${'a'.repeat(40)}\r\n`,
  `${'1;aaaaaaaaaaaaaaaa\r\nx\r\n'.repeat(5)}`,
  '0\r\nX T: v\r\n\r\n',
  '0\r\n X: v\r\n\r\n',
  '0\r\nX: \0\r\n\r\n',
  '0\r\n\n',
  `0\r\nX: ${'v'.repeat(60)}\r\n\r\n`,
]

for (const text of BAD) {
  test(`${JSON.stringify(text.slice(0, 40))} is refused`, () => {
    const { error, done } = decode([text])
    assert.notEqual(error, '')
    assert.equal(done, false)
  })
}

test('any data in any chunks in any pieces comes out as it went in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 10 }),
      fc.integer({ min: 1, max: 17 }),
      (chunks, size) => {
        const texts = chunks.map((chunk) => Buffer.from(chunk).toString('latin1'))
        const wire = `${texts.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('')}0\r\n\r\n`
        const pieces = wire.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []
        assert.deepEqual(decode(pieces), { data: texts.join(''), rest: '', done: true, error: '' })
      },
    ),
  )
})
