import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fakeContext } from '../../expression/context-source.fake.ts'
import type { ContextSource } from '../../expression/context-source.ts'
import { type DevLineOptions, formatDevLine } from './dev-line.ts'

const noon = new Date(2026, 10, 22, 12, 5, 9, 41).getTime()
const plain = { colours: false }

const CASES: [overrides: Partial<ContextSource>, options: DevLineOptions, line: string][] = [
  [
    {},
    plain,
    '12:05:09.041  200  GET     /prod/pets/7              → GET /pets/{id}          4.6 ms (gateway 1.4 ms, integration 3.2 ms)',
  ],
  [
    { status: 404, routeKey: '', integrationLatencyMs: -1, responseLatencyMs: 0.31 },
    { colours: false, reason: 'no route matches POST /x' },
    '12:05:09.041  404  GET     /prod/pets/7              → no route                0.3 ms  no route matches POST /x',
  ],
  [
    {
      status: 503,
      responseLatencyMs: 30_001.4,
      integrationLatencyMs: 30_000,
      integrationError: 'timeout',
    },
    plain,
    '12:05:09.041  503  GET     /prod/pets/7              → GET /pets/{id}          30001 ms (gateway 1.4 ms, integration 30000 ms)  timeout',
  ],
  [
    { status: 0, responseLatencyMs: -1 },
    plain,
    '12:05:09.041  ---  GET     /prod/pets/7              → GET /pets/{id}          unfinished',
  ],
]

for (const [overrides, options, line] of CASES) {
  test(line, () => {
    assert.equal(
      formatDevLine(fakeContext({ requestTimeEpoch: noon, ...overrides }), options),
      line,
    )
  })
}

test('the status has the colour of its class', () => {
  const colours = [101, 204, 301, 404, 500].map((status) => {
    const line = formatDevLine(fakeContext({ status }), { colours: true })
    return line.match(/\x1b\[(\d+)m(?:101|204|301|404|500)\x1b\[0m/)![1]
  })
  assert.deepEqual(colours, ['36', '32', '36', '33', '31'])
})

test('without colours a line holds no control byte, whatever the call', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const source = fakeContext({
        path: text,
        httpMethod: text,
        routeKey: text,
        integrationError: text,
      })
      for (const reason of [undefined, text]) {
        assert.doesNotMatch(
          formatDevLine(source, { colours: false, reason }),
          /[\x00-\x1f\x7f-\x9f]/,
        )
      }
    }),
  )
})
