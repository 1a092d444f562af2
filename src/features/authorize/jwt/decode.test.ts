import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeToken } from './decode.ts'
import { base64url } from './token.fake.ts'

const LIMITS = { tokenBytes: 8_192, tokenDepth: 32 }
const HEADER = '{"alg":"RS256","kid":"k"}'
const SIGNATURE = Buffer.from([1, 2, 3, 4]).toString('base64url')

function tokenOf(header: string, claims = '{}', signature = SIGNATURE): string {
  return `${base64url(header)}.${base64url(claims)}.${signature}`
}

function refusalOf(token: string): string {
  const decoded = decodeToken(token, LIMITS)
  return decoded.kind === 'refused' ? decoded.reason : 'decoded'
}

test('a token is its parts', () => {
  const token = tokenOf(HEADER, '{"sub":"jo"}')
  const decoded = decodeToken(token, LIMITS)
  assert.ok(decoded.kind === 'decoded')
  assert.equal(decoded.algorithm.name, 'RS256')
  assert.equal(decoded.keyId, 'k')
  assert.deepEqual(decoded.claims, { sub: 'jo' })
  assert.equal(Buffer.from(decoded.content).toString(), token.slice(0, token.lastIndexOf('.')))
  assert.deepEqual([...decoded.signature], [1, 2, 3, 4])
})

const MALFORMED = 'TOKEN_MALFORMED'
const NO_JWT = 'TOKEN_NOT_A_JWT'
const ALGORITHM = 'TOKEN_ALGORITHM_REFUSED'
const CASES: [name: string, token: string, reason: string][] = [
  ['one segment', 'a', NO_JWT],
  ['two segments', 'a.b', NO_JWT],
  ['five segments', 'a.b.c.d.e', NO_JWT],
  ['very many segments', '.'.repeat(8_000), NO_JWT],
  ['empty segments', '..', MALFORMED],
  ['no base64url', `${base64url(HEADER)}.%%%%.${SIGNATURE}`, MALFORMED],
  ['base64 with padding', `${tokenOf(HEADER)}==`, MALFORMED],
  ['base64 of the other alphabet', tokenOf(HEADER, '{}', '+/+/'), MALFORMED],
  ['bits behind the last byte', tokenOf(HEADER, '{}', 'AB'), MALFORMED],
  ['a length that no bytes have', tokenOf(HEADER, '{}', 'AAAAA'), MALFORMED],
  ['a line feed inside', tokenOf(HEADER, '{}', 'AAAA\nAAAA'), MALFORMED],
  ['two tokens', `${tokenOf(HEADER)},${tokenOf(HEADER)}`, NO_JWT],
  ['too long', tokenOf(HEADER, JSON.stringify({ a: 'a'.repeat(8_192) })), MALFORMED],
  ['a megabyte', tokenOf(HEADER, JSON.stringify({ a: 'a'.repeat(1_000_000) })), MALFORMED],
  ['a number of 6000 digits', tokenOf(HEADER, `{"exp":${'9'.repeat(6_000)}}`), 'decoded'],
  ['claims that are a list', tokenOf(HEADER, '[]'), MALFORMED],
  ['claims that are a token', tokenOf(HEADER, 'a.b.c'), MALFORMED],
  ['a claim twice', tokenOf(HEADER, '{"aud":"a","aud":"b"}'), MALFORMED],
  ['a header that is no JSON', tokenOf('alg=RS256'), MALFORMED],
  ['a header member twice', tokenOf('{"alg":"none","alg":"RS256","kid":"k"}'), MALFORMED],
  ['critical extensions', tokenOf('{"alg":"RS256","kid":"k","crit":["exp"],"exp":1}'), MALFORMED],
  ['no critical extensions', tokenOf('{"alg":"RS256","kid":"k","crit":[]}'), MALFORMED],
  ['content as it is', tokenOf('{"alg":"RS256","kid":"k","b64":false}'), MALFORMED],
  ['no algorithm', tokenOf('{"kid":"k"}'), ALGORITHM],
  ...['none', 'None', 'NONE', 'nOnE', '', 'HS256', 'HS512', 'rs256', 'RS1', 'ES256K', 'constructor']
    .concat(['__proto__', 'RSA-OAEP', 'dir', 'A256GCM', 'RS256 '])
    .map((alg): [string, string, string] => [
      `alg ${JSON.stringify(alg)}`,
      tokenOf(JSON.stringify({ alg, kid: 'k' })),
      ALGORITHM,
    ]),
  ['alg that is a list', tokenOf('{"alg":["RS256"],"kid":"k"}'), ALGORITHM],
]

for (const [name, token, reason] of CASES) {
  test(`${name}: ${reason}`, () => assert.equal(refusalOf(token), reason))
}

test('a key id is text of a sensible length, or there is none', () => {
  const ids: unknown[] = [undefined, '', 7, null, ['k'], {}, 'k'.repeat(257)]
  for (const kid of ids) {
    const decoded = decodeToken(tokenOf(JSON.stringify({ alg: 'RS256', kid })), LIMITS)
    assert.equal(decoded.kind === 'decoded' ? decoded.keyId : 'refused', undefined)
  }
})

test('what a refusal tells holds nothing of the token', () => {
  for (const [, token] of CASES) {
    const decoded = decodeToken(token, LIMITS)
    if (decoded.kind !== 'refused') continue
    for (const part of token.split('.')) {
      if (part.length > 8) assert.ok(!decoded.detail.includes(part))
    }
  }
})
