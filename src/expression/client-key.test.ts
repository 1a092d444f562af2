import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileClientKey } from './client-key.ts'
import { fakeMessages } from './context-source.fake.ts'
import { MappingError } from './mapping/mapping-error.ts'

const CALL = fakeMessages({
  context: { authorizerClaim: (name) => (name === 'client_id' ? 'shop' : undefined) },
  headers: { 'x-tenant': 'Zo\u00c3\u00ab', 'x-api-key': 'secret' },
  query: 'tenant=q',
})

const KEYS: readonly [expression: string, client: string | undefined, isSecret: boolean][] = [
  ['$context.authorizer.claims.client_id', 'shop', false],
  ['$context.authorizer.claims.sub', undefined, false],
  ['$context.identity.sourceIp', '192.0.2.1', false],
  ['$request.header.X-Tenant', 'Zoë', false],
  ['$request.querystring.tenant', 'q', false],
  ['${context.identity.sourceIp} ${request.header.none}', '192.0.2.1 ', false],
  ['$request.header.X-API-Key', 'secret', true],
  ['${request.header.authorization}', undefined, true],
  ['$request.header.x-api-key-id', undefined, false],
]

for (const [expression, client, isSecret] of KEYS) {
  test(`${expression} tells who calls`, () => {
    const key = compileClientKey(expression, {})
    assert.equal(key.read(CALL), client)
    assert.equal(key.isSecret, isSecret)
  })
}

for (const [expression, message] of [
  ['$request.body.tenant', /before a byte of it is read/],
  ['everybody', /the same for every call/],
  ['$context.identity.sourceIP', /does not exist/],
  ['$response.header.x', /nothing that a request mapping can read/],
] as const) {
  test(`${expression} is refused`, () => {
    assert.throws(
      () => compileClientKey(expression, {}),
      (error) => error instanceof MappingError && message.test(error.message),
    )
  })
}
