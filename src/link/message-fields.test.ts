import assert from 'node:assert/strict'
import test from 'node:test'
import { AnswerReader } from './answer-fields.ts'
import { ByteCollector } from './h2/byte-collector.ts'
import { FieldReader } from './h2/field-block.ts'
import { FieldWriter, NAME } from './h2/field-writer.ts'
import { type LinkRequest, RequestReader, RequestWriter } from './request-fields.ts'

/** Both ends of one connection: what the agent reads of what the hub writes. */
class Ends {
  readonly reader: FieldReader
  readonly requests = new RequestReader()
  blockBytes = 0
  readonly #writer = new FieldWriter()
  readonly #requests = new RequestWriter(this.#writer)

  constructor(tableBytes: number) {
    this.reader = new FieldReader(tableBytes)
    this.#writer.offer(tableBytes)
  }

  pass(head: string, secure: boolean, link: string): (LinkRequest & { path: string }) | undefined {
    const block = Buffer.from(this.#requests.write(head, secure, link).view())
    this.blockBytes = block.length
    this.reader.begin(block)
    const request = this.requests.read(this.reader)
    assert.ok(this.reader.skip())
    return request === undefined ? undefined : { ...request, path: this.requests.path }
  }
}

function readRequest(block: Buffer): LinkRequest | undefined {
  const reader = new FieldReader()
  reader.begin(block)
  return new RequestReader().read(reader)
}

function readAnswer(block: Buffer): unknown {
  const reader = new FieldReader()
  reader.begin(block)
  return new AnswerReader().read(reader)
}

const HEAD = 'POST /a?b=c HTTP/1.1\r\nhost: svc.test:81\r\nX-Long: '

for (const tableBytes of [0, 200, 4_096, 16_384]) {
  test(`a head of HTTP/1 comes through as it was, its framing and its Host apart (table of ${tableBytes})`, () => {
    const ends = new Ends(tableBytes)
    const long = 'v'.repeat(20_000)
    const head = `${HEAD}${long}\r\nConnection: x\r\ntransfer-encoding: chunked\r\nEmpty: \r\n\r\n`
    for (let i = 0; i < 4; i++) {
      assert.deepEqual(ends.pass(head, true, 'to=a:1'), {
        method: 'POST',
        scheme: 'https',
        path: '/a?b=c',
        authority: 'svc.test:81',
        link: 'to=a:1',
        lines: `x-long: ${long}\r\nempty: \r\n`,
        contentLength: -1,
      })
    }
  })

  test(`whatever changes from one request to the next arrives changed (table of ${tableBytes})`, () => {
    const ends = new Ends(tableBytes)
    let state = tableBytes + 1
    const pick = (count: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 16) % count
    }
    for (let i = 0; i < 3_000; i++) {
      const method = ['GET', 'GET', 'GET', 'POST', 'PUT'][pick(5)]!
      const authority = `h${pick(2)}`
      const path = `/p${pick(4)}`
      const lines = [`accept: a${pick(2)}`, `x-id: ${i % 3 === 0 ? i : 0}`, `cookie: c${pick(2)}`]
        .slice(pick(2))
        .map((line) => `${line}\r\n`)
        .join('')
      const secure = pick(8) === 0
      const link = `to=a:${pick(2) + 1}`
      const head = `${method} ${path} HTTP/1.1\r\nhost: ${authority}\r\n${lines}\r\n`
      assert.deepEqual(ends.pass(head, secure, link), {
        ...{ method, scheme: secure ? 'https' : 'http', path, authority, link, lines },
        contentLength: -1,
      })
    }
  })
}

test('what was said before costs a byte for each field, and an identity no place in the table', () => {
  const ends = new Ends(4_096)
  const lines = `user-agent: ${'u'.repeat(100)}\r\naccept: */*\r\nx-forwarded-host: localhost\r\n`
  const head = `GET /pets HTTP/1.1\r\nhost: svc.test\r\n${lines}\r\n`
  ends.pass(head, false, 'to=a:1')
  assert.ok(ends.blockBytes > 200)
  ends.pass(head, false, 'to=a:1')
  // Method, scheme, authority, path (7), link, three fields.
  assert.equal(ends.blockBytes, 3 + 7 + 1 + 3)
  const secret = `GET / HTTP/1.1\r\nhost: svc.test\r\nauthorization: ${'s'.repeat(50)}\r\n\r\n`
  for (let i = 0; i < 3; i++) {
    ends.pass(secret, false, 'to=a:1')
    assert.ok(ends.blockBytes > 50)
  }
})

test('the field of the link is the first; a client that sends one of the same name sends a field', () => {
  const head = `GET / HTTP/1.1\r\nhost: h\r\nPostern-Link: to=evil:1\r\n\r\n`
  const ends = new Ends(4_096)
  for (let i = 0; i < 3; i++) {
    const read = ends.pass(head, false, 'to=a:1')
    assert.equal(read?.link, 'to=a:1')
    assert.equal(read?.lines, 'postern-link: to=evil:1\r\n')
  }
})

interface Forged {
  readonly method?: string
  readonly path?: string
  readonly authority?: string
  readonly fields?: readonly (readonly [string, string])[]
}

const FORGED: Forged[] = [
  { method: 'GET /x HTTP/1.1\r\n\r\nGET' },
  { path: '/v1 HTTP/1.1\r\nhost: x\r\n\r\nGET /admin' },
  { path: '/v1 x' },
  { authority: 'a\r\nx: y' },
  { fields: [['x', 'y\r\nz: 1']] },
  { fields: [['x\r\ny', 'z']] },
  { fields: [['X-Upper', 'z']] },
  { fields: [['x y', 'z']] },
  { fields: [['host', 'other']] },
  { fields: [['transfer-encoding', 'chunked']] },
  { fields: [['connection', 'close']] },
  { fields: [['content-length', '1, 1']] },
  {
    fields: [
      ['content-length', '1'],
      ['content-length', '1'],
    ],
  },
]

for (const [i, { method = 'GET', path = '/', authority = 'a', fields = [] }] of FORGED.entries()) {
  test(`a hub that writes what no head may hold is not understood (${i})`, () => {
    const block = new ByteCollector()
    block.tableField(NAME.method, method)
    block.tableField(NAME.scheme, 'http')
    block.tableField(NAME.path, path)
    block.tableField(NAME.authority, authority)
    block.field('postern-link', 'to=a:1')
    for (const [name, value] of fields) block.field(name, value)
    assert.equal(readRequest(block.view()), undefined)
  })
}

test('nor is an agent', () => {
  for (const [status, value] of [
    ['200', 'a\r\nset-cookie: b'],
    ['101', 'a'],
    ['2000', 'a'],
    ['abc', 'a'],
  ] as const) {
    const block = new ByteCollector()
    block.tableField(NAME.status, status)
    block.field('postern-link', 'ok')
    block.field('x', value)
    assert.equal(readAnswer(block.view()), undefined, status)
  }
  assert.equal(readAnswer(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])), undefined)
  assert.equal(readAnswer(Buffer.from([0x88, 0x00, 0x7f])), undefined)
})
