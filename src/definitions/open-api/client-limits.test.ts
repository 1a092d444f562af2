import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limitsOf } from '../../domain/limits.ts'
import { exportHttpApi } from './export.ts'
import { importHttpApi } from './open-api.ts'

const OPTIONS = {
  accountId: '123456789012',
  region: 'eu-west-1',
  profile: 'extended',
  limits: limitsOf('extended'),
  enforce: 'everything',
} as const

function imported(text: string) {
  return importHttpApi({ file: 'shop.yaml', text }, OPTIONS)
}

/** The first line of `root` is line 3 of the file, that of `operation` the one that says so. */
function definition(root: string, operation = ''): string {
  return `openapi: 3.0.1
info: { title: shop, version: '1' }
${root}
paths:
  /orders:
    get:
      responses: {}
      x-amazon-apigateway-integration: { type: http_proxy, httpMethod: GET, uri: 'http://127.0.0.1:1' }
${operation}`
}

const WHOLE = definition(
  `x-postern-limits:
  client: $context.authorizer.claims.client_id
  rate: 0.5
  quota: { limit: 1000, period: WEEK, offset: 1 }
  clients:
    partner-a: { rate: 100, burst: 200 }
    partner-b: { quota: { limit: 5, period: DAY } }`,
  '      x-postern-limits: { rate: 2, burst: 5 }',
)

test('limits of the API and of an operation are read whole', () => {
  const { definition: read, problems } = imported(WHOLE)
  assert.deepEqual(problems, [])
  assert.deepEqual(read!.api.ClientLimits, {
    client: '$context.authorizer.claims.client_id',
    metered: true,
    throttle: { ratePerSecond: 0.5, burst: 1 },
    quota: { limit: 1_000, period: 'WEEK', offset: 1 },
    clients: {
      'partner-a': { throttle: { ratePerSecond: 100, burst: 200 } },
      'partner-b': { quota: { limit: 5, period: 'DAY', offset: 0 } },
    },
  })
  assert.deepEqual(read!.routes[0]!.ClientLimits, {
    client: '$context.authorizer.claims.client_id',
    metered: false,
    throttle: { ratePerSecond: 2, burst: 5 },
    clients: {},
  })
})

for (const outputType of ['JSON', 'YAML'] as const) {
  test(`an export as ${outputType} says the same again`, () => {
    const { definition: read } = imported(WHOLE)
    const text = exportHttpApi(read!, { includeExtensions: true, outputType })
    const again = imported(text)
    assert.deepEqual(again.problems, [])
    assert.deepEqual(again.definition!.api.ClientLimits, read!.api.ClientLimits)
    assert.deepEqual(again.definition!.routes[0]!.ClientLimits, read!.routes[0]!.ClientLimits)
    const plain = exportHttpApi(read!, { includeExtensions: false, outputType })
    assert.ok(!plain.includes('x-postern-limits'))
  })
}

test('calls may be counted without a limit', () => {
  const text = definition('x-postern-limits: { client: $context.identity.sourceIp, meter: true }')
  const { definition: read } = imported(text)
  assert.deepEqual(read!.api.ClientLimits, {
    client: '$context.identity.sourceIp',
    metered: true,
    clients: {},
  })
  const again = imported(exportHttpApi(read!, { includeExtensions: true, outputType: 'YAML' }))
  assert.deepEqual(again.definition!.api.ClientLimits, read!.api.ClientLimits)
})

describe('what cannot be enforced', () => {
  const IP = 'client: $context.identity.sourceIp'
  const ROWS: readonly [limits: string, code: string, message: RegExp][] = [
    ['{ rate: 1 }', 'limits-client-missing', /who the client/],
    ['{ client: everybody, rate: 1 }', 'limits-client', /same for every call/],
    ['{ client: $request.body.a, rate: 1 }', 'limits-client', /before a byte/],
    ['{ client: $context.identity.sourceIP, rate: 1 }', 'limits-client', /does not exist/],
    [`{ ${IP} }`, 'limits-empty', /limit nothing/],
    [`{ ${IP}, rates: 1 }`, 'limits-member-unknown', /"rates"/],
    [`{ ${IP}, rate: -1 }`, 'limits-number', /-1 cannot be the rate/],
    [`{ ${IP}, rate: '5' }`, 'limits-number', /rate/],
    [`{ ${IP}, rate: 1, burst: 1.5 }`, 'limits-number', /1.5 cannot be the burst/],
    [`{ ${IP}, burst: 5 }`, 'limits-rate-missing', /never come back/],
    [`{ ${IP}, quota: { limit: 5 } }`, 'limits-quota-incomplete', /a period/],
    [`{ ${IP}, quota: { limit: 5, period: YEAR } }`, 'limits-quota-period', /"YEAR"/],
    [`{ ${IP}, quota: { limit: 5, period: day } }`, 'limits-quota-period', /"day"/],
    [
      `{ ${IP}, quota: { limit: 5, period: WEEK, offset: 7 } }`,
      'limits-number',
      /offset of a WEEK/,
    ],
    [`{ ${IP}, quota: { limit: 5, period: DAY, offset: 1 } }`, 'limits-number', /offset of a DAY/],
    [`{ ${IP}, quota: { limit: 5, period: DAY }, meter: false }`, 'limits-meter', /kept/],
    [`{ ${IP}, clients: { a: { meter: true } } }`, 'limits-member-unknown', /"meter"/],
    ['5', 'type-mismatch', /an object/],
  ]
  for (const [limits, code, message] of ROWS) {
    test(`${limits} is an error with its place`, () => {
      const { definition: read, problems } = imported(definition(`x-postern-limits: ${limits}`))
      assert.equal(read, undefined)
      const problem = problems.find((each) => each.code === code)
      assert.match(problem?.message ?? `none of ${problems.map((each) => each.code)}`, message)
      assert.equal(problem!.line, 3)
      assert.notEqual(problem!.mend, '')
    })
  }

  test('limits elsewhere have no effect, and that is an error', () => {
    const text = definition('', '').replace(
      '/orders:',
      '/orders:\n    x-postern-limits: { rate: 1 }',
    )
    assert.equal(imported(text).problems[0]?.code, 'extension-misplaced')
  })

  test('an operation needs a client where the API has none', () => {
    const { problems } = imported(definition('', '      x-postern-limits: { rate: 1 }'))
    assert.equal(problems[0]?.code, 'limits-client-missing')
    assert.equal(problems[0]?.line, 9)
  })
})
