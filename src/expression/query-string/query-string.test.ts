import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodePathText } from './percent-coding.ts'
import { encodeQueryString, QueryString } from './query-string.ts'

const PARSED: [raw: string, parameters: [name: string, value: string][]][] = [
  ['', []],
  ['a', [['a', '']]],
  ['a=', [['a', '']]],
  ['=1', [['', '1']]],
  ['a=1=2', [['a', '1=2']]],
  [
    '&&a=1;;b=2&',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  [
    'a=1;a=2&a=3',
    [
      ['a', '1'],
      ['a', '2'],
      ['a', '3'],
    ],
  ],
  ['q=a+b%20c%2Bd', [['q', 'a b c+d']]],
  ['%C3%A9=%e2%82%ac', [['é', '€']]],
  ['a=%', [['a', '%']]],
  ['a=%4', [['a', '%4']]],
  ['a=%zz%41', [['a', '%zzA']]],
  ['a=%C3', [['a', '\ufffd']]],
  ['a=%EF%BB%BFx', [['a', '\ufeffx']]],
  ['a=%00', [['a', '\0']]],
  [
    'A=1&a=2',
    [
      ['A', '1'],
      ['a', '2'],
    ],
  ],
  [
    '__proto__=1&constructor=2',
    [
      ['__proto__', '1'],
      ['constructor', '2'],
    ],
  ],
]

for (const [raw, expected] of PARSED) {
  test(`parses ${JSON.stringify(raw)}`, () => {
    const { parameters } = new QueryString(raw)
    assert.deepEqual(
      parameters.map(({ name, value }) => [name, value]),
      expected,
    )
  })
}

test('last, all and joined', () => {
  const query = new QueryString('a=1&b=x&a=2;a=')
  assert.equal(query.last('a'), '')
  assert.deepEqual(query.all('a'), ['1', '2', ''])
  assert.equal(query.joined('a'), '1,2,')
  assert.equal(query.last('b'), 'x')
  for (const name of ['c', 'B', 'toString', '__proto__']) {
    assert.equal(query.last(name), undefined)
    assert.deepEqual(query.all(name), [])
    assert.equal(query.joined(name), undefined)
  }
})

test('what is encoded parses back, here and in URLSearchParams', () => {
  const parameter = fc.record({
    name: fc.string({ unit: 'grapheme' }),
    value: fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  })
  fc.assert(
    fc.property(fc.array(parameter), (parameters) => {
      const encoded = encodeQueryString(parameters)
      assert.match(encoded, /^[\w.~%=&-]*$/)
      const pairs = parameters.map(({ name, value }) => [name, value])
      assert.deepEqual([...new URLSearchParams(encoded)], pairs)
      const parsed = new QueryString(encoded).parameters
      assert.deepEqual(
        parsed.map(({ name, value }) => [name, value]),
        pairs,
      )
    }),
  )
})

test('decodes any query as URLSearchParams does, where only & separates', () => {
  const raw = fc.string({ unit: fc.constantFrom(...'ab+%4cC3=&'.split('')), maxLength: 40 })
  fc.assert(
    fc.property(raw, (text) => {
      // A leading `?` is the one thing that URLSearchParams takes away.
      const expected = [...new URLSearchParams(`?${text}`)]
      const { parameters } = new QueryString(text)
      assert.deepEqual(
        parameters.map(({ name, value }) => [name, value]),
        expected,
      )
    }),
  )
})

test('ten kilobytes of separators are no parameters', () => {
  assert.deepEqual(new QueryString('&;'.repeat(5_120)).parameters, [])
})

test('text in a path: what has a meaning in a URI is escaped', () => {
  assert.equal(encodePathText('a/b c?d#e%f'), 'a/b%20c%3Fd%23e%25f')
  assert.equal(encodePathText("-._~!$&'()*+,;=:@"), "-._~!$&'()*+,;=:@")
  assert.equal(encodePathText('é\r\n\0\ud800'), '%C3%A9%0D%0A%00%EF%BF%BD')
})
