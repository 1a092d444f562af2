import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FieldList, Field as ListedField } from '../h2/field.ts'
import { H2HeadReader } from './h2-head.ts'
import { RequestHead } from './request-head.ts'
import { RequestHeadParser } from './request-head-parser.ts'

const LIMITS = { headBytes: 1_024, headerCount: 8 }

type Field = readonly [string, string]

const PSEUDO: readonly Field[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'localhost'],
  [':path', '/'],
]

/** The ordinary request with pseudo-header fields replaced and fields added. */
function listOf(...fields: Field[]): string[] {
  const replaced = new Map(fields.filter(([name]) => name.startsWith(':')))
  const rest = fields.filter(([name]) => !name.startsWith(':'))
  const pseudo = PSEUDO.map(([name, value]): Field => [name, replaced.get(name) ?? value])
  return [...pseudo, ...rest].flat()
}

/** As the decoder hands it over. */
function fieldsOf(list: readonly string[]): FieldList {
  const decoded = new FieldList({ bytesMax: 100_000, countMax: 1_000 })
  for (let i = 0; i < list.length; i += 2) decoded.add(new ListedField(list[i]!, list[i + 1]!))
  return decoded
}

function readWith(reader: H2HeadReader, list: readonly string[], ended: boolean) {
  const head = new RequestHead(100)
  return reader.read(fieldsOf(list), ended, head) ? head : undefined
}

function read(list: readonly string[], ended = true) {
  const reader = new H2HeadReader(LIMITS)
  return { reader, head: readWith(reader, list, ended) }
}

test('a request reads like its HTTP/1 twin', () => {
  const { head, reader } = read(
    listOf(
      [':method', 'POST'],
      [':authority', 'API.example.com:8443'],
      [':path', '/a%20b?c=d&e'],
      ['content-length', '12'],
      ['cookie', 'a=1'],
      ['x-thing', 'v'],
      ['cookie', 'b=2'],
    ),
    false,
  )
  assert.ok(head !== undefined)
  assert.deepEqual(
    [head.method, head.path, head.query, head.host, head.authority, head.minorVersion],
    ['POST', '/a%20b', 'c=d&e', 'api.example.com', 'api.example.com:8443', 1],
  )
  assert.equal(head.fields.get('host'), 'API.example.com:8443')
  assert.equal(head.fields.get('cookie'), 'a=1; b=2')
  assert.equal(head.fields.get('x-thing'), 'v')
  assert.equal(reader.bodyBytes, 12)
})

const REFUSED: readonly (readonly [string, string[], string])[] = [
  ['a method that is no token', listOf([':method', 'GE T']), 'head-invalid'],
  ['a method too long', listOf([':method', 'M'.repeat(33)]), 'head-invalid'],
  ['CONNECT', listOf([':method', 'CONNECT']), 'head-invalid'],
  ['an empty method', listOf([':method', '']), 'head-invalid'],
  ['another scheme', listOf([':scheme', 'http']), 'head-invalid'],
  ['a relative path', listOf([':path', 'a']), 'head-invalid'],
  ['an absolute target', listOf([':path', 'https://localhost/']), 'head-invalid'],
  ['* with GET', listOf([':path', '*']), 'head-invalid'],
  ['a space in the path', listOf([':path', '/a b']), 'head-invalid'],
  ['a line end in the path', listOf([':path', '/a\r\nx: y']), 'head-invalid'],
  ['a fragment', listOf([':path', '/a#b']), 'head-invalid'],
  ['a byte beyond ASCII in the path', listOf([':path', '/\u00e4']), 'head-invalid'],
  ['half an escape', listOf([':path', '/%2']), 'head-invalid'],
  ['user information', listOf([':authority', 'me@localhost']), 'head-invalid'],
  ['an empty authority', listOf([':authority', '']), 'head-invalid'],
  ['a line end in the authority', listOf([':authority', 'a\r\nb']), 'head-invalid'],
  [
    'no authority and no host',
    PSEUDO.filter(([name]) => name !== ':authority').flat(),
    'head-invalid',
  ],
  ['no path', PSEUDO.filter(([name]) => name !== ':path').flat(), 'head-invalid'],
  ['no method', PSEUDO.filter(([name]) => name !== ':method').flat(), 'head-invalid'],
  ['another host', listOf(['host', 'other']), 'head-invalid'],
  ['two hosts', listOf(['host', 'localhost'], ['host', 'localhost']), 'head-invalid'],
  ['an empty host', listOf(['host', '']), 'head-invalid'],
  ['a repeated pseudo-header', [':path', '/x', ...listOf()], 'head-invalid'],
  ['an unknown pseudo-header', [':what', 'x', ...listOf()], 'head-invalid'],
  ['a response pseudo-header', [':status', '200', ...listOf()], 'head-invalid'],
  ['extended CONNECT', [':protocol', 'websocket', ...listOf()], 'head-invalid'],
  ['a pseudo-header behind fields', [...listOf(['a', 'b']), ':path', '/x'], 'head-invalid'],
  ['an upper-case name', listOf(['X-A', 'b']), 'head-invalid'],
  ['an empty name', listOf(['', 'b']), 'head-invalid'],
  ['a space in a name', listOf(['x a', 'b']), 'head-invalid'],
  ['a colon in a name', listOf(['x:a', 'b']), 'head-invalid'],
  ['a line end in a name', listOf(['x\na', 'b']), 'head-invalid'],
  ['a line end in a value', listOf(['x', 'a\r\ny: z']), 'head-invalid'],
  ['a NUL in a value', listOf(['x', 'a\0']), 'head-invalid'],
  ['a space before a value', listOf(['x', ' a']), 'head-invalid'],
  ['a tab behind a value', listOf(['x', 'a\t']), 'head-invalid'],
  ['connection', listOf(['connection', 'x-a']), 'head-invalid'],
  ['keep-alive', listOf(['keep-alive', '1']), 'head-invalid'],
  ['proxy-connection', listOf(['proxy-connection', 'close']), 'head-invalid'],
  ['transfer-encoding', listOf(['transfer-encoding', 'chunked']), 'head-invalid'],
  ['upgrade', listOf(['upgrade', 'h2c']), 'head-invalid'],
  ['te other than trailers', listOf(['te', 'gzip']), 'head-invalid'],
  ['an unknown expectation', listOf(['expect', '200-ok']), 'head-invalid'],
  ['two content-lengths', listOf(['content-length', '0'], ['content-length', '0']), 'body-framing'],
  ['a signed content-length', listOf(['content-length', '+0']), 'body-framing'],
  ['an empty content-length', listOf(['content-length', '']), 'body-framing'],
  ['a length without a body', listOf(['content-length', '1']), 'body-framing'],
  ['a list beyond the limit', listOf(['x', 'a'.repeat(1_000)]), 'head-too-large'],
  ['a path beyond the limit', listOf([':path', `/${'a'.repeat(1_024)}`]), 'target-too-long'],
  ['too many fields', listOf(...fields(8, 'x')), 'too-many-headers'],
  ['too many crumbs of one cookie', listOf(...fields(8, 'cookie')), 'too-many-headers'],
]

function fields(count: number, name: string): Field[] {
  return Array.from({ length: count }, (_, i): Field => [name, `v${i}`])
}

for (const [what, list, kind] of REFUSED) {
  test(`refused: ${what}`, () => {
    const { head, reader } = read(list)
    assert.equal(head, undefined)
    assert.equal(reader.error?.kind, kind)
    assert.equal(reader.error?.side, 'client')
  })
}

/** RFC 9113 §8.1.1 has the first kind end in a reset; the second is told by an answer. */
test('what is malformed is told from what is only refused', () => {
  const fate = (...fields: Field[]) => read(listOf(...fields)).reader.malformed
  for (const field of [
    ['connection', 'close'],
    ['X-A', 'b'],
    ['x', 'a\nb'],
    ['te', 'gzip'],
    ['content-length', '1'],
    [':path', ''],
    [':path', '/a b'],
    [':authority', 'me@localhost'],
    [':method', 'GE T'],
  ] as const) {
    assert.equal(fate(field), true, field.join(' '))
  }
  assert.equal(read([':status', '200', ...listOf()]).reader.malformed, true)
  assert.equal(fate(['x', ' a']), false)
  assert.equal(fate(['expect', 'more']), false)
  assert.equal(fate(['host', 'other']), false)
  assert.equal(fate([':scheme', 'http']), false)
  assert.equal(fate([':method', 'CONNECT']), false)
  assert.equal(fate([':path', '/a#b']), false)
  assert.equal(fate(['x', 'a'.repeat(2_000)]), false)
})

const ACCEPTED: readonly (readonly [string, string[]])[] = [
  ['OPTIONS *', listOf([':method', 'OPTIONS'], [':path', '*'])],
  ['te: trailers', listOf(['te', 'Trailers'])],
  ['a host that repeats the authority', listOf(['host', 'LOCALHOST'])],
  [
    'a host instead of an authority',
    [...PSEUDO.filter(([n]) => n !== ':authority').flat(), 'host', 'localhost'],
  ],
  ['an empty value', listOf(['x', ''])],
  ['bytes beyond ASCII in a value', listOf(['x', '\u00e4'])],
  ['as many fields as allowed', listOf(...fields(7, 'x'))],
  ['content-length 0 without a body', listOf(['content-length', '0'])],
]

for (const [what, list] of ACCEPTED) {
  test(`accepted: ${what}`, () => {
    const { head } = read(list)
    assert.equal(head?.host, 'localhost')
    assert.equal(head.fields.get('host')?.toLowerCase(), 'localhost')
  })
}

test('the size counts every field with 32 bytes, as RFC 9113 says', () => {
  const list = listOf(['x', ''])
  const used = list.reduce((sum, text) => sum + text.length, 0) + (list.length / 2) * 32
  const exact = listOf(['x', 'a'.repeat(LIMITS.headBytes - used)])
  const beyond = listOf(['x', 'a'.repeat(LIMITS.headBytes - used + 1)])
  assert.ok(read(exact).head !== undefined)
  assert.equal(read(beyond).reader.error?.kind, 'head-too-large')
})

test('nothing of one request is left in the next', () => {
  const reader = new H2HeadReader(LIMITS)
  const first = listOf(['cookie', 'a=1'], ['expect', '100-continue'], ['content-length', '3'])
  readWith(reader, first, false)
  const head = readWith(reader, listOf(), false)
  assert.equal(head?.fields.get('cookie'), undefined)
  assert.deepEqual([reader.expectContinue, reader.bodyBytes], [false, -1])
  assert.equal(readWith(reader, listOf([':path', '']), true), undefined)
  assert.equal(reader.error?.kind, 'head-invalid')
})

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/).map((name) => `x-${name}`)
const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/)
const path = fc.stringMatching(/^\/[a-zA-Z0-9/._~;=-]{0,30}$/)
const query = fc.option(fc.stringMatching(/^[a-zA-Z0-9&=[\]+]{0,20}$/), { nil: undefined })

test('property: what both versions can say means the same in both', () => {
  const parser = new RequestHeadParser({ headBytes: 16_384, headerCount: 100 })
  const reader = new H2HeadReader({ headBytes: 16_384, headerCount: 100 })
  fc.assert(
    fc.property(path, query, fc.array(fc.tuple(token, value), { maxLength: 6 }), (p, q, extra) => {
      const target = q === undefined ? p : `${p}?${q}`
      const lines = extra.map(([name, text]) => `${name}: ${text}\r\n`).join('')
      const bytes = Buffer.from(
        `GET ${target} HTTP/1.1\r\n${lines}Host: Example.com.\r\n\r\n`,
        'latin1',
      )
      const first = new RequestHead(100)
      assert.equal(parser.parse(bytes, 0, bytes.length, first), bytes.length)
      const second = readWith(
        reader,
        listOf([':path', target], [':authority', 'Example.com.'], ...extra),
        true,
      )
      assert.deepEqual(viewOf(second!), viewOf(first))
    }),
  )
})

function viewOf(head: RequestHead): unknown {
  const { method, path: p, query: q, host, authority, minorVersion, fields: list } = head
  const names = Array.from({ length: list.count }, (_, i) => list.name(i).toLowerCase())
  const entries = names.map((name, i) => [name, list.value(i), list.ids[i]])
  return {
    method,
    p,
    q,
    host,
    authority,
    minorVersion,
    entries,
    block: list.serialize(0).toLowerCase(),
  }
}

test('property: no list makes the reader throw, and what it lets through is clean', () => {
  const reader = new H2HeadReader(LIMITS)
  const wild = fc.string({ unit: 'binary', maxLength: 20 })
  const names = fc.oneof(wild, fc.constantFrom(':path', ':method', ':authority', 'host', 'cookie'))
  fc.assert(
    fc.property(fc.array(fc.tuple(names, wild), { maxLength: 6 }), fc.boolean(), (extra, ended) => {
      const head = readWith(reader, [...listOf(), ...extra.flat()], ended)
      if (head === undefined) assert.ok(reader.error !== undefined)
      else assert.match(head.fields.text, /^([!#-'*+.0-9^-z|~-]+: [^\0\r\n]*\r\n)+$/)
    }),
  )
})
