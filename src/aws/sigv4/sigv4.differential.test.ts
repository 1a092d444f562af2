/**
 * AWS's own signer against this verifier, over arbitrary requests in arbitrary spellings: what it signs is verified, and
 * what differs from it by one character, byte or line is not.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { WireRequest } from '../wire-message.ts'
import {
  type PlainRequest,
  presignOfficially,
  SUITE_KEY,
  signOfficially,
  suiteOptions,
} from './official-signer.fake.ts'
import { signRequest } from './sign-request.ts'
import { verifySignature } from './sigv4.ts'

const RUNS = { numRuns: 300 }

const pathCharacter = fc.oneof(
  fc.constantFrom(..."abcXYZ019-._~!$&'()*+,;=:@"),
  fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`),
  fc
    .integer({ min: 0, max: 255 })
    .map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`),
)
const pathSegment = fc
  .array(pathCharacter, { minLength: 1, maxLength: 6 })
  .map((characters) => characters.join(''))
  .filter((segment) => segment !== '.' && segment !== '..')
const path = fc
  .tuple(fc.array(pathSegment, { maxLength: 4 }), fc.boolean())
  .map(([segments, slash]) => `/${segments.join('/')}${slash && segments.length > 0 ? '/' : ''}`)

const text = fc.string({ unit: 'grapheme', maxLength: 8 })
const query = fc.dictionary(
  text.filter((name) => name !== '__proto__'),
  fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })),
  { maxKeys: 4, noNullPrototype: true },
)

const word = fc.string({
  unit: fc.constantFrom(...'abcXYZ019-._~!"#%&()*+,/:;<=>?@[]{}|'),
  minLength: 1,
  maxLength: 6,
})
const fieldValue = fc
  .array(word, { maxLength: 3 })
  .chain((words) => fc.constantFrom(' ', '   ', '\t ').map((space) => words.join(space)))
const fieldName = fc.constantFrom(
  'X-One',
  'x-one',
  'X-Two',
  'Content-Type',
  'X-Amz-Target',
  'aws-sdk-request',
  '0',
)
const headers = fc
  .array(fc.tuple(fieldName, fieldValue), { maxLength: 5 })
  .map((lines): WireRequest['headers'] => [['Host', '127.0.0.1:9080'], ...lines])

const plainRequest: fc.Arbitrary<PlainRequest> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
  path,
  query,
  headers,
  body: fc.uint8Array({ maxLength: 40 }),
})
const credentials = fc
  .option(fc.string({ unit: fc.constantFrom(...'abcXYZ019+/='), minLength: 1, maxLength: 40 }))
  .map((sessionToken) => (sessionToken === null ? SUITE_KEY : { ...SUITE_KEY, sessionToken }))

/** Another spelling of the same query. */
const respell: fc.Arbitrary<(target: string) => string> = fc.constantFrom(
  (target: string) => target,
  (target: string) => target.replaceAll('%20', '+'),
  (target: string) => target.replaceAll(/%[0-9A-F]{2}/g, (each) => each.toLowerCase()),
  (target: string) => target.replaceAll(/%(2F|3A|40|3F|2C|3B)/g, decodeURIComponent),
  (target: string) => target.replaceAll(/[A-Za-z](?![0-9A-Fa-f]?%)/g, escapeOne),
  (target: string) => target.split('&').toReversed().join('&'),
  (target: string) => `&${target.replaceAll('&', '&&')}&`,
  (target: string) => target.replaceAll(/(?<=[^&])=(?=&|$)/g, ''),
)

/** `a` → `%61`, unless it belongs to an escape. */
function escapeOne(letter: string, offset: number, whole: string): string {
  const isEscape = whole[offset - 1] === '%' || whole[offset - 2] === '%'
  return isEscape ? letter : `%${letter.charCodeAt(0).toString(16)}`
}

function respelled(request: WireRequest, spell: (query: string) => string): WireRequest {
  const [requestPath, requestQuery] = request.target.split('?')
  if (requestQuery === undefined) return request
  return { ...request, target: `${requestPath}?${spell(requestQuery)}` }
}

/** White space around values is not part of them. */
function padded({ headers: lines, ...request }: WireRequest): WireRequest {
  const pad = ([name, value]: readonly [string, string]) => [name, `  ${value}\t`] as const
  return { ...request, headers: lines.map(pad) }
}

function optionsFor(key: { sessionToken?: string; secretAccessKey: string }) {
  return suiteOptions({ secretOf: (id) => (id === SUITE_KEY.accessKeyId ? key : undefined) })
}

test('what the official signer signs is verified, however the query is spelt', async () => {
  await fc.assert(
    fc.asyncProperty(
      plainRequest,
      credentials,
      respell,
      fc.boolean(),
      async (plain, key, spell, checksum) => {
        const signed = await signOfficially(plain, { credentials: key, checksum })
        const presigned = await presignOfficially(plain, { credentials: key, expiresIn: 60 })
        for (const request of [signed, presigned]) {
          for (const each of [request, respelled(request, spell), padded(request)]) {
            const verdict = verifySignature(each, optionsFor(key))
            assert.equal(verdict.kind, 'verified', JSON.stringify({ verdict, each }))
          }
        }
      },
    ),
    RUNS,
  )
})

const insertAt = (value: string, at: number, what = 'x') => {
  const place = at % (value.length + 1)
  return value.slice(0, place) + what + value.slice(place)
}

type Mutation = (request: WireRequest, at: number) => WireRequest

const withLine = (
  request: WireRequest,
  at: number,
  change: (line: readonly [string, string]) => WireRequest['headers'],
): WireRequest => {
  const index = at % request.headers.length
  return {
    ...request,
    headers: request.headers.toSpliced(index, 1, ...change(request.headers[index]!)),
  }
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  method: (request) => ({ ...request, method: `${request.method}X` }),
  'a character more in the target': (request, at) => ({
    ...request,
    target: insertAt(request.target, at),
  }),
  'a slash more in the path': (request, at) => {
    const [before, ...after] = request.target.split('?')
    return { ...request, target: [insertAt(before!, at, '/'), ...after].join('?') }
  },
  'a dot segment': (request, at) => {
    const slashes = [...request.target.split('?', 1)[0]!.matchAll(/\//g)].map(({ index }) => index)
    return { ...request, target: insertAt(request.target, slashes[at % slashes.length]!, '/.') }
  },
  'another parameter': (request) => ({
    ...request,
    target: `${request.target}${request.target.includes('?') ? '&' : '?'}x`,
  }),
  'a parameter less': (request, at) => {
    const [before, search = ''] = request.target.split('?')
    const pairs = search.split('&')
    return search === ''
      ? { ...request, method: 'X' }
      : { ...request, target: `${before}?${pairs.toSpliced(at % pairs.length, 1).join('&')}` }
  },
  'a longer body': (request, at) => ({
    ...request,
    body: Buffer.concat([
      request.body.subarray(at),
      Buffer.from('x'),
      request.body.subarray(0, at),
    ]),
  }),
  'a flipped bit in the body': (request, at) => {
    const body = Uint8Array.from(request.body.length === 0 ? [0] : request.body)
    body[at % body.length]! ^= 1
    return { ...request, body }
  },
  'a character more in a field': (request, at) =>
    withLine(request, at, ([name, value]) => [[name, insertAt(value, at)]]),
  'a character more in a name': (request, at) =>
    withLine(request, at, ([name, value]) => [[`${name}x`, value]]),
  'a line less': (request, at) => withLine(request, at, () => []),
  'a line twice': (request, at) => withLine(request, at, (line) => [line, line]),
  'an x-amz- field that nobody signed': (request) => ({
    ...request,
    headers: [...request.headers, ['X-Amz-Added', '1']],
  }),
}

for (const [name, mutate] of Object.entries(MUTATIONS)) {
  test(`what differs is refused: ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(plainRequest, credentials, fc.nat(500), async (plain, key, at) => {
        const signed = await signOfficially(plain, { credentials: key })
        const presigned = await presignOfficially(plain, { credentials: key, expiresIn: 60 })
        for (const request of [signed, presigned]) {
          const mutated = mutate(request, at)
          const verdict = verifySignature(mutated, optionsFor(key))
          assert.equal(verdict.kind, 'refused', JSON.stringify({ request, mutated }))
        }
      }),
      { numRuns: 100 },
    )
  })
}

test('whatever comes in the place of a signature is refused, and nothing is thrown', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 60 })
  const line = fc.tuple(fc.constantFrom('Authorization', 'X-Amz-Date', 'Date', 'Host'), anyText)
  fc.assert(
    fc.property(anyText, fc.array(line, { maxLength: 5 }), (target, lines) => {
      const request = { method: 'GET', target, headers: lines, body: new Uint8Array() }
      assert.equal(verifySignature(request, suiteOptions()).kind, 'refused')
    }),
    { numRuns: 100 },
  )
})

test('both signers sign alike', async () => {
  await fc.assert(
    fc.asyncProperty(plainRequest, credentials, async (plain, key) => {
      const official = await signOfficially(plain, { credentials: key, checksum: true })
      const unsigned = {
        ...official,
        headers: [...(plain.headers ?? []), ['User-Agent', 'x'], ['Connection', 'close']] as const,
      }
      const scope = {
        region: 'us-east-1',
        service: 'service',
        epochMs: Date.UTC(2015, 7, 30, 12, 36),
      }
      const own = signRequest(unsigned, key, scope)
      const authorizationOf = (lines: WireRequest['headers']) => new Map(lines).get('authorization')
      assert.equal(authorizationOf(own), authorizationOf(official.headers))
      const verdict = verifySignature({ ...unsigned, headers: own }, optionsFor(key))
      assert.equal(verdict.kind, 'verified')
    }),
    RUNS,
  )
})

test('signing anew replaces what an earlier signature has left', () => {
  const request: WireRequest = {
    method: 'POST',
    target: '/',
    headers: [['Host', 'localhost']],
    body: Buffer.from('{}'),
  }
  const scope = { region: 'us-east-1', service: 'service', epochMs: Date.UTC(2015, 7, 30, 12, 36) }
  const earlier = signRequest(
    request,
    { ...SUITE_KEY, sessionToken: 'x' },
    { ...scope, epochMs: 0 },
  )
  const dated: WireRequest['headers'] = [...earlier, ['Date', 'Sun, 06 Nov 1994 08:49:37 GMT']]
  const again = signRequest({ ...request, headers: dated }, SUITE_KEY, scope)
  assert.deepEqual(again, signRequest(request, SUITE_KEY, scope))
  assert.throws(
    () => signRequest({ ...request, headers: [] }, SUITE_KEY, scope),
    /has a host field/,
  )
})
