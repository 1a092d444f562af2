import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { type TestContext, test } from 'node:test'
import type { WireRequest } from '../wire-message.ts'
import {
  type PlainRequest,
  presignOfficially,
  SUITE_KEY,
  SUITE_MS,
  SUITE_SCOPE,
  signOfficially,
  suiteOptions,
} from './official-signer.fake.ts'
import { deriveSigningKey, SigningKeys } from './signing-key.ts'
import { claimedCredential, verifySignature } from './sigv4.ts'

const HOST = ['Host', 'example.amazonaws.com'] as const
const VERIFIED = {
  kind: 'verified',
  accessKeyId: 'AKIDEXAMPLE',
  region: 'us-east-1',
  service: 'service',
  signedAt: new Date(SUITE_MS),
}

const utf8 = (bytes: string) => Buffer.from(bytes, 'utf8').toString('latin1')

test('the figures of the published suite: get-vanilla', () => {
  const signature = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'
  const request = getVanilla({ Signature: signature })
  assert.deepEqual(verifySignature(request, suiteOptions()), VERIFIED)
})

test('parameters of the Authorization field come in any order, with or without white space', () => {
  const scope = '20150830/us-east-1/service/aws4_request'
  const signature = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'
  const values = [
    `AWS4-HMAC-SHA256 Signature=${signature},Credential=AKIDEXAMPLE/${scope},SignedHeaders=host;x-amz-date`,
    `AWS4-HMAC-SHA256   SignedHeaders=host;x-amz-date ,  Signature=${signature}  , Credential=AKIDEXAMPLE/${scope}`,
  ]
  for (const value of values) {
    const verdict = verifySignature(withAuthorization(value), suiteOptions())
    assert.equal(verdict.kind, 'verified', value)
  }
})

test('a date in the form of HTTP does where X-Amz-Date is missing', async () => {
  const key = SUITE_KEY.secretAccessKey
  assert.equal(new Date(SUITE_MS).toUTCString(), 'Sun, 30 Aug 2015 12:36:00 GMT')
  const canonical = [
    'GET',
    '/',
    '',
    'date:Sun, 30 Aug 2015 12:36:00 GMT',
    'host:example.amazonaws.com',
    '',
    'date;host',
    crypto.createHash('sha256').digest('hex'),
  ]
  const text = [
    'AWS4-HMAC-SHA256',
    '20150830T123600Z',
    '20150830/us-east-1/service/aws4_request',
    crypto.createHash('sha256').update(canonical.join('\n')).digest('hex'),
  ]
  const signingKey = deriveSigningKey(key, { date: '20150830', ...SUITE_SCOPE })
  const signature = crypto.createHmac('sha256', signingKey).update(text.join('\n')).digest('hex')
  const request: WireRequest = {
    method: 'GET',
    target: '/',
    headers: [
      HOST,
      ['Date', 'Sun, 30 Aug 2015 12:36:00 GMT'],
      [
        'Authorization',
        `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${text[2]}, SignedHeaders=date;host, Signature=${signature}`,
      ],
    ],
    body: new Uint8Array(),
  }
  assert.deepEqual(verifySignature(request, suiteOptions()), VERIFIED)
})

const SCOPE = 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request'
const PARTS = {
  Credential: SCOPE,
  SignedHeaders: 'host;x-amz-date',
  Signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
}

function getVanilla(changes: Readonly<Record<string, string | undefined>>): WireRequest {
  const pairs = Object.entries({ ...PARTS, ...changes }).filter(([, value]) => value !== undefined)
  const text = pairs.map(([name, value]) => `${name}=${value}`).join(', ')
  return withAuthorization(`AWS4-HMAC-SHA256 ${text}`)
}

function withAuthorization(value: string): WireRequest {
  return {
    method: 'GET',
    target: '/',
    headers: [HOST, ['X-Amz-Date', '20150830T123600Z'], ['Authorization', value]],
    body: new Uint8Array(),
  }
}

function withHeaders(...headers: WireRequest['headers']): WireRequest {
  const request = getVanilla({})
  return { ...request, headers: [...request.headers, ...headers] }
}

function withoutHeader(name: string): WireRequest {
  const request = getVanilla({})
  return { ...request, headers: request.headers.filter(([each]) => each !== name) }
}

const INCOMPLETE = 'IncompleteSignatureException'
const INVALID = 'InvalidSignatureException'

/** What is wrong → the request, the code, and what the message says. */
const REFUSED: Readonly<Record<string, readonly [WireRequest, string, RegExp]>> = {
  'no signature at all': [
    withoutHeader('Authorization'),
    'MissingAuthenticationTokenException',
    /^Missing Authentication Token$/,
  ],
  'another scheme, whose secret is not repeated': [
    withAuthorization('Bearer the-token'),
    INCOMPLETE,
    /^Invalid key=value pair \(missing equal-sign\) in Authorization header \(hashed with SHA-256 and encoded with Base64\): '[A-Za-z0-9+/]{43}='\.$/,
  ],
  'no parameters': [
    withAuthorization('AWS4-HMAC-SHA256'),
    INCOMPLETE,
    /requires 'Credential' .* requires 'Signature' .* requires 'SignedHeaders' parameter\.$/,
  ],
  'an empty piece': [
    withAuthorization(`AWS4-HMAC-SHA256 Credential=${SCOPE},`),
    INCOMPLETE,
    /missing equal-sign/,
  ],
  'no Credential': [getVanilla({ Credential: undefined }), INCOMPLETE, /requires 'Credential' /],
  'no Signature': [getVanilla({ Signature: undefined }), INCOMPLETE, /requires 'Signature' /],
  'an empty Signature': [getVanilla({ Signature: '' }), INCOMPLETE, /missing equal-sign/],
  'no SignedHeaders': [getVanilla({ SignedHeaders: undefined }), INCOMPLETE, /'SignedHeaders'/],
  'no date': [
    withoutHeader('X-Amz-Date'),
    INCOMPLETE,
    /^Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header\.$/,
  ],
  'an unknown parameter': [getVanilla({ Extra: '1' }), INCOMPLETE, /the name 'Extra'/],
  'a parameter twice': [
    withAuthorization(`AWS4-HMAC-SHA256 Credential=${SCOPE}, Credential=${SCOPE}`),
    INCOMPLETE,
    /^'Credential' is there more than once\.$/,
  ],
  'two Authorization fields': [
    withHeaders(['authorization', 'Bearer x']),
    INCOMPLETE,
    /^'Authorization' is there more than once\.$/,
  ],
  'two dates': [
    withHeaders(['x-amz-date', '20150830T123600Z']),
    INCOMPLETE,
    /^'x-amz-date' is there more than once\.$/,
  ],
  'two hosts': [withHeaders(['host', HOST[1]]), INCOMPLETE, /^'host' is there more than once\.$/],
  'both forms': [
    { ...getVanilla({}), target: '/?X-Amz-Signature=1' },
    INCOMPLETE,
    /Authorization header and the query-string parameter 'X-Amz-Signature'/,
  ],
  'Signature Version 4a': [
    withAuthorization('AWS4-ECDSA-P256-SHA256 Credential=x, SignedHeaders=host, Signature=30'),
    INCOMPLETE,
    /^Signature Version 4a \(AWS4-ECDSA-P256-SHA256\) is not supported\. Use AWS4-HMAC-SHA256\.$/,
  ],
  'another algorithm': [
    withAuthorization('AWS4-HMAC-SHA512 Credential=x'),
    INCOMPLETE,
    /^Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'/,
  ],
  'four elements of a credential': [
    getVanilla({ Credential: 'AKIDEXAMPLE/20150830/us-east-1/service' }),
    INCOMPLETE,
    /exactly 5 slash-separated elements/,
  ],
  'six elements of a credential': [
    getVanilla({ Credential: `${SCOPE}/x` }),
    INCOMPLETE,
    /exactly 5 slash-separated elements/,
  ],
  'another terminator': [
    getVanilla({ Credential: 'AKIDEXAMPLE/20150830/us-east-1/service/aws5_request' }),
    INCOMPLETE,
    /valid terminator: 'aws4_request'/,
  ],
  'no key id': [
    getVanilla({ Credential: '/20150830/us-east-1/service/aws4_request' }),
    INCOMPLETE,
    /no access key id/,
  ],
  'another service': [
    getVanilla({ Credential: 'AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request' }),
    INVALID,
    /^Credential should be scoped to correct service: 'service'\.$/,
  ],
  'no region': [
    getVanilla({ Credential: 'AKIDEXAMPLE/20150830//service/aws4_request' }),
    INVALID,
    /valid region/,
  ],
  'a region that is a path': [
    getVanilla({ Credential: 'AKIDEXAMPLE/20150830/../service/aws4_request' }),
    INVALID,
    /valid region/,
  ],
  'another day': [
    getVanilla({ Credential: 'AKIDEXAMPLE/20150831/us-east-1/service/aws4_request' }),
    INVALID,
    /: '20150831' != '20150830', from '20150830T123600Z'\.$/,
  ],
  'upper case in SignedHeaders': [
    getVanilla({ SignedHeaders: 'Host;x-amz-date' }),
    INCOMPLETE,
    /lower-case header names/,
  ],
  'SignedHeaders out of order': [
    getVanilla({ SignedHeaders: 'x-amz-date;host' }),
    INCOMPLETE,
    /sorted/,
  ],
  'a signed header twice': [
    getVanilla({ SignedHeaders: 'host;host;x-amz-date' }),
    INCOMPLETE,
    /each once/,
  ],
  'the host not signed': [
    getVanilla({ SignedHeaders: 'x-amz-date' }),
    INCOMPLETE,
    /must include 'host'/,
  ],
  'the date not signed': [
    getVanilla({ SignedHeaders: 'host' }),
    INVALID,
    /^The header 'x-amz-date' is in the request and is not signed\.$/,
  ],
  'a signed header that is not there': [
    getVanilla({ SignedHeaders: 'host;x-amz-date;x-gone' }),
    INVALID,
    /^The signed header 'x-gone' is not in the request\.$/,
  ],
  'a target that is no path': [
    { ...getVanilla({}), target: 'http://example.amazonaws.com/' },
    INCOMPLETE,
    /for a path/,
  ],
  'a signature in upper case': [
    getVanilla({ Signature: PARTS.Signature.toUpperCase() }),
    INVALID,
    /does not match/,
  ],
  'half a signature': [
    getVanilla({ Signature: PARTS.Signature.slice(32) }),
    INVALID,
    /does not match/,
  ],
  'an unknown key': [
    getVanilla({ Credential: SCOPE.replace('AKIDEXAMPLE', 'AKIDOTHER') }),
    'UnrecognizedClientException',
    /^The security token included in the request is invalid\.$/,
  ],
}

for (const [name, [request, code, message]] of Object.entries(REFUSED)) {
  test(`refused: ${name}`, () => {
    const verdict = verifySignature(request, suiteOptions())
    assert.equal(verdict.kind, 'refused')
    assert.equal(verdict.kind === 'refused' && verdict.code, code)
    assert.match(verdict.kind === 'refused' ? verdict.message : '', message)
  })
}

for (const date of [
  '20150830T123600',
  '2015-08-30T12:36:00Z',
  '20150230T123600Z',
  '20150830T246000Z',
  'x',
]) {
  test(`refused: the date ${date}`, () => {
    const request = withoutHeader('X-Amz-Date')
    const headers = [...request.headers, ['X-Amz-Date', date] as const]
    const verdict = verifySignature({ ...request, headers }, suiteOptions())
    assert.match(verdict.kind === 'refused' ? verdict.message : '', /ISO-8601 'basic format'/)
  })
}

test('query form: every component is needed, once, in its form', async () => {
  const presigned = await presignOfficially({ method: 'GET', path: '/' }, { expiresIn: 60 })
  const names = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature']
  for (const name of names) {
    const parameter = new RegExp(`X-Amz-${name}=[^&]*&?`)
    const without = { ...presigned, target: presigned.target.replace(parameter, '') }
    assertRefused(without, INCOMPLETE, new RegExp(`must include 'X-Amz-${name}'`))
    const again = { ...presigned, target: `${presigned.target}&X-Amz-${name}=x` }
    assertRefused(again, INCOMPLETE, new RegExp(`^'X-Amz-${name}' is there more than once`))
  }
  for (const expires of ['0', '-1', '604801', '1e3', '60.5', '', '9999999999']) {
    const target = presigned.target.replace('X-Amz-Expires=60', `X-Amz-Expires=${expires}`)
    assertRefused({ ...presigned, target }, INCOMPLETE, /from 1 to 604800/)
  }
  const target = presigned.target.replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256')
  assertRefused({ ...presigned, target }, INCOMPLETE, /4a/)
})

test('a wrong signature is told what would have been signed, and not the right signature', async () => {
  const plain: PlainRequest = {
    method: 'POST',
    path: '/v2/apis',
    query: { b: 'ü', a: '1 2' },
    headers: [HOST, ['X-Amz-Target', 'x']],
    body: '{}',
  }
  const sessionToken = 'SESSIONTOKEN'
  const signed = await signOfficially(plain, { credentials: { ...SUITE_KEY, sessionToken } })
  const right = /Signature=(\w+)/.exec(new Map(signed.headers).get('authorization') ?? '')![1]!
  const headers = signed.headers.map(
    ([name, value]) => [name, value.replace(right, '0'.repeat(64))] as const,
  )
  const verdict = verifySignature({ ...signed, headers }, suiteOptions())
  const message = verdict.kind === 'refused' ? verdict.message : ''
  assert.match(message, /^The request signature we calculated does not match the signature you/)
  assert.ok(
    message.includes(
      "'POST\n/v2/apis\na=1%202&b=%C3%BC\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\nx-amz-security-token:(not shown)\nx-amz-target:x\n\nhost;x-amz-date;x-amz-security-token;x-amz-target\n" +
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'",
    ),
    message,
  )
  assert.ok(message.includes("'AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/"))
  for (const secret of [right, SUITE_KEY.secretAccessKey, sessionToken]) {
    assert.ok(!message.includes(secret))
  }
})

test('several services may be allowed, and the one that was signed for is told', async () => {
  const options = suiteOptions({ services: ['apigateway', 'postern'] })
  for (const service of options.services) {
    const signed = await signOfficially(
      { method: 'GET', path: '/' },
      { service, region: 'local-1' },
    )
    const verdict = verifySignature(signed, options)
    assert.deepEqual(verdict, { ...VERIFIED, service, region: 'local-1' })
  }
  const other = await signOfficially({ method: 'GET', path: '/' })
  assertRefused(other, INVALID, /correct service: 'apigateway' or 'postern'\.$/, options)
})

test('an unsigned payload is accepted where the option allows it, and its signature is checked', async () => {
  const plain: PlainRequest = {
    method: 'PUT',
    path: '/x',
    headers: [HOST, ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD']],
    body: 'anything',
  }
  const signed = await signOfficially(plain)
  const allowing = suiteOptions({ allowUnsignedPayload: true })
  assert.deepEqual(verifySignature(signed, allowing), VERIFIED)
  assertRefused({ ...signed, target: '/y' }, INVALID, /does not match/, allowing)
  assertRefused(signed, INVALID, /The body has to be signed here\.$/)
})

test('header values are text as received: one character a byte', async () => {
  const plain: PlainRequest = {
    method: 'GET',
    path: '/',
    headers: [HOST, ['x-name', utf8('ü')]],
  }
  assert.deepEqual(verifySignature(await signOfficially(plain), suiteOptions()), VERIFIED)
})

test('the claim of a request: who it says has signed it, whatever the signature', () => {
  const scope = { region: 'us-east-1', service: 'service' }
  const claim = { accessKeyId: 'AKIDEXAMPLE', ...scope, sessionToken: undefined }
  assert.deepEqual(claimedCredential(getVanilla({ Signature: '0' })), claim)
  assert.equal(claimedCredential(withoutHeader('Authorization')), undefined)
  const elsewhere = 'AKIDEXAMPLE/20150830/no region/service/aws4_request'
  assert.equal(claimedCredential(getVanilla({ Credential: elsewhere })), undefined)
  const upper = 'AKIDEXAMPLE/20150830/US/service/aws4_request'
  assert.equal(claimedCredential(getVanilla({ Credential: upper })), undefined)
})

/** How often the functions of node:crypto that cost something are called. */
function countWork(t: TestContext): () => Record<string, number> {
  const names = ['createHmac', 'createHash', 'timingSafeEqual'] as const
  const mocks = names.map((name) => t.mock.method(crypto, name))
  syncBuiltinESMExports()
  t.after(() => {
    for (const mock of mocks) mock.mock.restore()
    syncBuiltinESMExports()
  })
  return () => {
    const counts = mocks.map((mock, i) => [names[i], mock.mock.callCount()])
    for (const mock of mocks) mock.mock.resetCalls()
    return Object.fromEntries(counts)
  }
}

test('an unknown key costs what a wrong signature costs, whether or not a signing key is held', (t) => {
  const options = suiteOptions()
  const wrong = getVanilla({ Signature: '0'.repeat(64) })
  const unknown = getVanilla({ Credential: SCOPE.replace('AKIDEXAMPLE', 'AKIDOTHER') })
  const counted = countWork(t)
  const work = (request: WireRequest) => {
    verifySignature(request, options)
    return counted()
  }
  const ofWrong = work(wrong)
  assert.deepEqual(ofWrong, { createHmac: 5, createHash: 2, timingSafeEqual: 1 })
  assert.deepEqual(work(unknown), ofWrong)
  assert.deepEqual(work(unknown), ofWrong, 'nothing is held of an unknown key')
  assert.equal(work(getVanilla({})).createHmac, 5)
  assert.equal(work(getVanilla({})).createHmac, 1, 'held')
  assert.deepEqual(work(wrong), ofWrong)
  assert.deepEqual(work(unknown), ofWrong)
})

test('signing keys: bounded, and gone when the id gets another secret', (t) => {
  const keys = new SigningKeys(2)
  const counted = countWork(t)
  const check = (accessKeyId: string, secretAccessKey: string) => {
    const scope = { date: '20150830', ...SUITE_SCOPE }
    const signingKey = deriveSigningKey(secretAccessKey, scope)
    const signature = crypto.createHmac('sha256', signingKey).update('text').digest('hex')
    counted()
    const claim = { accessKeyId, secretAccessKey, scope, stringToSign: 'text', signature }
    assert.ok(keys.isRight(claim))
    return counted().createHmac
  }
  assert.deepEqual([check('a', '1'), check('a', '1')], [5, 1])
  assert.deepEqual([check('a', '2'), check('a', '2')], [5, 1])
  assert.deepEqual([check('b', '1'), check('c', '1')], [5, 5])
  assert.deepEqual([check('b', '1'), check('c', '1'), check('a', '2')], [1, 1, 5])
})

function assertRefused(
  request: WireRequest,
  code: string,
  message: RegExp,
  options = suiteOptions(),
): void {
  const verdict = verifySignature(request, options)
  assert.equal(verdict.kind === 'refused' && verdict.code, code, JSON.stringify(verdict))
  assert.match(verdict.kind === 'refused' ? verdict.message : '', message)
}
