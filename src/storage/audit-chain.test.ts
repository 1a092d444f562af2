import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CHAIN_START, canonicalJson, chainHash } from './audit-chain.ts'

const link = { sequence: 1, time: '2026-03-04T05:06:07.008Z', entry: '{"who":"me"}' }

test('the hash is the one that sha256sum computes', () => {
  // printf '%s\n%s\n%s\n%s' "$(printf '0%.0s' $(seq 64))" 1 2026-03-04T05:06:07.008Z '{"who":"me"}' | sha256sum
  assert.equal(
    chainHash(CHAIN_START, link),
    'f38638da411dc5bba0bec3d77b021364903251bde9624f4a782a35f7c9d66104',
  )
})

test('every part has a say in the hash', () => {
  const hash = chainHash(CHAIN_START, link)
  const others = [
    chainHash(hash, link),
    chainHash(CHAIN_START, { ...link, sequence: 2 }),
    chainHash(CHAIN_START, { ...link, time: '2026-03-04T05:06:07.009Z' }),
    chainHash(CHAIN_START, { ...link, entry: '{"who":"you"}' }),
  ]
  assert.equal(new Set([hash, ...others]).size, 5)
})

test('canonical JSON does not depend on the order of members', () => {
  assert.equal(
    canonicalJson({ b: [{ d: 1, c: undefined, a: 'x' }], a: { z: null, B: 1.5, é: '\n' } }),
    '{"a":{"B":1.5,"z":null,"é":"\\n"},"b":[{"a":"x","d":1}]}',
  )
})

test('canonical JSON says the same as JSON, on one line', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = canonicalJson(value)
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      const reversed = Object.fromEntries(Object.entries(value).reverse())
      assert.equal(canonicalJson(reversed), text)
      assert.ok(!text.includes('\n'))
    }),
  )
})
