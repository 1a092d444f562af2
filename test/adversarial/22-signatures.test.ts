/**
 * Test 22: signatures of the management API against everything that is tried on them. Requests are signed by AWS's own
 * signer; what arrives is judged as the control port judges it.
 */

import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import {
  type OfficialOptions,
  type PlainRequest,
  presignOfficially,
  SUITE_KEY,
  SUITE_MS,
  signOfficially,
  suiteOptions,
} from '../../src/aws/sigv4/official-signer.fake.ts'
import { type VerifyOptions, verifySignature } from '../../src/aws/sigv4/sigv4.ts'
import type { WireRequest } from '../../src/aws/wire-message.ts'

const MINUTE_MS = 60_000
const HOST = ['Host', '127.0.0.1:9080'] as const
const INCOMPLETE = 'IncompleteSignatureException'
const INVALID = 'InvalidSignatureException'
const UNRECOGNIZED = 'UnrecognizedClientException'
const MISMATCH = /^The request signature we calculated does not match the signature you provided\./
const CONTROL = { service: 'apigateway' } satisfies OfficialOptions

const CREATE_ROUTE: PlainRequest = {
  method: 'POST',
  path: '/v2/apis/a1b2c3d4e5/routes',
  query: { tag: ['one', 'two'], empty: '' },
  headers: [HOST, ['Content-Type', 'application/json'], ['X-Amz-User-Agent', 'aws-sdk-js/3']],
  body: '{"routeKey":"GET /pets"}',
}

function options(changes: Partial<VerifyOptions> & { nowMs?: number } = {}): VerifyOptions {
  const { nowMs = SUITE_MS, ...rest } = changes
  const clock = { now: () => 0, epochMs: () => nowMs }
  return suiteOptions({ services: ['apigateway', 'postern'], clock, ...rest })
}

function assertVerified(request: WireRequest, using = options()): void {
  const verdict = verifySignature(request, using)
  assert.equal(verdict.kind, 'verified', JSON.stringify(verdict))
}

function assertRefused(
  request: WireRequest,
  [code, message]: readonly [code: string, message: RegExp],
  using = options(),
): void {
  const verdict = verifySignature(request, using)
  assert.ok(verdict.kind === 'refused', JSON.stringify(verdict))
  assert.equal(verdict.code, code)
  assert.match(verdict.message, message)
  assert.ok(!verdict.message.includes(SUITE_KEY.secretAccessKey))
}

function withField(request: WireRequest, field: string, value: string | undefined): WireRequest {
  const others = request.headers.filter(([name]) => name.toLowerCase() !== field)
  return { ...request, headers: value === undefined ? others : [...others, [field, value]] }
}

function fieldOf(request: WireRequest, field: string): string {
  return request.headers.find(([name]) => name.toLowerCase() === field)![1]
}

const signed = await signOfficially(CREATE_ROUTE, CONTROL)
const presigned = await presignOfficially(CREATE_ROUTE, { ...CONTROL, expiresIn: 60 })

test('22 what nobody has touched is verified', () => {
  assertVerified(signed)
  assertVerified(presigned)
})

test('22 clocks that are off: five minutes either way, and not fifteen', () => {
  for (const minutes of [-5, -4, 0, 4, 5]) {
    assertVerified(signed, options({ nowMs: SUITE_MS + minutes * MINUTE_MS }))
  }
  const expired = [
    INVALID,
    /^Signature expired: 20150830T123600Z is now earlier than 20150830T124600Z \(20150830T125100Z - 5 min\.\)$/,
  ] as const
  const early = [
    INVALID,
    /^Signature not yet current: 20150830T123600Z is still later than 20150830T122600Z \(20150830T122100Z \+ 5 min\.\)$/,
  ] as const
  assertRefused(signed, expired, options({ nowMs: SUITE_MS + 15 * MINUTE_MS }))
  assertRefused(signed, early, options({ nowMs: SUITE_MS - 15 * MINUTE_MS }))
  assertRefused(presigned, early, options({ nowMs: SUITE_MS - 15 * MINUTE_MS }))
  const justOff = 5 * MINUTE_MS + 1
  assertRefused(signed, [INVALID, /^Signature expired/], options({ nowMs: SUITE_MS + justOff }))
  assertRefused(signed, [INVALID, /^Signature not yet/], options({ nowMs: SUITE_MS - justOff }))
  assertVerified(signed, options({ nowMs: SUITE_MS + justOff, skewMs: 15 * MINUTE_MS }))
})

test('22 a replay is good as long as the signature is, as on AWS, and no longer', () => {
  const [using, later] = [options(), options({ nowMs: SUITE_MS + 6 * MINUTE_MS })]
  assertVerified(signed, using)
  assertVerified(signed, using)
  assertRefused(signed, [INVALID, /^Signature expired/], later)
  const redated = withField(signed, 'x-amz-date', '20150830T124200Z')
  assertRefused(redated, [INVALID, MISMATCH], later)
})

test('22 a presigned URL lives as long as it says, which nobody can change', async () => {
  assertVerified(presigned, options({ nowMs: SUITE_MS + MINUTE_MS }))
  const late = options({ nowMs: SUITE_MS + MINUTE_MS + 1_000 })
  assertRefused(
    presigned,
    [INVALID, /^Signature expired: .* \(20150830T123701Z - 60 sec\.\)$/],
    late,
  )
  const longer = presigned.target.replace('X-Amz-Expires=60', 'X-Amz-Expires=600')
  assertRefused({ ...presigned, target: longer }, [INVALID, MISMATCH], late)
  const week = await presignOfficially(CREATE_ROUTE, { ...CONTROL, expiresIn: 604_800 })
  assertVerified(week, options({ nowMs: SUITE_MS + 604_800_000 }))
  assertRefused(week, [INVALID, /^Signature expired/], options({ nowMs: SUITE_MS + 604_801_000 }))
  const forever = presigned.target.replace('X-Amz-Expires=60', 'X-Amz-Expires=604801')
  assertRefused({ ...presigned, target: forever }, [INCOMPLETE, /from 1 to 604800/])
})

test('22 fields that somebody adds on the way', () => {
  for (const request of [signed, presigned]) {
    for (const name of ['X-Amz-Security-Token', 'x-amz-target', 'X-AMZ-Meta', 'x-amz-']) {
      const added = { ...request, headers: [...request.headers, [name, 'x'] as const] }
      assertRefused(added, [INVALID, / is in the request and is not signed\.$/])
    }
    const host = { ...request, headers: [...request.headers, ['host', 'evil.example'] as const] }
    assertRefused(host, [INCOMPLETE, /^'host' is there more than once/])
    // Not covered, as on AWS: proxies add such fields, and no operation reads them.
    const traced = { ...request, headers: [...request.headers, ['X-Trace', '1'] as const] }
    assertVerified(traced)
  }
})

test('22 signed fields that somebody removes or changes', () => {
  for (const name of ['host', 'content-type', 'x-amz-user-agent']) {
    const gone = withField(signed, name, undefined)
    assertRefused(gone, [INVALID, new RegExp(`^The signed header '${name}' is not in the request`)])
    assertRefused(withField(signed, name, 'x'), [INVALID, MISMATCH])
    const listed = fieldOf(signed, 'authorization').replace(new RegExp(`(;${name}|${name};)`), '')
    const unlisted = withField(withField(signed, 'authorization', listed), name, undefined)
    const refusal =
      name === 'host' ? ([INCOMPLETE, /'host'/] as const) : ([INVALID, MISMATCH] as const)
    assertRefused(unlisted, refusal)
  }
  assertRefused(withField(signed, 'x-amz-date', undefined), [INCOMPLETE, /'X-Amz-Date'/])
})

/** Other spellings of one path, some of which other software takes for the same. */
const OTHER_PATHS = [
  '/v2/apis/a1b2c3d4e5/routes/',
  '/v2//apis/a1b2c3d4e5/routes',
  '//v2/apis/a1b2c3d4e5/routes',
  '/v2/apis/a1b2c3d4e5/./routes',
  '/v2/apis/other/../a1b2c3d4e5/routes',
  '/v2/apis/a1b2c3d4e5/routes/.',
  '/v2/apis/a1b2c3d4e5/routes/x/..',
  '/v2/apis/a1b2c3d4e5%2Froutes',
  '/v2/apis/a1b2c3d4e5/%72outes',
  '/v2/apis/a1b2c3d4e5/routes%00',
  '/V2/apis/a1b2c3d4e5/routes',
  '/v2/apis/a1b2c3d4e5/routes;x',
]

test('22 a signature is for the path as it is routed', () => {
  const search = signed.target.slice(signed.target.indexOf('?'))
  for (const path of OTHER_PATHS) {
    assertRefused({ ...signed, target: path + search }, [INVALID, MISMATCH])
  }
  const dotted = { ...signed, target: `/v2/x/../apis/a1b2c3d4e5/routes${search}` }
  assertRefused(dotted, [INVALID, /Send the path that you have signed\.$/])
})

test('22 paths that the official signer resolves before it signs are not taken for what they are not', async () => {
  for (const path of [
    '/example/..',
    '/example1/example2/../..',
    '/./',
    '/./example',
    '//',
    '//example//',
    '/a/./b',
  ]) {
    const request = await signOfficially({ method: 'GET', path, headers: [HOST] }, CONTROL)
    assertRefused(request, [INVALID, /Send the path that you have signed\.$/])
  }
})

test('22 paths are escaped twice, and neither once nor three times', async () => {
  const tags = {
    ...CREATE_ROUTE,
    path: '/v2/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2Fa',
  }
  const request = await signOfficially(tags, CONTROL)
  assertVerified(request)
  const [path, search] = request.target.split('?')
  for (const other of [
    decodeURIComponent(path!),
    path!.replaceAll('%', '%25'),
    path!.toLowerCase(),
    path!.replaceAll('%3A', ':'),
  ]) {
    assertRefused({ ...request, target: `${other}?${search}` }, [INVALID, MISMATCH])
  }
  const once = await signOfficially({ ...tags, path: decodeURIComponent(path!) }, CONTROL)
  assertRefused({ ...once, target: request.target }, [INVALID, MISMATCH])
})

test('22 UNSIGNED-PAYLOAD and chunked signing are refused, said by the signer or added on the way', async () => {
  for (const [declared, message] of [
    [
      'UNSIGNED-PAYLOAD',
      /^x-amz-content-sha256 is UNSIGNED-PAYLOAD\. The body has to be signed here\.$/,
    ],
    ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', /signed chunk by chunk .* not supported\.$/],
    ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', /signed chunk by chunk/],
    ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', /signed chunk by chunk/],
  ] as const) {
    const headers = [...CREATE_ROUTE.headers!, ['x-amz-content-sha256', declared] as const]
    const request = await signOfficially({ ...CREATE_ROUTE, headers }, CONTROL)
    assertRefused(request, [INVALID, message])
    const added = withField(signed, 'x-amz-content-sha256', declared)
    assertRefused(added, [INVALID, /is not signed\.$/])
  }
})

test('22 a body that is not the signed one', async () => {
  const declaring = await signOfficially(CREATE_ROUTE, { ...CONTROL, checksum: true })
  assertVerified(declaring)
  const body = Buffer.from('{"routeKey":"GET /pots"}')
  assertRefused({ ...signed, body }, [INVALID, MISMATCH])
  assertRefused({ ...presigned, body }, [INVALID, MISMATCH])
  assertRefused({ ...declaring, body }, [INVALID, /is not the SHA-256 of the body\.$/])
  assertRefused({ ...declaring, body: new Uint8Array() }, [INVALID, /is not the SHA-256/])
  const hash = createHash('sha256').update(body).digest('hex')
  const both = withField({ ...declaring, body }, 'x-amz-content-sha256', hash)
  assertRefused(both, [INVALID, MISMATCH])
  const upper = fieldOf(declaring, 'x-amz-content-sha256').toUpperCase()
  assertRefused(withField(declaring, 'x-amz-content-sha256', upper), [INVALID, MISMATCH])
})

test('22 session tokens: the one that belongs to the key, and none where none belongs', async () => {
  const key = { ...SUITE_KEY, sessionToken: 'FwoGZXIvYXdzEXAMPLE/+=' }
  const temporary = options({ secretOf: () => key })
  const invalid = [
    UNRECOGNIZED,
    /^The security token included in the request is invalid\.$/,
  ] as const
  for (const sign of [
    (credentials: typeof SUITE_KEY) => signOfficially(CREATE_ROUTE, { ...CONTROL, credentials }),
    (credentials: typeof SUITE_KEY) =>
      presignOfficially(CREATE_ROUTE, { ...CONTROL, credentials, expiresIn: 60 }),
  ]) {
    const request = await sign(key)
    assertVerified(request, temporary)
    const otherToken = { ...key, sessionToken: 'FwoGZXIvYXdzEXAMPLE/++' }
    assertRefused(await sign(otherToken), invalid, temporary)
    assertRefused(await sign({ ...key, sessionToken: 'x' } as typeof SUITE_KEY), invalid, temporary)
    assertRefused(await sign(SUITE_KEY), invalid, temporary)
    const unexpected = [UNRECOGNIZED, /has no session token: unset AWS_SESSION_TOKEN\.$/] as const
    assertRefused(request, unexpected)
  }
  const swapped = withField(
    await signOfficially(CREATE_ROUTE, { ...CONTROL, credentials: key }),
    'x-amz-security-token',
    'x',
  )
  assertRefused(swapped, [INVALID, MISMATCH], temporary)
})

test('22 regions and services: what the signature says, and of the allowed ones', async () => {
  const elsewhere = await signOfficially(CREATE_ROUTE, { ...CONTROL, region: 'eu-central-1' })
  const verdict = verifySignature(elsewhere, options())
  assert.ok(verdict.kind === 'verified')
  assert.equal(verdict.region, 'eu-central-1')
  const authorization = fieldOf(signed, 'authorization')
  for (const [from, to, message] of [
    ['us-east-1', 'eu-central-1', MISMATCH],
    ['apigateway', 'postern', MISMATCH],
    [
      'apigateway',
      'execute-api',
      /^Credential should be scoped to correct service: 'apigateway' or 'postern'\.$/,
    ],
    ['us-east-1', 'US-EAST-1', /valid region/],
    ['us-east-1', '*', /valid region/],
    ['us-east-1', 'x'.repeat(33), /valid region/],
    ['20150830', '20150829', /^Date in Credential scope does not match/],
  ] as const) {
    const moved = withField(signed, 'authorization', authorization.replace(from, to))
    assertRefused(moved, [INVALID, message])
  }
  const data = await signOfficially(CREATE_ROUTE, { service: 'execute-api' })
  assertRefused(data, [INVALID, /correct service/])
})

test('22 query parameters: one more, one less, twice, in another spelling', () => {
  const { target } = signed
  for (const other of [
    `${target}&tag=three`,
    `${target}&tag=two`,
    `${target}&empty`,
    target.replace('tag=two&', ''),
    target.replace('tag=one', 'tag=One'),
    target.replace('tag=one', 'tag=one%20'),
    target.replace('tag=one', 'tag%3Done'),
    target.replace('&empty=', ''),
    target.replace('?', '?%00&'),
  ]) {
    assert.notEqual(other, target)
    assertRefused({ ...signed, target: other }, [INVALID, MISMATCH])
  }
  for (const same of [
    target.replace('tag=one', '%74ag=%6fne'),
    target.replace('empty=', 'empty'),
    target
      .split('?')
      .map((part, i) => (i === 0 ? part : part.split('&').reverse().join('&')))
      .join('?'),
  ]) {
    assert.notEqual(same, target)
    assertVerified({ ...signed, target: same })
  }
})

test('22 components of a presigned URL: each once, also in disguise, and not besides a header', () => {
  for (const name of ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature']) {
    for (const disguise of [`X-Amz-${name}`, `X%2DAmz-${name}`, `%58-Amz-${name}`]) {
      const twice = { ...presigned, target: `${presigned.target}&${disguise}=x` }
      assertRefused(twice, [INCOMPLETE, new RegExp(`^'X-Amz-${name}' is there more than once`)])
      const both = { ...signed, target: `${signed.target}&${disguise}=x` }
      assertRefused(both, [INCOMPLETE, /Sign in one way only\.$/])
    }
  }
  const token = { ...signed, target: `${signed.target}&X-Amz-Security-Token=x` }
  assertRefused(token, [INCOMPLETE, /Sign in one way only/])
  const bearer = {
    ...presigned,
    headers: [...presigned.headers, ['Authorization', 'Bearer x'] as const],
  }
  assertRefused(bearer, [INCOMPLETE, /Sign in one way only/])
  // Names have one case: this one is a parameter like any other, and not signed.
  const lower = { ...presigned, target: `${presigned.target}&x-amz-signature=x` }
  assertRefused(lower, [INVALID, MISMATCH])
})

test('22 SigV4a is refused by name, in both forms', () => {
  const message = [
    INCOMPLETE,
    /^Signature Version 4a \(AWS4-ECDSA-P256-SHA256\) is not supported\./,
  ] as const
  const header =
    'AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20150830/apigateway/aws4_request, ' +
    'SignedHeaders=host;x-amz-date;x-amz-region-set, Signature=3045022100'
  const regions = { ...signed, headers: [...signed.headers, ['x-amz-region-set', '*'] as const] }
  assertRefused(withField(regions, 'authorization', header), message)
  const target = presigned.target.replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256')
  assertRefused({ ...presigned, target }, message)
})

test('22 other methods, other hosts, other keys', () => {
  assertRefused({ ...signed, method: 'DELETE' }, [INVALID, MISMATCH])
  assertRefused({ ...signed, method: 'post' }, [INVALID, MISMATCH])
  assertRefused(withField(signed, 'host', '127.0.0.1:9081'), [INVALID, MISMATCH])
  const two = options({
    secretOf: (id) => ({ secretAccessKey: id === 'AKIDEXAMPLE' ? SUITE_KEY.secretAccessKey : 'x' }),
  })
  const authorization = fieldOf(signed, 'authorization').replace('AKIDEXAMPLE', 'AKIDOTHER')
  assertVerified(signed, two)
  assertRefused(withField(signed, 'authorization', authorization), [INVALID, MISMATCH], two)
  const unknown = withField(signed, 'authorization', authorization)
  assertRefused(unknown, [
    UNRECOGNIZED,
    /^The security token included in the request is invalid\.$/,
  ])
})

test('22 nobody signs with the secret that stands in for keys that do not exist', async () => {
  for (const secretAccessKey of ['', 'there is no such access key', 'undefined', 'null']) {
    const credentials = { accessKeyId: 'AKIDOTHER', secretAccessKey }
    const request = await signOfficially(CREATE_ROUTE, { ...CONTROL, credentials })
    assertRefused(request, [UNRECOGNIZED, /invalid\.$/])
    assertRefused(request, [UNRECOGNIZED, /invalid\.$/])
  }
})

test('22 the canonical request cannot be forged through its separators', () => {
  const forged = '20150830T123600Z\nx-amz-target:x'
  const verdict = verifySignature(withField(signed, 'x-amz-date', forged), options())
  assert.equal(verdict.kind, 'refused')
  // `a:1,2` of one line and of two is one canonical form, and one meaning (RFC 9110 §5.3).
  const scope = '20150830/us-east-1/apigateway/aws4_request'
  const canonical = `GET\n/\n\nhost:127.0.0.1:9080\nx-list:1,2\n\nhost;x-list\n${createHash('sha256').digest('hex')}`
  const text = `AWS4-HMAC-SHA256\n20150830T123600Z\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`
  let key: string | Buffer = `AWS4${SUITE_KEY.secretAccessKey}`
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest()
  const signature = createHmac('sha256', key).update(text).digest('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=host;x-list, Signature=${signature}`
  const lists: readonly (readonly (readonly [string, string])[])[] = [
    [['x-list', '1,2']],
    [
      ['x-list', '1'],
      ['X-List', '2'],
    ],
  ]
  for (const lines of lists) {
    const headers = [HOST, ['Date', new Date(SUITE_MS).toUTCString()] as const, ...lines]
    const request = { method: 'GET', target: '/', headers, body: new Uint8Array() }
    assertVerified(withField(request, 'authorization', authorization))
  }
})
