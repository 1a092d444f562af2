import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CODE_BITS, canonicalCodes, decodeHuffman } from './huffman.ts'

const CODES = canonicalCodes()

function bitsOf(symbol: number): string {
  return CODES[symbol]!.toString(2).padStart(CODE_BITS[symbol]!, '0')
}

function bytesOf(bits: string): Buffer {
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [])
}

function encode(text: Buffer): Buffer {
  const bits = Array.from(text, bitsOf).join('')
  return bytesOf(bits.padEnd(Math.ceil(bits.length / 8) * 8, '1'))
}

/** Bit by bit; undefined for what RFC 7541 §5.2 calls an error. */
function slowly(coded: Buffer): Buffer | undefined {
  const symbols = new Map(Array.from(CODES, (_, symbol) => [bitsOf(symbol), symbol]))
  const decoded: number[] = []
  let rest = ''
  for (const bit of Array.from(coded, (byte) => byte.toString(2).padStart(8, '0')).join('')) {
    rest += bit
    const symbol = symbols.get(rest)
    if (symbol === undefined) continue
    if (symbol === 256) return undefined
    decoded.push(symbol)
    rest = ''
  }
  return rest.length > 7 || rest.includes('0') ? undefined : Buffer.from(decoded)
}

function decode(coded: Buffer): Buffer | undefined {
  const target = Buffer.alloc(Math.ceil((coded.length * 8) / 5))
  const length = decodeHuffman(coded, 0, coded.length, target)
  return length < 0 ? undefined : target.subarray(0, length)
}

test('the code is complete, and its ends are those of the RFC', () => {
  const share = CODE_BITS.reduce((sum, bits) => sum + 2 ** -bits, 0)
  assert.equal(share, 1)
  assert.deepEqual(
    [bitsOf(0x30), bitsOf(0x21), bitsOf(0x7b)],
    ['00000', '1111111000', '111111111111110'],
  )
  assert.deepEqual([CODES[0], CODES[255], CODES[256]], [0x1ff8, 0x3ffffee, 0x3fffffff])
})

test('examples of RFC 7541, appendix C', () => {
  for (const [hex, text] of [
    ['f1e3c2e5f23a6ba0ab90f4ff', 'www.example.com'],
    ['a8eb10649cbf', 'no-cache'],
    ['25a849e95bb8e8b4bf', 'custom-value'],
    ['d07abe941054d444a8200595040b8166e082a62d1bff', 'Mon, 21 Oct 2013 20:13:21 GMT'],
  ] as const) {
    assert.equal(decode(Buffer.from(hex, 'hex'))?.toString(), text)
    assert.equal(encode(Buffer.from(text)).toString('hex'), hex)
  }
})

test('every symbol, alone and between others', () => {
  for (let symbol = 0; symbol < 256; symbol++) {
    for (const text of [[symbol], [0x61, symbol, 0x7a], [symbol, symbol, symbol]]) {
      assert.deepEqual(decode(encode(Buffer.from(text))), Buffer.from(text))
    }
  }
})

const REFUSED: readonly (readonly [string, string])[] = [
  ['padding of zeros', `${bitsOf(0x61)}000`],
  ['eight bits of padding', '11111111'],
  ['more than eight', `${bitsOf(0x61)}11111111111`],
  ['the end of the string as a symbol', `${bitsOf(256)}11`],
  ['half a code', bitsOf(0x5c).slice(0, 8)],
]

for (const [what, bits] of REFUSED) {
  test(`refused: ${what}`, () => assert.equal(decode(bytesOf(bits)), undefined))
}

test('property: any bytes mean what they mean bit by bit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      assert.deepEqual(decode(Buffer.from(bytes)), slowly(Buffer.from(bytes)))
    }),
  )
})
