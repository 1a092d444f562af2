/**
 * Three readers of the same bytes must agree: the parser, its slow twin, and, for what we accept, Node's own parser.
 *
 * Heads are put together from good and bad parts and then damaged, from a seed that a failure prints. Set
 * POSTERN_SEED to repeat a run and POSTERN_CASES for a longer one.
 */

import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, METHODS } from 'node:http'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { RequestHead } from './request-head.ts'
import { parseRequestHeadReference, type ReferenceHead } from './request-head-parser.reference.ts'
import { INCOMPLETE, REFUSED, RequestHeadParser } from './request-head-parser.ts'

const LIMITS = { headBytes: 2_048, headerCount: 20 }
const SEED = Number(process.env['POSTERN_SEED'] ?? 20_261_122)
const CASES = Number(process.env['POSTERN_CASES'] ?? 20_000)

const PARTS = {
  method:
    'GET|POST|OPTIONS|HEAD|CONNECT|PROPFIND|get|X!~|G T||TRACE|ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG',
  target:
    '/|/a/b?c=d|/%41%2f|/%zz|/a%|*|http://a.b/x|https://A.B:80?q|http://u@a.b/|a.b:80|/a#f|/q?[]{}|/q?%%|/\\|/é|//x//|http:///|',
  version: 'HTTP/1.1|HTTP/1.0|HTTP/1.2|HTTP/2.0|http/1.1|HTTP/1.1 |HTTP/01.1|HTTP/1,1',
  name: 'Host|host|Content-Length|Transfer-Encoding|Connection|Expect|X-Any|Content_Length|__proto__|X Y|X-Z |é|Upgrade|',
  value:
    'a.b|A.B|a.b:80|[::1]|[::1]:8|[:::]|a..b|a.b.|0|5|05|+5|5, 5|1e3|999999999999999|9999999999999999|chunked|Chunked|gzip, chunked|chunked, chunked|close|keep-alive|close, x-any|close, keep-alive|Keep-Alive, Close|100-continue|100-Continue|h2c|  spaced  |\ttab\t|é|a\x00b|a\x7fb||"q"',
  separator: ': |:|:  |:\t| : |=|:\r\n ',
  end: '\r\n|\r\n|\r\n|\r\n|\r\n|\r\n|\r\n|\n|\r|\r\r\n',
}
type Part = keyof typeof PARTS

/** A small generator with a seed (xorshift32); Math.random cannot be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** Mostly well-formed: a bad part is drawn one time in eight, the first of each list otherwise more often. */
function drawHead(random: (below: number) => number): string {
  const pick = (part: Part): string => {
    const choices = PARTS[part].split('|')
    return choices[random(8) === 0 ? random(choices.length) : random(Math.min(2, choices.length))]!
  }
  const any = (part: Part): string => {
    const choices = PARTS[part].split('|')
    return choices[random(choices.length)]!
  }
  const end = (): string => (random(25) === 0 ? any('end') : '\r\n')
  let head = `${random(30) === 0 ? '\r\n' : ''}${pick('method')} ${any('target')} ${pick('version')}${end()}`
  if (random(6) !== 0) head += `Host: a.b${end()}`
  for (let count = random(random(40) === 0 ? 25 : 5); count > 0; count--) {
    head += `${any('name')}${random(10) === 0 ? any('separator') : ': '}${any('value')}${end()}`
  }
  return damage(`${head}\r\n${random(3) === 0 ? 'body' : ''}`, random)
}

/** One time in three, one byte is changed, taken out or doubled. */
function damage(head: string, random: (below: number) => number): string {
  if (random(3) !== 0) return head
  const at = random(head.length)
  const byte = random(2) === 0 ? random(256) : '\r\n\t :\0%?#/'.charCodeAt(random(10))
  const middle = ['', String.fromCharCode(byte), head[at]! + head[at]!][random(3)]!
  return head.slice(0, at) + middle + head.slice(at + 1)
}

const parser = new RequestHeadParser(LIMITS)
const head = new RequestHead(LIMITS.headerCount)

/** What the fast parser says, in the reference's words. The head is reused on purpose, as a connection does. */
function parseFast(bytes: Buffer, from = 0): ReferenceHead | 'incomplete' | number {
  const end = parser.parse(bytes, from, bytes.length, head)
  if (end === INCOMPLETE) return 'incomplete'
  if (end === REFUSED) return STATUS_BY_KIND[parser.error!.kind] ?? 400
  const { fields, method, path, query, host, minorVersion } = head
  return {
    kind: 'head',
    ...{ method, path, query, host, minorVersion },
    fields: Array.from({ length: fields.count }, (_, i) => [fields.name(i), fields.value(i)]),
    headEnd: end - from,
    framing: {
      kind: fields.get('transfer-encoding')
        ? 'chunked'
        : fields.get('content-length')
          ? 'length'
          : 'none',
      bytes: parser.bodyBytes,
    },
    keepAlive: parser.keepAlive,
    expectContinue: parser.expectContinue,
  }
}

const STATUS_BY_KIND: Readonly<Record<string, number>> = {
  'target-too-long': 414,
  'head-too-large': 431,
  'too-many-headers': 431,
}

/** Fails unless both say the same about the whole and the parser keeps its word at every split point. */
function compare(text: string, splits: boolean): void {
  const bytes = Buffer.from(text, 'latin1')
  const slow = parseRequestHeadReference(bytes, LIMITS)
  const fast = parseFast(bytes)
  if (slow.kind === 'head') assert.deepEqual(fast, slow)
  else if (slow.kind === 'incomplete') assert.ok(typeof fast !== 'object', 'accepted an open head')
  else assert.ok(fast === slow.status || overLimit(text), `${String(fast)} for ${slow.status}`)
  assert.deepEqual(parseFast(Buffer.concat([Buffer.from('GET / '), bytes]), 6), fast, 'from 6')
  if (splits) compareSplits(bytes, slow.kind === 'head' ? slow.headEnd : Infinity, fast)
}

/** Beyond a limit, which of several faults is named first is free. */
function overLimit(text: string): boolean {
  return text.length > LIMITS.headBytes || text.split('\n').length > LIMITS.headerCount + 2
}

function compareSplits(
  bytes: Buffer,
  headEnd: number,
  whole: ReferenceHead | string | number,
): void {
  let refused = false
  for (let length = 0; length <= bytes.length; length++) {
    const fast = parseFast(bytes.subarray(0, length))
    if (length >= headEnd) assert.deepEqual(fast, whole, `first ${length} bytes`)
    else if (headEnd !== Infinity) assert.equal(fast, 'incomplete', `first ${length} bytes`)
    else assert.notEqual(typeof fast, 'object', `first ${length} bytes`)
    assert.ok(!(refused && fast === 'incomplete'), `took a refusal back at ${length}`)
    refused = typeof fast === 'number'
  }
}

function describe(text: string, index: number, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error)
  return new Error(`seed ${SEED}, case ${index}: ${JSON.stringify(text)}\n${reason}`)
}

/** Runs `check` over every case and says how to see a failure again. */
function forEachCase(count: number, check: (text: string, index: number) => void): void {
  const random = randomFrom(SEED)
  for (let index = 0; index < count; index++) {
    const text = drawHead(random)
    try {
      check(text, index)
    } catch (error) {
      throw describe(text, index, error)
    }
  }
}

test('the parser agrees with its slow twin, whole and at every split point', () => {
  let accepted = 0
  forEachCase(CASES, (text, index) => {
    compare(text, index % 8 === 0)
    if (parseRequestHeadReference(Buffer.from(text, 'latin1'), LIMITS).kind === 'head') accepted++
  })
  assert.ok(accepted > CASES / 20 && accepted < CASES * 0.9, `${accepted} of ${CASES} accepted`)
})

test('the parser agrees with its slow twin around the limits', () => {
  for (let over = -3; over <= 3; over++) {
    const line = 'GET / HTTP/1.1\r\nHost: a\r\n'
    const filler = LIMITS.headBytes - line.length - 'X: \r\n\r\n'.length + over
    compare(`${line}X: ${'x'.repeat(filler)}\r\n\r\n`, false)
    compare(`GET /${'x'.repeat(LIMITS.headBytes - 16 + over)} HTTP/1.1\r\nHost: a\r\n\r\n`, false)
    compare(`${line}${'X: 1\r\n'.repeat(LIMITS.headerCount - 1 + over)}\r\n`, false)
  }
})

/** What Node's parser makes of a head: the request, or undefined when it refuses. */
function parseWithNode(text: string): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    const server = createServer({ maxHeaderSize: 65_536 })
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
    const settle = (request: IncomingMessage | undefined) => {
      resolve(request)
      socket.destroy()
    }
    server
      .on('request', settle)
      .on('checkContinue', settle)
      .on('checkExpectation', settle)
      .on('clientError', () => settle(undefined))
    server.emit('connection', socket)
    socket.push(Buffer.from(text, 'latin1'))
    setImmediate(() => socket.push(null))
    socket.on('close', () => resolve(undefined))
  })
}

test("whatever the parser accepts, Node's parser reads in the same way", async () => {
  const accepted: [string, ReferenceHead][] = []
  forEachCase(CASES / 4, (text) => {
    const fast = parseFast(Buffer.from(text, 'latin1'))
    // Node knows a fixed list of methods; any token is one (RFC 9110 §9.1).
    if (typeof fast === 'object' && METHODS.includes(fast.method)) accepted.push([text, fast])
  })
  assert.ok(accepted.length > 100, `${accepted.length} heads to compare`)
  for (const [text, ours] of accepted) {
    const node = await parseWithNode(text)
    assert.ok(node, `Node refuses ${JSON.stringify(text)}`)
    assert.equal(node.method, ours.method)
    assert.equal(node.httpVersionMinor, ours.minorVersion)
    assert.deepEqual(node.rawHeaders, ours.fields.flat(), JSON.stringify(text))
  }
})

/** Heads that Node takes and Postern refuses, each with the reason why refusing is right. */
const LOOSER_IN_NODE: [head: string, reason: string][] = [
  ['GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n', 'malformed percent-encoding has no canonical form'],
  ['GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n', 'a target has no fragment (RFC 9112 §3.2)'],
  ['GET / HTTP/1.1\r\nHost: a, b\r\n\r\n', 'a list is no host (RFC 9110 §7.2)'],
  ['GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 'two Host lines (RFC 9112 §3.2)'],
  ['GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n', 'target and Host name different origins'],
  ['POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n', 'an expectation nobody meets'],
  [
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    'a coding nobody undoes',
  ],
]

test("heads that only Node's parser accepts are refused on purpose", async (t) => {
  for (const [text, reason] of LOOSER_IN_NODE) {
    await t.test(reason, async () => {
      assert.equal(parseFast(Buffer.from(text, 'latin1')), 400)
      assert.ok(await parseWithNode(text), 'Node refuses it too: strike it from this list')
    })
  }
})
