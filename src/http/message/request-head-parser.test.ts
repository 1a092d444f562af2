import assert from 'node:assert/strict'
import test from 'node:test'
import { RequestHead } from './request-head.ts'
import { INCOMPLETE, REFUSED, RequestHeadParser } from './request-head-parser.ts'

const LIMITS = { headBytes: 512, headerCount: 8 }

interface Parsed {
  readonly result: number
  readonly head: RequestHead
  readonly parser: RequestHeadParser
}

function parse(text: string): Parsed {
  const parser = new RequestHeadParser(LIMITS)
  const head = new RequestHead(LIMITS.headerCount)
  const bytes = Buffer.from(text, 'latin1')
  return { result: parser.parse(bytes, 0, bytes.length, head), head, parser }
}

/** `GET / HTTP/1.1` with a Host and these lines. */
function withLines(...lines: string[]): string {
  return `${['GET / HTTP/1.1', 'Host: a', ...lines].join('\r\n')}\r\n\r\n`
}

test('a plain request', () => {
  const { result, head, parser } = parse(
    'GET /a/b?c=d HTTP/1.1\r\nHost: Example.COM:8080\r\nX-One:  two \t\r\n\r\nrest',
  )
  assert.equal(result, 64)
  assert.equal(head.method, 'GET')
  assert.equal(head.path, '/a/b')
  assert.equal(head.query, 'c=d')
  assert.equal(head.host, 'example.com')
  assert.equal(head.authority, 'example.com:8080')
  assert.equal(head.fields.get('x-one'), 'two')
  assert.equal(parser.bodyBytes, 0)
  assert.equal(parser.keepAlive, true)
})

const ACCEPTED: readonly (readonly [
  what: string,
  text: string,
  see: (parsed: Parsed) => unknown,
  expected: unknown,
])[] = [
  ['an empty line before', `\r\n${withLines()}`, ({ head }) => head.method, 'GET'],
  [
    'an absolute target',
    'GET http://A/x?y HTTP/1.1\r\nHost: a\r\n\r\n',
    ({ head }) => head.path + head.query,
    '/xy',
  ],
  [
    'an absolute target without path',
    'GET http://a HTTP/1.1\r\nHost: a\r\n\r\n',
    ({ head }) => head.path,
    '/',
  ],
  ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', ({ head }) => head.path, '*'],
  ['HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n', ({ parser }) => parser.keepAlive, false],
  [
    'HTTP/1.0 keep-alive',
    'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n',
    ({ parser }) => parser.keepAlive,
    true,
  ],
  [
    'Connection: close',
    withLines('Connection: foo , close'),
    ({ parser }) => parser.keepAlive,
    false,
  ],
  [
    'a trailing dot of the host',
    'GET / HTTP/1.1\r\nHost: a.b.\r\n\r\n',
    ({ head }) => head.host,
    'a.b',
  ],
  ['an IPv6 host', 'GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n', ({ head }) => head.host, '[::1]'],
  ['a length', withLines('Content-Length: 12'), ({ parser }) => parser.bodyBytes, 12],
  ['chunked', withLines('transfer-encoding: Chunked'), ({ parser }) => parser.bodyBytes, -1],
  ['expectation', withLines('Expect: 100-Continue'), ({ parser }) => parser.expectContinue, true],
  ['obs-text in a value', withLines('X: \xe9'), ({ head }) => head.fields.get('x'), '\xe9'],
  ['an empty value', withLines('X:'), ({ head }) => head.fields.get('x'), ''],
  ['repeated fields', withLines('X: 1', 'x: 2'), ({ head }) => head.fields.get('x'), '1,2'],
  [
    'a field named __proto__',
    withLines('__proto__: 1'),
    ({ head }) => head.fields.get('__proto__'),
    '1',
  ],
  [
    'odd but common query characters',
    'GET /?a[]={"b"|c} HTTP/1.1\r\nHost: a\r\n\r\n',
    ({ head }) => head.query,
    'a[]={"b"|c}',
  ],
]

for (const [what, text, see, expected] of ACCEPTED) {
  test(`accepts ${what}`, () => {
    const parsed = parse(text)
    assert.equal(parsed.result, Buffer.byteLength(text, 'latin1'), parsed.parser.error?.detail)
    assert.equal(see(parsed), expected)
  })
}

const REFUSALS: readonly (readonly [what: string, text: string, kind?: string])[] = [
  ['HTTP/0.9', 'GET /\r\n'],
  ['HTTP/2.0', 'GET / HTTP/2.0\r\n\r\n', 'version-unsupported'],
  ['HTTP/1.2', 'GET / HTTP/1.2\r\n\r\n', 'version-unsupported'],
  ['lower-case http', 'GET / http/1.1\r\n\r\n', 'version-unsupported'],
  ['a bare LF after the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n', 'version-unsupported'],
  ['a bare LF after a field', 'GET / HTTP/1.1\r\nHost: a\n\r\n'],
  ['a bare CR', 'GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n'],
  ['NUL in a value', withLines('X: a\0b')],
  ['a folded line', withLines('X: a', ' b')],
  ['a space before the colon', withLines('X : a')],
  ['an empty name', withLines(': a')],
  ['a line without colon', withLines('nonsense')],
  ['two spaces in the request line', 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a tab in the request line', 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 'version-unsupported'],
  ['a fragment', 'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a backslash in the path', 'GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a malformed percent', 'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a cut percent', 'GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['raw UTF-8 in the path', 'GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a target without slash', 'GET a HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'],
  ['* for GET', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a missing Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
  ['two Hosts', withLines('Host: a')],
  ['a Host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  ['a Host with credentials', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n'],
  ['a Host with a bad port', 'GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n'],
  ['an absolute target with another host', 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['two lengths, even equal', withLines('Content-Length: 5', 'Content-Length: 5')],
  ['a list of lengths', withLines('Content-Length: 5, 5'), 'body-framing'],
  ['a signed length', withLines('Content-Length: +5'), 'body-framing'],
  ['a hexadecimal length', withLines('Content-Length: 0x5'), 'body-framing'],
  ['an empty length', withLines('Content-Length:'), 'body-framing'],
  ['a huge length', withLines('Content-Length: 9999999999999999'), 'body-framing'],
  [
    'length and coding',
    withLines('Content-Length: 5', 'Transfer-Encoding: chunked'),
    'body-framing',
  ],
  ['another coding', withLines('Transfer-Encoding: gzip'), 'body-framing'],
  ['a list of codings', withLines('Transfer-Encoding: gzip, chunked'), 'body-framing'],
  ['a repeated coding', withLines('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
  ['a coding in quotes', withLines('Transfer-Encoding: "chunked"'), 'body-framing'],
  ['a coding with a vertical tab', withLines('Transfer-Encoding: \x0bchunked')],
  ['a coding in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n', 'body-framing'],
  ['another expectation', withLines('Expect: 200-ok')],
  ['a long method', `${'A'.repeat(40)} / HTTP/1.1\r\n`],
  ['a request line beyond the limit', `GET /${'a'.repeat(600)} HTTP/1.1\r\n`, 'target-too-long'],
  ['a head beyond the limit', withLines(`X: ${'a'.repeat(600)}`), 'head-too-large'],
  [
    'too many fields',
    withLines(...Array.from({ length: 8 }, (_, i) => `X${i}: 1`)),
    'too-many-headers',
  ],
]

for (const [what, text, kind] of REFUSALS) {
  test(`refuses ${what}`, () => {
    const { result, parser } = parse(text)
    assert.equal(result, REFUSED)
    assert.equal(parser.error?.kind, kind ?? 'head-invalid')
    assert.equal(parser.error.side, 'client')
  })
}

test('every prefix of a good head is incomplete', () => {
  const text = withLines('Content-Length: 3', 'X-Forwarded-For: 1.2.3.4')
  for (let length = 0; length < text.length; length++) {
    assert.equal(parse(text.slice(0, length)).result, INCOMPLETE, `after ${length} bytes`)
  }
})
