/**
 * Test 1: the classes of parser bugs that differential testing of HTTP servers has found (the trophies of HTTP Garden
 * and what llhttp's own changelog lists): each is refused with 400 and close, or the origin's copy is canonical.
 */

import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { assertCanonical, assertRefused } from '../harness/oracle.ts'
import { startEcho } from '../harness/origin.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: a\r\n'
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`

const REFUSED: Record<string, string> = {
  'bare LF ends the request line': 'GET / HTTP/1.1\nHost: a\r\n\r\n',
  'bare LF ends a field': 'GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n',
  'bare LF ends the head': 'GET / HTTP/1.1\r\nHost: a\r\n\nGET',
  'bare CR in a value': `${GET}X: a\rb\r\n\r\n`,
  'bare CR ends a field': `${GET}X: a\rY: b\r\n\r\n`,
  'CR CR LF': `${GET}X: a\r\r\n\r\n`,
  'NUL in a value': `${GET}X: a\0b\r\n\r\n`,
  'NUL in a name': `${GET}X\0: a\r\n\r\n`,
  'NUL in the target': 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n',
  'other controls in a value': `${GET}X: a\x01\x1f\x7f\r\n\r\n`,
  'vertical tab before a value': `${POST}Content-Length:\x0b5\r\n\r\nhello`,
  'empty field name': `${GET}: x\r\n\r\n`,
  'field without a colon': `${GET}X\r\n\r\n`,
  'space before the colon': `${GET}X : y\r\n\r\n`,
  'tab before the colon': `${GET}X\t: y\r\n\r\n`,
  'folded field': `${GET}X: a\r\n b\r\n\r\n`,
  'folded first field': 'GET / HTTP/1.1\r\n Host: a\r\n\r\n',
  'field name with a quote': `${GET}"X": y\r\n\r\n`,
  'field name beyond ASCII': `${GET}X\xe9: y\r\n\r\n`,
  'no Host': 'GET / HTTP/1.1\r\n\r\n',
  'HTTP/0.9': 'GET /\r\n',
  'HTTP/0.9 with a version': 'GET / HTTP/0.9\r\nHost: a\r\n\r\n',
  'HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/1.2': 'GET / HTTP/1.2\r\nHost: a\r\n\r\n',
  'HTTP/1.10': 'GET / HTTP/1.10\r\nHost: a\r\n\r\n',
  'HTTP/01.1': 'GET / HTTP/01.1\r\nHost: a\r\n\r\n',
  'lower-case version': 'GET / http/1.1\r\nHost: a\r\n\r\n',
  'space behind the version': 'GET / HTTP/1.1 \r\nHost: a\r\n\r\n',
  'two spaces in the request line': 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n',
  'tab in the request line': 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n',
  'space inside the target': 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n',
  'space before the method': ' GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'two empty lines before the request': '\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'bare LF before the request': '\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'method with a separator': 'G/T / HTTP/1.1\r\nHost: a\r\n\r\n',
  'endless method': `${'A'.repeat(40)} / HTTP/1.1\r\nHost: a\r\n\r\n`,
  'target beyond ASCII': 'GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n',
  'fragment in the target': 'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n',
  'chunk size with a prefix': `${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n`,
  'chunk size with a sign': `${CHUNKED}+5\r\nhello\r\n0\r\n\r\n`,
  'negative chunk size': `${CHUNKED}-5\r\nhello\r\n0\r\n\r\n`,
  'chunk size with an underscore': `${CHUNKED}0_5\r\nhello\r\n0\r\n\r\n`,
  'chunk size behind a space': `${CHUNKED} 5\r\nhello\r\n0\r\n\r\n`,
  'chunk size before a space': `${CHUNKED}5 \r\nhello\r\n0\r\n\r\n`,
  'chunk size before a tab': `${CHUNKED}5\t\r\nhello\r\n0\r\n\r\n`,
  'empty chunk size': `${CHUNKED}\r\nhello\r\n0\r\n\r\n`,
  'chunk size that overflows 64 bits': `${CHUNKED}10000000000000005\r\nhello\r\n0\r\n\r\n`,
  'chunk size that overflows a double': `${CHUNKED}${'f'.repeat(20)}\r\nhello\r\n0\r\n\r\n`,
  'chunk size line ended by LF': `${CHUNKED}5\nhello\r\n0\r\n\r\n`,
  'chunk size line ended by CR': `${CHUNKED}5\rhello\r\n0\r\n\r\n`,
  'chunk size line ended by CR CR LF': `${CHUNKED}5\r\r\nhello\r\n0\r\n\r\n`,
  'chunk ended by LF': `${CHUNKED}5\r\nhello\n0\r\n\r\n`,
  'chunk ended by nothing': `${CHUNKED}5\r\nhello0\r\n\r\n`,
  'chunk longer than its size': `${CHUNKED}4\r\nhello\r\n0\r\n\r\n`,
  'LF inside an extension': `${CHUNKED}5;a\nb\r\nhello\r\n0\r\n\r\n`,
  'CR inside an extension': `${CHUNKED}5;a\rb\r\nhello\r\n0\r\n\r\n`,
  'NUL inside an extension': `${CHUNKED}5;a\0\r\nhello\r\n0\r\n\r\n`,
  'last chunk ended by LF': `${CHUNKED}5\r\nhello\r\n0\n\n`,
  'trailer without a colon': `${CHUNKED}0\r\nX\r\n\r\n`,
  'trailer ended by LF': `${CHUNKED}0\r\nX: y\n\r\n`,
  'folded trailer': `${CHUNKED}0\r\nX: y\r\n z\r\n\r\n`,
  'trailer with a NUL': `${CHUNKED}0\r\nX: \0\r\n\r\n`,
}

const CANONICAL: Record<string, [bytes: string, body: string]> = {
  'one empty line before the request': [`\r\n${GET}\r\n`, ''],
  'leading zeros in a length': [`${POST}Content-Length: 0005\r\n\r\nhello`, 'hello'],
  'white space around a length': [`${POST}Content-Length: \t 5 \t\r\n\r\nhello`, 'hello'],
  'leading zeros in a chunk size': [`${CHUNKED}00005\r\nhello\r\n000\r\n\r\n`, 'hello'],
  'upper-case chunk size': [`${CHUNKED}A\r\n0123456789\r\n0\r\n\r\n`, '0123456789'],
  'extension with a quoted string': [`${CHUNKED}5;a="b;c"\r\nhello\r\n0\r\n\r\n`, 'hello'],
  'mixed-case coding': [
    `${POST}Transfer-Encoding: cHuNkEd\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    'hello',
  ],
  'a forbidden trailer': [`${CHUNKED}0\r\nContent-Length: 99\r\nHost: b\r\n\r\n`, ''],
  'a request inside a body': [
    `${POST}Content-Length: 18\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
    'GET / HTTP/1.1\r\n\r\n',
  ],
}

test('1 malformed messages are refused and the connection closed', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (const [what, bytes] of Object.entries(REFUSED)) {
    await t.test(what, () => assertRefused(gateway, origin, bytes))
  }
})

test('1 what is accepted reaches the origin in canonical form', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (const [what, [bytes, body]] of Object.entries(CANONICAL)) {
    await t.test(what, () => assertCanonical(gateway, origin, bytes, { body }))
  }
})
