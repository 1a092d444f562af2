// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of API Gateway's own references

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fakeContext } from '../../expression/context-source.fake.ts'
import type { ContextSource } from '../../expression/context-source.ts'
import { CONTEXT_VARIABLES } from '../../expression/context-variables.ts'
import { compileAccessLogFormat, FormatError } from './access-log-format.ts'

const LINES: [format: string, overrides: Partial<ContextSource>, line: string][] = [
  [
    'clf',
    {},
    '192.0.2.1 - - [04/Mar/2020:19:03:58 +0000] "GET /prod/pets/7 HTTP/1.1" 200 100 JKJaXmPLvHcESHA=',
  ],
  ['$context.requestId $context.status', { status: 0 }, 'JKJaXmPLvHcESHA= -'],
  ['$context.requestId.', {}, 'JKJaXmPLvHcESHA=.'],
  ['$context.requestId-$context.stage|$5 $ $', {}, 'JKJaXmPLvHcESHA=-prod|$5 $ $'],
  ['$context.extendedRequestId', {}, 'JKJaXmPLvHcESHA='],
  ['$context.requestId $context.authorizer.claims.sub', {}, 'JKJaXmPLvHcESHA= -'],
  [
    '$context.requestId "$context.identity.userAgent"',
    { userAgent: '" 200 "' },
    'JKJaXmPLvHcESHA= "\\" 200 \\""',
  ],
  [
    '$context.requestId $context.error.messageString',
    { errorMessage: 'No' },
    'JKJaXmPLvHcESHA= \\"No\\"',
  ],
  ['{"id":"$context.requestId","s":$context.status}', {}, '{"id":"JKJaXmPLvHcESHA=","s":200}'],
  [
    '{"id":"$context.requestId","s":$context.status}',
    { status: 0 },
    '{"id":"JKJaXmPLvHcESHA=","s":null}',
  ],
  [
    '{"id":"$context.requestId","s":"$context.status"}',
    { status: 0 },
    '{"id":"JKJaXmPLvHcESHA=","s":"-"}',
  ],
  ['{"id":$context.requestId}', {}, '{"id":"JKJaXmPLvHcESHA="}'],
  [
    '{"id":$context.requestId,"m":$context.error.messageString}',
    {},
    '{"id":"JKJaXmPLvHcESHA=","m":null}',
  ],
  [
    '{"\\"":"$context.requestId","m":$context.error.messageString}',
    { errorMessage: 'No "x"' },
    '{"\\"":"JKJaXmPLvHcESHA=","m":"No \\"x\\""}',
  ],
  [
    '{"id":"$context.requestId","m":"$context.error.messageString"}',
    { errorMessage: 'No' },
    '{"id":"JKJaXmPLvHcESHA=","m":"\\"No\\""}',
  ],
]

for (const [format, overrides, line] of LINES) {
  test(`${format} ${JSON.stringify(overrides)}`, () => {
    assert.equal(compileAccessLogFormat(format)(fakeContext(overrides)), line)
  })
}

test('json is one object with the figures of the call', () => {
  assert.deepEqual(
    JSON.parse(compileAccessLogFormat('json')(fakeContext({ errorMessage: 'No' }))),
    {
      requestId: 'JKJaXmPLvHcESHA=',
      requestTime: '04/Mar/2020:19:03:58 +0000',
      ip: '192.0.2.1',
      httpMethod: 'GET',
      path: '/prod/pets/7',
      routeKey: 'GET /pets/{id}',
      protocol: 'HTTP/1.1',
      status: 200,
      responseLength: 100,
      responseLatency: 5,
      integrationLatency: 3,
      integrationStatus: 200,
      integrationError: null,
      error: 'No',
      userAgent: 'curl/8.5.0',
    },
  )
})

const REFUSED: [format: string, message: RegExp, position: number, mend: RegExp][] = [
  ['$context.requestID', /requestID. does not exist/, 0, /requestId/],
  ['$context.requestId $context.identity.ip', /identity\.ip/, 19, /./],
  ['$context.requestId $input.body', /\$input\.body/, 19, /Only \$context/],
  ['$context.requestId $method.request.header.x', /\$method/, 19, /Only \$context/],
  ['$context.requestId $stageVariables.a', /\$stageVariables/, 19, /Only \$context/],
  ['${context.requestId}', /\$\{context/, 0, /Write `\$context.requestId`/],
  ['$context.requestId $context', /\$context. cannot/, 19, /Only/],
  ['$context.requestId $context.__proto__', /does not exist/, 19, /./],
  ['$context.status', /which call/, 0, /requestId/],
  ['', /which call/, 0, /requestId/],
  ['jsonn', /which call/, 0, /requestId/],
  ['toString', /which call/, 0, /requestId/],
  ['$context.requestId\n', /line break/, 18, /one line/],
  ['$context.requestId\x1b[0m', /control/, 18, /one line/],
  [`$context.requestId ${'x'.repeat(16_384)}`, /longer than/, 16_384, /fewer/],
]

for (const [format, message, position, mend] of REFUSED) {
  test(`refuses ${JSON.stringify(format.slice(0, 50))}`, () => {
    assert.throws(
      () => compileAccessLogFormat(format),
      (error: unknown) => {
        assert.ok(error instanceof FormatError)
        assert.match(error.message, message)
        assert.match(error.mend, mend)
        assert.equal(error.position, position)
        return true
      },
    )
  })
}

test('the length that is allowed is the caller’s to set', () => {
  const format = `$context.requestId ${'x'.repeat(4_000)}`
  compileAccessLogFormat(format)
  assert.throws(() => compileAccessLogFormat(format, 3_072), /3072/)
})

test('every documented variable can be logged', () => {
  for (const { name } of CONTEXT_VARIABLES) {
    const line = compileAccessLogFormat(`$context.requestId $context.${name.replace('*', 'x')}`)
    assert.equal(typeof line(fakeContext()), 'string')
  }
})

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\r', '\n', '\x1b', '\x9b', '"', '\\', '\0', '\u2028', '}', '$context.status'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})
const call = fc
  .tuple(hostile, hostile, hostile, hostile, fc.integer({ min: 0, max: 599 }))
  .map(([path, userAgent, httpMethod, errorMessage, status]) =>
    fakeContext({
      path,
      userAgent,
      httpMethod,
      errorMessage,
      status,
      routeKey: path,
      domainName: userAgent,
      integrationError: errorMessage,
      requestId: httpMethod,
      sourceIp: path,
      protocol: userAgent,
    }),
  )

test('no call can break a line, forge one, or write to a terminal', () => {
  const everything = CONTEXT_VARIABLES.map(({ name }) => `"$context.${name.replace('*', 'x')}"`)
  const plain = compileAccessLogFormat(everything.join(' '))
  const clf = compileAccessLogFormat('clf')
  fc.assert(
    fc.property(call, (source) => {
      for (const line of [plain(source), clf(source)]) {
        assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f\u2028\u2029]/)
      }
      const quotes =
        plain(source)
          .replace(/\\["\\]/g, '')
          .split('"').length - 1
      assert.equal(quotes, everything.length * 2)
    }),
  )
})

test('every line of a JSON format is JSON and gives the values back', () => {
  const quoted = compileAccessLogFormat('json')
  const names = CONTEXT_VARIABLES.map(({ name }) => name.replace('*', 'x'))
  const bare = compileAccessLogFormat(
    `{${names.map((name) => `"${name}":$context.${name}`).join(',')}}`,
  )
  fc.assert(
    fc.property(call, (source) => {
      const line = quoted(source)
      assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f\u2028\u2029]/)
      const logged = JSON.parse(line)
      assert.equal(logged.userAgent, source.userAgent || '-')
      assert.equal(logged.path, source.path || '-')
      assert.equal(logged.error, source.errorMessage || null)
      assert.equal(logged.status, source.status || null)
      assert.deepEqual(Object.keys(JSON.parse(bare(source))), names)
    }),
  )
})

test('no line has a value of the call before it', () => {
  const one = fakeContext({ status: 200, userAgent: 'one', errorMessage: '' })
  const other = fakeContext({ status: 0, userAgent: '', errorMessage: 'No' })
  for (const format of [
    'json',
    'clf',
    '$context.requestId € $context.status $context.error.message',
  ]) {
    const together = compileAccessLogFormat(format)
    const lines = [one, other, other, one, one, other].map((source) => together(source))
    const apart = [one, other, other, one, one, other].map((source) =>
      compileAccessLogFormat(format)(source),
    )
    assert.deepEqual(lines, apart)
  }
})
