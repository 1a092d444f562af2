import assert from 'node:assert/strict'
import test from 'node:test'
import type { CorsConfiguration } from '../../domain/http-api.ts'
import { RequestHead } from '../../http/message/request-head.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import { NEXT, RESPOND } from '../../invocation/outcome.ts'
import { compileCors } from './cors.ts'

const OPEN: CorsConfiguration = {
  allowOrigins: ['*'],
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['content-type'],
  exposeHeaders: ['x-total'],
  allowCredentials: false,
  maxAge: 300,
}
const NAMED = { ...OPEN, allowOrigins: ['https://app.example'], allowCredentials: true }

interface Answer {
  readonly outcome: number
  readonly status: number
  readonly headers: readonly string[]
}

function run(cors: CorsConfiguration, method: string, ...fields: [string, string][]): Answer {
  const request = new RequestHead(8)
  request.method = method
  for (const [name, value] of fields) request.fields.append(name, value)
  const x = { exchange: { request }, status: 0, replyHeaders: '' } as unknown as Invocation
  const outcome = compileCors(cors)(x)
  return { outcome, status: x.status, headers: x.replyHeaders.split('\r\n').filter(Boolean) }
}

const PREFLIGHT: [string, string] = ['Access-Control-Request-Method', 'POST']

test('a preflight is answered with everything that is allowed', () => {
  assert.deepEqual(run(OPEN, 'OPTIONS', ['Origin', 'https://a.example'], PREFLIGHT), {
    outcome: RESPOND,
    status: 204,
    headers: [
      'access-control-allow-origin: *',
      'access-control-allow-methods: GET,POST',
      'access-control-allow-headers: content-type',
      'access-control-max-age: 300',
    ],
  })
})

test('an actual request goes on and its response gets origin and exposed fields', () => {
  assert.deepEqual(run(NAMED, 'GET', ['Origin', 'https://app.example']), {
    outcome: NEXT,
    status: 0,
    headers: [
      'access-control-allow-origin: https://app.example',
      'vary: Origin',
      'access-control-allow-credentials: true',
      'access-control-expose-headers: x-total',
    ],
  })
})

test('another origin gets no field: the preflight still 204, the request still served', () => {
  const fields: [string, string] = ['Origin', 'https://app.example.evil']
  assert.deepEqual(run(NAMED, 'OPTIONS', fields, PREFLIGHT), {
    outcome: RESPOND,
    status: 204,
    headers: [],
  })
  assert.deepEqual(run(NAMED, 'GET', fields), { outcome: NEXT, status: 0, headers: [] })
})

test('no Origin, no CORS; OPTIONS without a requested method is no preflight', () => {
  assert.deepEqual(run(OPEN, 'OPTIONS', PREFLIGHT), { outcome: NEXT, status: 0, headers: [] })
  assert.equal(run(OPEN, 'OPTIONS', ['Origin', 'https://a.example']).outcome, NEXT)
})

test('a scheme with a wildcard allows its origins only', () => {
  const secure = { ...OPEN, allowOrigins: ['https://*'] }
  assert.equal(
    run(secure, 'GET', ['Origin', 'https://x.example']).headers[0],
    'access-control-allow-origin: https://x.example',
  )
  assert.deepEqual(run(secure, 'GET', ['Origin', 'http://x.example']).headers, [])
})
