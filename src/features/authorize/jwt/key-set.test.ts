import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { readKeySet } from './key-set.ts'
import { ALGORITHM_NAMES, keySetOf, testKey } from './token.fake.ts'

const RSA = testKey('RS256').published
const EC = testKey('ES256').published
const ID = { kid: 'k' }

function algorithmsOf(...keys: unknown[]): string[][] | undefined {
  const read = readKeySet(JSON.stringify({ keys }), 10)
  return read && [...read.byId.values()].flat().map((key) => key.algorithms.map(({ name }) => name))
}

function rsaOf(modulusLength: number, publicExponent = 65_537): object {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent })
  return { ...publicKey.export({ format: 'jwk' }), kid: 'k' }
}

test('every algorithm has its key', () => {
  for (const name of ALGORITHM_NAMES) {
    assert.deepEqual(algorithmsOf(testKey(name).published), [[name]])
  }
})

test('a key that names no algorithm may verify those of its kind', () => {
  const rsa = ['RS256', 'RS384', 'RS512']
  assert.deepEqual(algorithmsOf({ ...RSA, alg: undefined }), [rsa], 'and by PSS if it says so')
  assert.deepEqual(algorithmsOf({ ...EC, alg: undefined }), [['ES256']])
  const edwards = { ...testKey('EdDSA').published, alg: undefined }
  assert.deepEqual(algorithmsOf(edwards), [['EdDSA', 'Ed25519']])
  const { publicKey } = generateKeyPairSync('ed448')
  const ed448 = { ...publicKey.export({ format: 'jwk' }), kid: 'k' }
  assert.deepEqual(algorithmsOf(ed448), [['EdDSA', 'Ed448']])
})

const LEFT_OUT: [name: string, key: unknown][] = [
  ['null', null],
  ['a text', 'key'],
  ['no id', { ...RSA, kid: undefined }],
  ['an id that is no text', { ...RSA, kid: 7 }],
  ['a key to encrypt with', { ...RSA, use: 'enc' }],
  ['operations without verify', { ...RSA, key_ops: ['encrypt'] }],
  ['an algorithm of another kind', { ...RSA, alg: 'ES256' }],
  ['an algorithm that does not exist', { ...RSA, alg: 'none' }],
  ['a secret', { kty: 'oct', k: 'c2VjcmV0', kid: 'k', alg: 'HS256' }],
  ['a secret for RSA', { ...RSA, kty: 'oct' }],
  ['a type that does not fit its members', { ...RSA, kty: 'EC' }],
  ['another curve', { ...EC, crv: 'P-384' }],
  ['a curve that is not known', { ...EC, crv: 'secp256k1', alg: 'ES256K' }],
  ['a point that is not on the curve', { ...EC, x: EC.y, y: EC.x }],
  ['a curve to agree on keys with', { ...testKey('EdDSA').published, crv: 'X25519' }],
  ['an algorithm that is no text', { ...RSA, alg: null }],
  [
    'a key with its secret half',
    { ...testKey('ES256').privateKey.export({ format: 'jwk' }), ...ID },
  ],
  ['RSA of 512 bits', rsaOf(512)],
  ['RSA of 1024 bits', rsaOf(1024)],
  ['a modulus that is none', { ...RSA, n: 'AQAB' }],
  ['an exponent that hides nothing', { ...RSA, e: 'AQ' }],
]

for (const [name, key] of LEFT_OUT) {
  test(`left out: ${name}`, () => {
    assert.deepEqual(algorithmsOf(key), [])
    assert.deepEqual(algorithmsOf(key, EC), [['ES256']], 'the others serve')
  })
}

test('what is no key set is none', () => {
  const texts = ['', '<html>', 'null', '[]', '{}', '{"keys":{}}', '{"keys":"a"}', '"keys"']
  for (const text of texts) assert.equal(readKeySet(text, 10), undefined, text)
  const many = { keys: Array.from({ length: 11 }, (_, i) => ({ ...EC, kid: `${i}` })) }
  assert.equal(readKeySet(JSON.stringify(many), 10), undefined)
  assert.equal(readKeySet('{"keys":[]}', 10)?.byId.size, 0)
})

test('one id for several keys stands for all of them', () => {
  const both = readKeySet(JSON.stringify({ keys: [RSA, { ...EC, kid: RSA['kid'] }] }), 10)
  assert.equal(both?.byId.get('RS256-1')?.length, 2)
})

test('a set is the same when its keys are, in whatever order', () => {
  const [one, two] = [testKey('ES256'), testKey('EdDSA')]
  const fingerprint = (text: string) => readKeySet(text, 10)!.fingerprint
  assert.equal(fingerprint(keySetOf(one, two)), fingerprint(keySetOf(two, one)))
  assert.notEqual(fingerprint(keySetOf(one)), fingerprint(keySetOf(one, two)))
  const renamed = JSON.stringify({ keys: [{ ...one.published, kid: 'other' }] })
  assert.notEqual(fingerprint(keySetOf(one)), fingerprint(renamed))
})
