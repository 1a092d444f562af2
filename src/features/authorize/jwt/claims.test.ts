import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkClaims } from './claims.ts'

const NOW = 1_800_000_000
const LEEWAY = 30
const RULES = {
  issuer: 'https://issuer.example/pool',
  audience: new Set(['shop', 'till']),
  leewayMs: LEEWAY * 1000,
}
const GOOD = { iss: RULES.issuer, aud: 'shop', exp: NOW + 60 }

function outcome(claims: object): string {
  const checked = checkClaims(claims as Record<string, unknown>, RULES, NOW * 1000)
  return checked.kind === 'refused' ? checked.reason : 'good'
}

const CASES: [reason: string, ...claims: object[]][] = [
  [
    'good',
    {},
    { aud: ['bank', 'till'] },
    { aud: undefined, client_id: 'shop' },
    { aud: 'shop', client_id: 'bank' },
    { exp: NOW + 0.5, nbf: NOW - 0.5, iat: 0 },
    { scope: '' },
    { scope: 'a b', scp: ['c'] },
  ],
  [
    'TOKEN_ISSUER_WRONG',
    { iss: undefined },
    { iss: null },
    { iss: [RULES.issuer] },
    { iss: `${RULES.issuer}/` },
    { iss: `${RULES.issuer}2` },
    { iss: 'https://issuer.example' },
    { iss: 'https://issuer.example/Pool' },
    { iss: 'https://ISSUER.example/pool' },
    { iss: 'https://issuer.example:443/pool' },
    { iss: ` ${RULES.issuer}` },
    { iss: `https://evil.example/?${RULES.issuer}` },
  ],
  [
    'TOKEN_AUDIENCE_WRONG',
    { aud: undefined },
    { aud: null },
    { aud: 'SHOP' },
    { aud: 'shop ' },
    { aud: 'shop,till' },
    { aud: 'shopping' },
    { aud: [] },
    { aud: ['bank'] },
    { aud: ['shop', 7] },
    { aud: { shop: 'shop' } },
    { aud: 'bank', client_id: 'shop' },
    { aud: [], client_id: 'shop' },
    { aud: undefined, client_id: ['shop'] },
    { aud: undefined, azp: 'shop' },
  ],
  [
    'TOKEN_EXPIRED',
    { exp: undefined },
    { exp: NOW - LEEWAY },
    { exp: NOW - LEEWAY - 1 },
    { exp: 0 },
  ],
  ['good', { exp: NOW - LEEWAY + 0.001 }, { nbf: NOW + LEEWAY }, { iat: NOW + LEEWAY }],
  ['TOKEN_NOT_YET_VALID', { nbf: NOW + LEEWAY + 0.001 }, { iat: NOW + LEEWAY + 0.001 }],
  [
    'TOKEN_MALFORMED',
    { exp: String(NOW + 60) },
    { exp: -1 },
    { exp: null },
    { exp: 1e300 },
    { exp: Number.POSITIVE_INFINITY },
    { exp: [NOW + 60] },
    { nbf: 'now' },
    { nbf: -0.5 },
    { iat: true },
    { iat: NOW * 1000 },
    { iat: {} },
    { scope: 7 },
    { scope: { read: true } },
    { scp: ['a', 7] },
    { scp: null },
  ],
]

for (const [reason, ...list] of CASES) {
  for (const changes of list) {
    test(`${JSON.stringify(changes)}: ${reason}`, () => {
      const claims: Record<string, unknown> = { ...GOOD, ...changes }
      for (const name of Object.keys(claims)) if (claims[name] === undefined) delete claims[name]
      assert.equal(outcome(claims), reason)
    })
  }
}

test('claims are members of the token itself', () => {
  assert.equal(outcome(Object.create(GOOD) as object), 'TOKEN_ISSUER_WRONG')
  const own = JSON.parse(JSON.stringify({ ...GOOD, constructor: 1 })) as object
  assert.equal(outcome(own), 'good')
})

test('scopes are the words of scope and scp', () => {
  const scopesFor = (changes: object) => {
    const checked = checkClaims({ ...GOOD, ...changes }, RULES, NOW * 1000)
    return checked.kind === 'checked' ? checked.scopes : undefined
  }
  assert.deepEqual(scopesFor({}), [])
  assert.deepEqual(scopesFor({ scope: 'a b  c' }), ['a', 'b', 'c'])
  assert.deepEqual(scopesFor({ scp: 'a b' }), ['a', 'b'])
  assert.deepEqual(scopesFor({ scope: ['a b', 'c'], scp: ['d'] }), ['a b', 'c', 'd'])
})
