import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { judge } from './judge.ts'
import { readKeySet } from './key-set.ts'
import {
  ALGORITHM_NAMES,
  keySetOf,
  signSegments,
  signToken,
  signWithSecret,
  type TestKey,
  testKey,
} from './token.fake.ts'

const NOW_MS = 1_800_000_000_000
const RULES = {
  issuer: 'https://issuer.example',
  audience: new Set(['shop']),
  leewayMs: 0,
  limits: { tokenBytes: 8_192, tokenDepth: 32 },
}
const CLAIMS = { iss: RULES.issuer, aud: 'shop', exp: 1_800_000_060, sub: 'jo', scope: 'a b' }

function judged(token: string, ...keys: TestKey[]) {
  const set = readKeySet(keySetOf(...keys), 100)!
  const find = (id: string) => {
    const found = set.byId.get(id)
    return found === undefined
      ? ({ kind: 'unknown' } as const)
      : ({ kind: 'found', keys: found } as const)
  }
  const judgement = judge(token, RULES, find, NOW_MS)
  return judgement.kind === 'refused' ? judgement.reason : judgement.kind
}

for (const name of ALGORITHM_NAMES) {
  test(`${name} is verified, and with another key it is not`, () => {
    const [key, other] = [testKey(name), testKey(name, `${name}-2`)]
    assert.equal(judged(signToken(key, CLAIMS), key, other), 'accepted')
    assert.equal(judged(signToken(other, CLAIMS, { kid: key.id }), key, other), 'forged')
  })

  test(`a key for ${name} is for no other algorithm`, () => {
    const key = testKey(name)
    for (const alg of ALGORITHM_NAMES.filter((each) => each !== name)) {
      assert.equal(judged(signToken(key, CLAIMS, { alg }), key), 'TOKEN_ALGORITHM_REFUSED', alg)
      const other = { ...testKey(alg), id: key.id }
      assert.equal(judged(signToken(other, CLAIMS), key), 'TOKEN_ALGORITHM_REFUSED', alg)
    }
  })
}

test('a public key is no secret', () => {
  const key = testKey('RS256')
  const pem = (type: 'spki' | 'pkcs1') =>
    String(readKeySet(keySetOf(key), 1)!.byId.get(key.id)![0]!.key.export({ type, format: 'pem' }))
  const secrets = [pem('spki'), pem('pkcs1'), pem('spki').trim(), JSON.stringify(key.published)]
  secrets.push(key.published.n!, '')
  for (const secret of secrets) {
    for (const alg of ['HS256', 'RS256', 'hs256']) {
      const token = signWithSecret(secret || ' ', CLAIMS, { alg, kid: key.id })
      assert.notEqual(judged(token, key), 'accepted')
    }
  }
})

test('what a header offers as a key is not read', () => {
  const [key, attacker] = [testKey('RS256'), testKey('RS256', 'attacker')]
  const offers = [
    { jwk: attacker.published },
    { jku: 'https://attacker.example/keys' },
    { x5u: 'https://attacker.example/certificate' },
    { x5c: ['MIIB'] },
    { jwk: attacker.published, kid: 'attacker' },
  ]
  for (const offer of offers) {
    const token = signToken(attacker, CLAIMS, { kid: key.id, ...offer })
    const expected = 'kid' in offer ? 'TOKEN_KEY_UNKNOWN' : 'forged'
    assert.equal(judged(token, key), expected, JSON.stringify(Object.keys(offer)))
    assert.equal(judged(signToken(key, CLAIMS, { ...offer, kid: key.id }), key), 'accepted')
  }
})

test('a key id finds a key of that name, or none', () => {
  const key = testKey('ES256')
  const ids = ['../ES256-1', "' OR 1=1 --", 'https://attacker.example/k', '/dev/null', 'es256-1']
  ids.push('__proto__', 'constructor', 'ES256-1\0', 'ES256-1 ')
  for (const kid of ids) {
    assert.equal(judged(signToken(key, CLAIMS, { kid }), key), 'TOKEN_KEY_UNKNOWN', kid)
  }
  assert.equal(judged(signToken(key, CLAIMS, { kid: undefined }), key), 'TOKEN_KEY_UNKNOWN')
})

test('one id for two keys: each may have signed', () => {
  const [one, two] = [testKey('ES256'), testKey('ES256', 'ES256-2')]
  const twin: TestKey = { ...two, id: one.id, published: { ...two.published, kid: one.id } }
  assert.equal(judged(signToken(twin, CLAIMS), one, twin), 'accepted')
  assert.equal(judged(signToken(one, CLAIMS), one, twin), 'accepted')
  assert.equal(
    judged(signToken(testKey('ES256', 'c'), CLAIMS, { kid: one.id }), one, twin),
    'forged',
  )
})

test('a signature of zeros, or of nothing, is none', () => {
  for (const name of ALGORITHM_NAMES) {
    const token = signToken(testKey(name), CLAIMS)
    const content = token.slice(0, token.lastIndexOf('.'))
    for (const bytes of [0, 1, 64, 96, 132, 256]) {
      const forged = `${content}.${Buffer.alloc(bytes).toString('base64url')}`
      assert.equal(judged(forged, testKey(name)), 'forged', `${name}, ${bytes} bytes`)
    }
  }
})

test('an ECDSA signature in the other encoding is none', () => {
  const key = testKey('ES256')
  const token = signToken(key, CLAIMS)
  const raw = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url')
  const integer = (bytes: Buffer) => Buffer.concat([Buffer.from([2, 33, 0]), bytes])
  const body = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))])
  const der = Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('base64url')
  assert.equal(judged(token.slice(0, token.lastIndexOf('.') + 1) + der, key), 'forged')
})

const CHARACTERS = [...'ABab01-_.=+/ ,~\n']

test('a token that was changed anywhere is refused', () => {
  const tokens = ['RS256', 'PS384', 'ES256', 'EdDSA'].map((name) =>
    signToken(testKey(name), CLAIMS),
  )
  const keys = ['RS256', 'PS384', 'ES256', 'EdDSA'].map((name) => testKey(name))
  const change = fc.tuple(fc.nat(3), fc.nat(), fc.nat(2), fc.constantFrom(...CHARACTERS))
  fc.assert(
    fc.property(change, ([which, place, how, character]) => {
      const token = tokens[which]!
      const at = place % (token.length + 1)
      const changed = [
        token.slice(0, at) + character + token.slice(at + 1),
        token.slice(0, at) + character + token.slice(at),
        token.slice(0, at) + token.slice(at + 1),
      ][how]!
      const expected = changed === token ? 'accepted' : 'refused'
      const actual = judged(changed, ...keys) === 'accepted' ? 'accepted' : 'refused'
      assert.equal(actual, expected, `${how} ${at} ${character}`)
    }),
    { numRuns: 600 },
  )
})

test('every bit of a token counts', () => {
  const key = testKey('ES256')
  const token = signToken(key, CLAIMS)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (let i = 0; i < token.length; i++) {
    const value = alphabet.indexOf(token[i]!)
    if (value === -1) continue
    for (let bit = 0; bit < 6; bit++) {
      const changed = token.slice(0, i) + alphabet[value ^ (1 << bit)] + token.slice(i + 1)
      assert.notEqual(judged(changed, key), 'accepted', `bit ${bit} of character ${i}`)
    }
  }
})

test('a signed text that has two readings is refused', () => {
  const key = testKey('ES256')
  const header = JSON.stringify({ alg: 'ES256', kid: key.id })
  const claims = JSON.stringify(CLAIMS)
  const twice = claims.replace('{', '{"aud":"bank",')
  assert.equal(judged(signSegments(key, header, claims), key), 'accepted')
  assert.equal(judged(signSegments(key, header, twice), key), 'TOKEN_MALFORMED')
  assert.equal(judged(signSegments(key, `\uFEFF${header}`, claims), key), 'TOKEN_MALFORMED')
})
