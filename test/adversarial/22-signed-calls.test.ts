/**
 * Attack 22 on routes with IAM authorization: signatures made by AWS's own signer, and everything that can be done to a
 * signed call. To the client every failure is 403 Forbidden; the reason stands where operators look.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { SessionSeal } from '../../src/aws/iam-identity/session-token.ts'
import type { WireRequest } from '../../src/aws/wire-message.ts'
import type { IamDocument } from '../../src/domain/iam.ts'
import { startGateway, TestClock, type TestGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'
import {
  type ApiCall,
  type ApiCredentials,
  presignCall,
  sendTo,
  signCall,
} from '../harness/signed-call.ts'

const API: Pick<ApiCall, 'apiId' | 'path'> = { apiId: 'a1b2c3d4e5', path: '/orders/7' }
const ACCOUNT = '123456789012'
const ADA = { accessKeyId: 'AKPOADA', secretAccessKey: 'ada/secret+1' }
const IDLE = { accessKeyId: 'AKPOIDLE', secretAccessKey: 'idle/secret+1' }
const FOREIGN = { accessKeyId: 'AKPOFOREIGN', secretAccessKey: 'foreign/secret+1' }
const SESSION_KEY = Buffer.alloc(32, 7).toString('base64')

const ANYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'execute-api:*', Resource: '*' }],
})

function identity(kind: 'user' | 'role', name: string, accountId = ACCOUNT) {
  const arn = `arn:aws:iam::${accountId}:${kind}/${name}`
  return { kind, accountId, id: `ID${name}`, name, arn, tags: {}, policies: ['anything'] }
}

function key(credentials: ApiCredentials, userId: string, active = true, accountId = ACCOUNT) {
  const { accessKeyId, secretAccessKey } = credentials
  return { accessKeyId, secretAccessKey, accountId, active, userId, readOnly: false }
}

const IDENTITIES: IamDocument = {
  revision: 1,
  sessionKey: SESSION_KEY,
  policies: { anything: ANYTHING },
  identities: [
    identity('user', 'ada'),
    identity('role', 'deploy'),
    identity('user', 'foreign', '999999999999'),
  ],
  keys: [
    key(ADA, 'IDada'),
    key(IDLE, 'IDada', false),
    key(FOREIGN, 'IDforeign', true, '999999999999'),
  ],
}

class Attack {
  readonly clock = new TestClock()
  readonly #gateway: TestGateway

  constructor(gateway: TestGateway, clock: TestClock) {
    this.#gateway = gateway
    this.clock = clock
  }

  sign(call: Partial<ApiCall> = {}, who: ApiCredentials = ADA, options = {}): Promise<WireRequest> {
    const epochMs = this.clock.epochMs()
    return signCall({ ...API, ...call }, who, { epochMs, region: 'eu-west-1', ...options })
  }

  presign(expiresIn: number, call: Partial<ApiCall> = {}, who: ApiCredentials = ADA) {
    const at = { epochMs: this.clock.epochMs(), region: 'eu-west-1', expiresIn }
    return presignCall({ ...API, ...call }, who, at)
  }

  async passes(request: WireRequest, what = ''): Promise<void> {
    const answer = await sendTo(this.#gateway, request)
    assert.equal(answer.status, 200, `${what} ${answer.status === 200 ? '' : this.#why(answer)}`)
  }

  async refused(reason: string, request: WireRequest, what = reason): Promise<void> {
    const answer = await sendTo(this.#gateway, request)
    assert.deepEqual([answer.status, answer.json], [403, { message: 'Forbidden' }], what)
    assert.equal(this.#gateway.explain(answer).reasonCode, reason, what)
  }

  #why(answer: Parameters<TestGateway['explain']>[0]): string {
    const { reasonCode, detail } = this.#gateway.explain(answer)
    return `${reasonCode}: ${detail}`
  }
}

async function attack(t: TestContext) {
  const origin = await startEcho(t)
  const clock = new TestClock()
  const routes = { 'ANY /{proxy+}': `${origin.url}/{proxy}` }
  const gateway = await startGateway(t, { routes, iam: true, identities: IDENTITIES, clock })
  return { origin, gateway, attack: new Attack(gateway, clock) }
}

function without({ headers, ...request }: WireRequest, name: string): WireRequest {
  return { ...request, headers: headers.filter(([each]) => each.toLowerCase() !== name) }
}

function withField(request: WireRequest, name: string, value: string): WireRequest {
  const { headers, ...rest } = without(request, name.toLowerCase())
  return { ...rest, headers: [...headers, [name, value]] }
}

function fieldOf({ headers }: WireRequest, name: string): string {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1] ?? ''
}

test('22 what the official signer signs passes', async (t) => {
  const { origin, attack: a } = await attack(t)
  await a.passes(await a.sign())
  await a.passes(await a.sign({ method: 'POST', body: '{"n":1}' }, ADA, { checksum: true }))
  assert.equal(origin.requests.at(-1)!.body.toString(), '{"n":1}', 'the body arrives whole')
  await a.passes(await a.sign({ method: 'PUT', body: 'x'.repeat(200_000) }), 'a large body')
  await a.passes(await a.sign({ path: '/a%20b/%C3%A9/(c)' }), 'escapes are escaped again')
  await a.passes(await a.sign({ query: { b: ['2', '1'], a: 'x y/z', c: '' } }), 'queries')
  await a.passes(await a.sign({ headers: [['X-Own', ' a   b ']] }), 'folded fields')
  await a.passes(await a.presign(60))
  await a.passes(await a.presign(60, { query: { page: '2' } }))
})

test('22 nothing is taken for a signature that is none', async (t) => {
  const { origin, attack: a } = await attack(t)
  const signed = await a.sign()
  await a.refused('IAM_CREDENTIALS_MISSING', without(signed, 'authorization'))
  const bearer = withField(signed, 'Authorization', 'Bearer abc')
  await a.refused('IAM_SIGNATURE_MALFORMED', bearer)
  const v4a = fieldOf(signed, 'authorization').replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256')
  await a.refused('IAM_SIGNATURE_MALFORMED', withField(signed, 'Authorization', v4a), 'SigV4a')
  for (const payload of ['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD']) {
    const call = await a.sign({ headers: [['x-amz-content-sha256', payload]] })
    await a.refused('IAM_SIGNATURE_MALFORMED', call, payload)
  }
  const twice = { ...signed, headers: [...signed.headers, ['Authorization', 'x'] as const] }
  await a.refused('IAM_SIGNATURE_MALFORMED', twice, 'two of them')
  const presigned = await a.presign(60)
  const both = withField(presigned, 'Authorization', fieldOf(signed, 'authorization'))
  await a.refused('IAM_SIGNATURE_MALFORMED', both, 'both ways')
  const hostless = fieldOf(signed, 'authorization').replace('host;', '')
  await a.refused('IAM_SIGNATURE_MALFORMED', withField(signed, 'Authorization', hostless))
  assert.equal(origin.requests.length, 0)
})

test('22 a signed call cannot be changed', async (t) => {
  const { origin, attack: a } = await attack(t)
  const call = { method: 'POST', body: 'pay 10', query: { a: '1', b: '2' } }
  const signed = await a.sign({ ...call, headers: [['X-Own', 'mine']] })
  const changes: [string, WireRequest][] = [
    ['method', { ...signed, method: 'PUT' }],
    ['path', { ...signed, target: signed.target.replace('/7', '/8') }],
    ['escaped once', { ...signed, target: signed.target.replace('orders', '%6Frders') }],
    ['query', { ...signed, target: `${signed.target}&c=3` }],
    ['query order of values', { ...signed, target: signed.target.replace('a=1', 'a=1&a=0') }],
    ['body', { ...signed, body: Buffer.from('pay 99') }],
    ['signed header', withField(signed, 'X-Own', 'yours')],
    ['signature', withSignature(signed, '0'.repeat(64))],
    ['short signature', withSignature(signed, '00')],
  ]
  for (const [what, request] of changes) await a.refused('IAM_SIGNATURE_WRONG', request, what)
  await a.refused('IAM_SIGNATURE_MALFORMED', without(signed, 'x-own'), 'signed header removed')
  const added = withField(signed, 'X-Amz-Meta', 'x')
  await a.refused('IAM_SIGNATURE_MALFORMED', added, 'unsigned x-amz- field')
  const hashed = await a.sign(call, ADA, { checksum: true })
  await a.refused('IAM_BODY_CHANGED', { ...hashed, body: Buffer.from('pay 99') })
  const host = await a.sign({ host: 'other.execute-api.localhost' })
  const moved = withField(host, 'Host', 'a1b2c3d4e5.execute-api.localhost')
  await a.refused('IAM_SIGNATURE_WRONG', moved, 'another API')
  assert.equal(origin.requests.length, 0)
})

function withSignature(request: WireRequest, signature: string): WireRequest {
  const field = fieldOf(request, 'authorization').replace(/Signature=.*/, `Signature=${signature}`)
  return withField(request, 'Authorization', field)
}

test('22 the scope is this service, this region, this key', async (t) => {
  const { attack: a } = await attack(t)
  await a.refused('IAM_SCOPE_WRONG', await a.sign({}, ADA, { region: 'us-east-1' }))
  await a.refused('IAM_SCOPE_WRONG', await a.sign({}, ADA, { service: 'apigateway' }))
  await a.refused('IAM_KEY_UNKNOWN', await a.sign({}, { ...ADA, accessKeyId: 'AKPONOBODY' }))
  await a.refused('IAM_SIGNATURE_WRONG', await a.sign({}, { ...ADA, secretAccessKey: 'x' }))
  await a.refused('IAM_KEY_INACTIVE', await a.sign({}, IDLE))
  const idle = await a.sign({}, { ...IDLE, secretAccessKey: 'x' })
  await a.refused('IAM_SIGNATURE_WRONG', idle, 'whether a key is active is for its owner to know')
  await a.refused('IAM_NOT_ALLOWED', await a.sign({}, FOREIGN), 'another account')
})

test('22 time: five minutes either way, and presigned URLs as long as they say', async (t) => {
  const { attack: a } = await attack(t)
  const now = a.clock.epochMs()
  for (const [offMs, isGood] of [
    [-299_000, true],
    [299_000, true],
    [-302_000, false],
    [302_000, false],
    [-900_000, false],
    [900_000, false],
  ] as const) {
    const request = await a.sign({}, ADA, { epochMs: now + offMs })
    if (isGood) await a.passes(request, `${offMs}`)
    else await a.refused('IAM_TIME_WRONG', request, `${offMs}`)
  }
  const [header, url] = [await a.sign(), await a.presign(600)]
  a.clock.advanceDate(310_000)
  await a.refused('IAM_TIME_WRONG', header, 'replayed later')
  await a.passes(url, 'still within its life')
  const longer = { ...url, target: url.target.replace('X-Amz-Expires=600', 'X-Amz-Expires=6000') }
  await a.refused('IAM_SIGNATURE_WRONG', longer, 'prolonged')
  a.clock.advanceDate(300_000)
  await a.refused('IAM_TIME_WRONG', url, 'over')
})

test('22 sessions: sealed here, for one key, until they end', async (t) => {
  const { gateway, attack: a } = await attack(t)
  const now = a.clock.epochMs()
  const seal = new SessionSeal(SESSION_KEY)
  const sessionOf = (accessKeyId: string, id = 'IDdeploy', by = seal): ApiCredentials => ({
    accessKeyId,
    secretAccessKey: by.secretOf(accessKeyId),
    sessionToken: by.seal(
      {
        key: accessKeyId,
        account: ACCOUNT,
        id,
        name: 'run',
        issuedMs: now,
        expiresMs: now + 60_000,
      },
      Buffer.alloc(12, accessKeyId.length),
    ),
  })
  const [one, other] = [sessionOf('ASPOONE'), sessionOf('ASPOOTHER')]
  await a.passes(await a.sign({}, one))
  await a.passes(await a.presign(60, {}, one))
  const swapped = { ...one, sessionToken: other.sessionToken! }
  await a.refused('IAM_SESSION_INVALID', await a.sign({}, swapped), 'token of another')
  const replaced = withField(await a.sign({}, one), 'X-Amz-Security-Token', other.sessionToken!)
  await a.refused('IAM_SESSION_INVALID', replaced)
  const { sessionToken: _, ...bare } = one
  await a.refused('IAM_KEY_UNKNOWN', await a.sign({}, bare), 'no token')
  const onLasting = { ...ADA, sessionToken: one.sessionToken! }
  await a.refused('IAM_SESSION_INVALID', await a.sign({}, onLasting), 'a token for a lasting key')
  const elsewhere = new SessionSeal(Buffer.alloc(32, 8).toString('base64'))
  const forged = await a.sign({}, sessionOf('ASPOONE', 'IDdeploy', elsewhere))
  await a.refused('IAM_SESSION_INVALID', forged, 'sealed by another installation')
  const gone = await a.sign({}, sessionOf('ASPOONE', 'IDgone'))
  await a.refused('IAM_SESSION_INVALID', gone, 'of a role that is gone')
  a.clock.advanceDate(60_000)
  await a.refused('IAM_SESSION_EXPIRED', await a.sign({}, one))
  assert.ok(gateway.logLines.every((line) => !line.includes(one.sessionToken!)))
})

test('22 identities that are swapped out let nothing pass', async (t) => {
  const { gateway, origin, attack: a } = await attack(t)
  await a.passes(await a.sign())
  gateway.identities = { ...IDENTITIES, revision: 2, keys: [] }
  gateway.apply({ routes: { 'ANY /{proxy+}': `${origin.url}/{proxy}` }, iam: true })
  await a.refused('IAM_KEY_UNKNOWN', await a.sign())
})
