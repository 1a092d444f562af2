import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyedHash } from './keyed-hash.ts'

const [K0, K1] = [0x03020100, 0x07060504]

/** HalfSipHash as it is published, with one and three rounds, over bytes. */
function slowHash(bytes: Uint8Array): readonly [lo: number, hi: number] {
  const v = [K0, K1 ^ 0xee, 0x6c796765 ^ K0, 0x74656462 ^ K1].map((word) => word >>> 0)
  const turn = (word: number, bits: number) => ((word << bits) | (word >>> (32 - bits))) >>> 0
  const add = (a: number, b: number) => {
    v[a] = (v[a]! + v[b]!) >>> 0
  }
  const mix = (a: number, bits: number, b: number) => {
    v[a] = (turn(v[a]!, bits) ^ v[b]!) >>> 0
  }
  const round = () => {
    add(0, 1)
    mix(1, 5, 0)
    v[0] = turn(v[0]!, 16)
    add(2, 3)
    mix(3, 8, 2)
    add(0, 3)
    mix(3, 7, 0)
    add(2, 1)
    mix(1, 13, 2)
    v[2] = turn(v[2]!, 16)
  }
  const padded = Buffer.alloc(Math.floor(bytes.length / 4) * 4 + 4)
  padded.set(bytes)
  padded[padded.length - 1] = bytes.length & 0xff
  for (let i = 0; i < padded.length; i += 4) {
    const word = padded.readUInt32LE(i)
    v[3] = (v[3]! ^ word) >>> 0
    round()
    v[0] = (v[0]! ^ word) >>> 0
  }
  v[2] = (v[2]! ^ 0xee) >>> 0
  for (let i = 0; i < 3; i++) round()
  const lo = (v[1]! ^ v[3]!) | 0
  v[1] = (v[1]! ^ 0xdd) >>> 0
  for (let i = 0; i < 3; i++) round()
  return [lo, (v[1]! ^ v[3]!) | 0]
}

function hashOf(text: string, key = { k0: K0, k1: K1 }): readonly [number, number] {
  const hash = new KeyedHash(key)
  hash.update(text)
  return [hash.lo, hash.hi]
}

test('is HalfSipHash-1-3 of the bytes', () => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 89 + length * 57) & 0xff)
    assert.deepEqual(hashOf(Buffer.from(bytes).toString('latin1')), slowHash(bytes))
  }
})

test('texts that are nearly the same are told apart, bytes and others', () => {
  const texts = ['', '\0', '\0\0', 'a', 'a\0', 'aĀ', 'Ā', 'Āa', 'ab', 'ba', '€', '€€', '\u20ac\0']
  const seen = new Set([...texts, ...texts.map((text) => `${text}abcd`)].map(String))
  const hashes = [...seen].map((text) => hashOf(text).join())
  assert.equal(new Set(hashes).size, seen.size)
})

test('another key is another hash', () => {
  assert.notDeepEqual(hashOf('client'), hashOf('client', { k0: K0, k1: K1 + 1 }))
})
