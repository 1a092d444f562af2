import assert from 'node:assert/strict'
import test from 'node:test'
import { ByteCollector, NAME } from './h2/field-block.ts'
import { readAnswer, readRequest, requestBlock } from './message-fields.ts'

const HEAD = 'POST /a?b=c HTTP/1.1\r\nhost: svc.test:81\r\nX-Long: '

test('a head of HTTP/1 comes through as it was, its framing and its Host apart', () => {
  const long = 'v'.repeat(20_000)
  const head = `${HEAD}${long}\r\nConnection: x\r\ntransfer-encoding: chunked\r\nEmpty: \r\n\r\n`
  assert.deepEqual(readRequest(requestBlock(head, true, 'to=a:1')), {
    method: 'POST',
    scheme: 'https',
    path: '/a?b=c',
    authority: 'svc.test:81',
    link: 'to=a:1',
    lines: `x-long: ${long}\r\nempty: \r\n`,
    contentLength: -1,
  })
})

test('the field of the link is the first; a client that sends one of the same name sends a field', () => {
  const head = `GET / HTTP/1.1\r\nhost: h\r\nPostern-Link: to=evil:1\r\n\r\n`
  const read = readRequest(requestBlock(head, false, 'to=a:1'))
  assert.equal(read?.link, 'to=a:1')
  assert.equal(read?.lines, 'postern-link: to=evil:1\r\n')
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
