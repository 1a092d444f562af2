/** Each operation of user pools over the wire: who may call it, what is not built, and nothing that ends in a 500. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { clientCodecOf } from '../../src/aws/protocols.ts'
import { signRequest } from '../../src/aws/sigv4/sign-request.ts'
import { readCognitoIdpModel } from '../../src/services/cognito-idp/service-model.ts'
import { unsupportedOperations } from '../../src/services/cognito-idp/unsupported.ts'
import type { Endpoint } from '../harness/outside-clients.ts'
import { poolWithClient, sharedPools } from '../harness/user-pools.ts'

const MODEL = readCognitoIdpModel()
const NAMES = Object.keys(MODEL.operations)

async function send(url: string, name: string, input: object, signer?: Endpoint) {
  const request = clientCodecOf(MODEL).encodeRequest(MODEL, name, input)
  const { host } = new URL(url)
  const plain = { ...request, headers: [...request.headers, ['host', host] as const] }
  const headers =
    signer === undefined
      ? plain.headers
      : signRequest(plain, signer, {
          ...{ region: signer.region, service: MODEL.signingName, epochMs: Date.now() },
        })
  const entries = headers.filter(([field]) => field !== 'host').map(([a, b]) => [a, b])
  const response = await fetch(url, {
    ...{ method: 'POST', headers: Object.fromEntries(entries) },
    body: new Uint8Array(request.body),
  })
  const body = (await response.json()) as { __type?: string; message?: string }
  return { status: response.status, code: body.__type ?? '', message: body.message ?? '' }
}

/** Everything that the operation requires, as hostile text or as something that is there. */
function inputFor(name: string, owned: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shape = MODEL.shapes[MODEL.operations[name]!.input ?? '']
  const input: Record<string, unknown> = {}
  for (const [member, { type }] of Object.entries(shape?.members ?? {})) {
    if (owned[member] !== undefined) input[member] = owned[member]
    else if (!shape!.required.includes(member)) continue
    else if (type.kind === 'list') input[member] = []
    else if (type.kind === 'map') input[member] = {}
    else if (type.kind === 'structure') input[member] = {}
    else if (type.kind === 'string') input[member] = type.values?.[0] ?? `${'x'.repeat(20)}-1`
    else input[member] = type.kind === 'boolean' ? true : 1
  }
  return input
}

test('u00008 what needs a signature is refused without one, at both ports; what needs none is heard', async () => {
  const pools = await sharedPools()
  const { UserPoolId, ClientId } = await poolWithClient(pools)
  const { url } = pools.server.endpoint
  for (const name of NAMES) {
    const isPublic = MODEL.operations[name]!.public === true
    for (const place of [url, pools.identityUrl]) {
      const { status, code } = await send(place, name, inputFor(name, { UserPoolId, ClientId }))
      assert.equal(code === 'MissingAuthenticationTokenException', !isPublic, `${name} ${code}`)
      assert.ok(isPublic ? status < 500 : status === 403, `${name}: ${status} ${code}`)
    }
  }
})

test('u00008 what is not built says so, and nothing that is sent ends in a 500', async () => {
  const pools = await sharedPools()
  const { UserPoolId, ClientId } = await poolWithClient(pools)
  const { endpoint } = pools.server
  for (const [name, { feature }] of Object.entries(unsupportedOperations)) {
    const owned = { UserPoolId, ClientId }
    const { status, code, message } = await send(
      endpoint.url,
      name,
      inputFor(name, owned),
      endpoint,
    )
    assert.deepEqual([status, code], [400, 'InvalidParameterException'], name)
    assert.match(message, new RegExp(`^${name} is not supported .*: ${feature}\\.$`))
  }
  const hostile = {
    ...{ AccessToken: 'a.b.c', Session: `${UserPoolId}.${'A'.repeat(80)}`, RefreshToken: 'x.y' },
    ...{ Token: 'x', Username: '__proto__', GroupName: 'constructor', Identifier: '__proto__' },
    ...{
      AuthParameters: { USERNAME: '__proto__', PASSWORD: 'x', SRP_A: 'ff', REFRESH_TOKEN: 'x' },
    },
    ...{ ChallengeResponses: { USERNAME: 'toString', PASSWORD_CLAIM_SECRET_BLOCK: 'AAAA' } },
    ...{ UserAttributes: [{ Name: '__proto__', Value: 'x' }], Filter: '__proto__ = "x"' },
  }
  for (const name of NAMES.filter((each) => !/^(?:Create|Delete)UserPool$/.test(each))) {
    for (const owned of [
      { UserPoolId, ClientId },
      { UserPoolId, ClientId, ...hostile },
    ]) {
      const { status, code } = await send(endpoint.url, name, inputFor(name, owned), endpoint)
      assert.ok(status < 500, `${name}: ${status} ${code}`)
    }
  }
})

test('u00008 another account, and a key that may only read, change nothing', async () => {
  const pools = await sharedPools()
  const { UserPoolId, ClientId } = await poolWithClient(pools)
  const { endpoint } = pools.server
  const keyOf = async (words: readonly string[]) => {
    const { execFile } = await import('node:child_process')
    const { promisify } = await import('node:util')
    const main = new URL('../../src/main.ts', import.meta.url).pathname
    const run = promisify(execFile)
    const all = [main, 'keys', 'create', ...words, '--data', pools.server.folder, '--json']
    const { stdout } = await run(process.execPath, all)
    const key = JSON.parse(stdout) as Record<string, string>
    const accessKeyId = key['accessKeyId'] ?? key['AccessKeyId']!
    const secretAccessKey = key['secretAccessKey'] ?? key['SecretAccessKey']!
    return { ...endpoint, accessKeyId, secretAccessKey }
  }
  const stranger = await keyOf(['--account', '999999999999'])
  const reader = await keyOf(['--read-only'])
  const writes = ['AdminCreateUser', 'AdminInitiateAuth', 'UpdateUserPool', 'CreateUserPool']
  for (const name of [...writes, 'DescribeUserPool', 'ListUsers']) {
    const input = { ...inputFor(name, { UserPoolId, ClientId }), Username: 'ada', PoolName: 'p' }
    if (name !== 'CreateUserPool') {
      const { code } = await send(endpoint.url, name, input, stranger)
      assert.equal(code, 'ResourceNotFoundException', name)
    }
    const { code } = await send(endpoint.url, name, input, reader)
    assert.equal(code, writes.includes(name) ? 'AccessDeniedException' : '', name)
  }
  const { Users } = await pools.admin.send(new sdk.ListUsersCommand({ UserPoolId }))
  assert.deepEqual(Users, [])
})
