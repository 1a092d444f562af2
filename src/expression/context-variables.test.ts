import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeContext } from './context-source.fake.ts'
import { CONTEXT_VARIABLES, contextVariable, nearestContextVariable } from './context-variables.ts'

const VALUES: [name: string, value: string | number | undefined][] = [
  ['apiId', 'a1b2c3d4e5'],
  ['domainPrefix', 'a1b2c3d4e5'],
  ['extendedRequestId', 'JKJaXmPLvHcESHA='],
  ['identity.sourceIp', '192.0.2.1'],
  ['requestTime', '04/Mar/2020:19:03:58 +0000'],
  ['requestTimeEpoch', 1_583_348_638_390],
  ['responseLatency', 5],
  ['integration.latency', 3],
  ['error.message', undefined],
  ['error.messageString', undefined],
  ['authorizer.claims.sub', undefined],
  ['authorizer.principalId', undefined],
  ['authorizer.tenant', undefined],
  ['identity.clientCert.validity.notAfter', undefined],
  ['requestOverride.header.x', undefined],
  ['connectionId', undefined],
]

for (const [name, value] of VALUES) {
  test(`$context.${name} is ${value}`, () => {
    assert.equal(contextVariable(name)!.read(fakeContext()), value)
  })
}

test('claims and the error of an authorizer', () => {
  const call = fakeContext({
    authorizerClaim: (name) => ({ sub: 'jo', 'cognito:groups': '[a b]' })[name],
    authorizerError: 'it has expired',
  })
  const read = (name: string) => contextVariable(name)!.read(call)
  assert.equal(read('authorizer.claims.sub'), 'jo')
  assert.equal(read('authorizer.claims.cognito:groups'), '[a b]')
  assert.equal(read('authorizer.claims.a.b'), undefined)
  assert.equal(read('authorizer.error'), 'it has expired')
  assert.equal(contextVariable('authorizer.claims.*'), undefined)
  assert.equal(contextVariable('authorizer.claims.'), undefined)
  assert.equal(contextVariable('authorizer.claims.a b'), undefined)
})

test('what is not known yet is undefined, not a number that looks real', () => {
  const early = fakeContext({
    status: 0,
    integrationStatus: 0,
    responseLatencyMs: -1,
    integrationLatencyMs: -1,
    routeKey: '',
    userAgent: '',
    tlsVersion: '',
    domainName: '',
  })
  const names =
    'status integrationStatus integration.status responseLatency integrationLatency routeKey ' +
    'identity.userAgent tlsVersion domainName domainPrefix'
  for (const name of names.split(' ')) {
    assert.equal(contextVariable(name)!.read(early), undefined, name)
  }
})

test('error.messageString is JSON whatever the message holds', () => {
  const errorMessage = 'say "no"\n\\ '
  const written = contextVariable('error.messageString')!.read(fakeContext({ errorMessage }))
  assert.equal(JSON.parse(String(written)), errorMessage)
})

test('kinds tell the truth about a call in full', () => {
  const full = fakeContext({ integrationError: 'x', errorMessage: 'x', errorResponseType: 'x' })
  for (const { name, kind, read } of CONTEXT_VARIABLES) {
    const value = read(full)
    if (value !== undefined) assert.equal(typeof value, kind, name)
  }
})

test('names are unique and described', () => {
  assert.equal(new Set(CONTEXT_VARIABLES.map(({ name }) => name)).size, CONTEXT_VARIABLES.length)
  for (const { name, description } of CONTEXT_VARIABLES) assert.match(description, /\w.*\.$/, name)
})

test('a name that AWS does not have is unknown', () => {
  for (const name of ['requestID', 'foo', '', 'authorizer', 'authorizer.a.b', 'authorizer.*']) {
    assert.equal(contextVariable(name), undefined, name)
  }
  assert.equal(nearestContextVariable('requestID'), 'requestId')
  assert.equal(nearestContextVariable('identity.sourceIP'), 'identity.sourceIp')
})
