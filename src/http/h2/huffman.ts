// hot path — see STYLE §8
/**
 * The Huffman code of field compression (RFC 7541, appendix B): reading it, four bits at a time.
 *
 * The code is canonical: codes of one length follow each other in the order of their symbols, so the lengths say it all.
 * Each inner node of the tree is a state; a table says, for a state and four bits, which state is next and which symbol
 * has ended on the way. No code is shorter than five bits, so that is one symbol at most.
 */

const SYMBOLS = 257
const END_OF_STRING = 256

/** Bits of the code of each symbol: how many symbols in a row have a code of that length. */
// biome-ignore format: pairs, as in the table of the RFC
const LENGTHS: readonly (readonly [bits: number, count: number])[] = [
  [13, 1], [23, 1], [28, 7], [24, 1], [30, 1], [28, 2], [30, 1], [28, 8], [30, 1], [28, 9],
  [6, 1], [10, 2], [12, 1], [13, 1], [6, 1], [8, 1], [11, 1], [10, 2], [8, 1], [11, 1], [8, 1], [6, 3],
  [5, 3], [6, 7], [7, 1], [8, 1], [15, 1], [6, 1], [12, 1], [10, 1],
  [13, 1], [6, 1], [7, 22], [8, 1], [7, 1], [8, 1], [13, 1], [19, 1], [13, 1], [14, 1], [6, 1],
  [15, 1], [5, 1], [6, 1], [5, 1], [6, 1], [5, 1], [6, 3], [5, 1], [7, 2], [6, 3], [5, 1], [6, 1],
  [7, 1], [6, 1], [5, 2], [6, 1], [7, 5], [15, 1], [11, 1], [14, 1], [13, 1], [28, 1],
  [20, 1], [22, 1], [20, 2], [22, 3], [23, 1], [22, 1], [23, 5], [24, 1], [23, 1],
  [24, 2], [22, 1], [23, 1], [24, 1], [23, 4], [21, 1], [22, 1], [23, 1], [22, 1], [23, 2], [24, 1],
  [22, 1], [21, 1], [20, 1], [22, 2], [23, 2], [21, 1], [23, 1], [22, 2], [24, 1], [21, 1], [22, 1], [23, 2],
  [21, 2], [22, 1], [21, 1], [23, 1], [22, 1], [23, 2], [20, 1], [22, 3], [23, 1], [22, 2], [23, 1],
  [26, 2], [20, 1], [19, 1], [22, 1], [23, 1], [22, 1], [25, 1], [26, 3], [27, 2], [26, 1], [24, 1], [25, 1],
  [19, 1], [21, 1], [26, 1], [27, 2], [26, 1], [27, 1], [24, 1], [21, 2], [26, 2], [28, 1], [27, 3],
  [20, 1], [24, 1], [20, 1], [21, 1], [22, 1], [21, 2], [23, 1], [22, 2], [25, 2], [24, 2], [26, 1], [23, 1],
  [26, 1], [27, 1], [26, 2], [27, 5], [28, 1], [27, 5], [26, 1],
  [30, 1],
]

/** Bits of the code of each symbol; the last is the end of the string. */
export const CODE_BITS: Uint8Array = Uint8Array.from(
  LENGTHS.flatMap(([bits, count]) => Array.from({ length: count }, () => bits)),
)

/** Entries of `TRANSITIONS`: the next state in the lowest byte, a symbol in the next. */
const EMITS = 1 << 16
const FAILS = 1 << 17
/** At [state * 16 + four bits]. */
const TRANSITIONS = new Uint32Array(256 * 16)
/** Where a string may end: at a code's end, or in the first seven ones, which pad the last byte. */
const MAY_END = new Uint8Array(256)
/** With the first string that needs them: it takes some milliseconds, which a start does not have. */
let built = false

/**
 * Decodes `[from, to)` into `target`, which has room for 8/5 of it; returns how many bytes that makes. -1: the string holds
 * the end-of-string symbol, or its padding is not that symbol's first bits, or is longer than seven.
 */
export function decodeHuffman(source: Buffer, from: number, to: number, target: Buffer): number {
  if (!built) buildTables()
  let state = 0
  let length = 0
  for (let i = from; i < to; i++) {
    const byte = source[i]!
    const first = TRANSITIONS[(state << 4) | (byte >>> 4)]!
    if (first >= EMITS) {
      if (first >= FAILS) return -1
      target[length++] = first >>> 8
    }
    const second = TRANSITIONS[((first & 0xff) << 4) | (byte & 0xf)]!
    if (second >= EMITS) {
      if (second >= FAILS) return -1
      target[length++] = second >>> 8
    }
    state = second & 0xff
  }
  return MAY_END[state] === 1 ? length : -1
}

/** The code of each symbol, counted up by length (RFC 7541 §5.2: the tree is canonical). */
export function canonicalCodes(): Uint32Array {
  const ofLength = new Uint32Array(32)
  for (const bits of CODE_BITS) ofLength[bits]!++
  // The next code of each length begins where the shorter ones end.
  for (let bits = 1, code = 0; bits < 32; bits++) {
    const count = ofLength[bits]!
    ofLength[bits] = code
    code = (code + count) * 2
  }
  return Uint32Array.from(CODE_BITS, (bits) => ofLength[bits]!++)
}

/** The tree first: two children a node; below zero stands a symbol, as its complement. */
function buildTables(): void {
  built = true
  const children: number[] = [0, 0]
  const codes = canonicalCodes()
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    let node = 0
    for (let bit = CODE_BITS[symbol]! - 1; bit > 0; bit--) {
      const slot = node * 2 + ((codes[symbol]! >>> bit) & 1)
      if (children[slot] === 0) {
        children[slot] = children.length / 2
        children.push(0, 0)
      }
      node = children[slot]!
    }
    children[node * 2 + (codes[symbol]! & 1)] = ~symbol
  }
  for (let state = 0; state < 256; state++) {
    for (let bits = 0; bits < 16; bits++)
      TRANSITIONS[state * 16 + bits] = follow(children, state, bits)
  }
  for (let ones = 0, node = 0; ones < 8; ones++, node = children[node * 2 + 1]!) MAY_END[node] = 1
}

function follow(children: readonly number[], state: number, bits: number): number {
  let node = state
  let emitted = 0
  for (let bit = 3; bit >= 0; bit--) {
    const next = children[node * 2 + ((bits >>> bit) & 1)]!
    if (next === ~END_OF_STRING) return FAILS
    if (next < 0) emitted = EMITS | (~next << 8)
    node = Math.max(next, 0)
  }
  return emitted | node
}
