// hot path — see STYLE §8
/**
 * A keyed 64-bit hash of a text, in 32-bit steps: HalfSipHash-1-3 (Aumasson and Bernstein, https://github.com/veorq/SipHash)
 * over its bytes or, where it has characters that are no bytes, its UTF-16 units.
 *
 * Whoever does not know the key cannot find texts that collide, so nobody can aim at a place in a table that is
 * addressed by it. All threads of a process use the same key; it leaves the process in no form.
 */

export interface HashKey {
  readonly k0: number
  readonly k1: number
}

const V2 = 0x6c796765
const V3 = 0x74656462

/** One per thread: the result of the last `update` stands in its two fields. */
export class KeyedHash {
  /** 32 bits each, signed. */
  lo = 0
  hi = 0
  readonly #k0: number
  readonly #k1: number
  #v0 = 0
  #v1 = 0
  #v2 = 0
  #v3 = 0

  constructor({ k0, k1 }: HashKey) {
    this.#k0 = k0 | 0
    this.#k1 = k1 | 0
  }

  // 36 characters take three times as long as a token (bench/client-limits.ts beside bench/token-bucket.ts, Node 24).
  update(text: string): void {
    if (!this.#absorbBytes(text)) this.#absorbUnits(text)
    this.#v2 ^= 0xee
    this.#finish()
    this.lo = this.#v1 ^ this.#v3
    this.#v1 ^= 0xdd
    this.#finish()
    this.hi = this.#v1 ^ this.#v3
  }

  /** Four characters a word; false: one of them is no byte, and nothing counts. */
  #absorbBytes(text: string): boolean {
    const { length } = text
    const whole = length & ~3
    let v0 = this.#k0
    let v1 = this.#k1 ^ 0xee
    let v2 = V2 ^ this.#k0
    let v3 = V3 ^ this.#k1
    let all = 0
    for (let i = 0; i <= whole; i += 4) {
      let word = length << 24
      if (i < whole) {
        const a = text.charCodeAt(i)
        const b = text.charCodeAt(i + 1)
        const c = text.charCodeAt(i + 2)
        const d = text.charCodeAt(i + 3)
        all |= a | b | c | d
        word = a | (b << 8) | (c << 16) | (d << 24)
      } else {
        for (let j = whole; j < length; j++) {
          const code = text.charCodeAt(j)
          all |= code
          word |= code << ((j - whole) * 8)
        }
      }
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
    }
    this.#keep(v0, v1, v2, v3)
    return all < 256
  }

  /** Two UTF-16 units a word, from another beginning: no text of bytes is the same words. */
  #absorbUnits(text: string): void {
    const { length } = text
    this.#keep(this.#k0, this.#k1 ^ 0xef, V2 ^ this.#k0, V3 ^ this.#k1)
    for (let i = 0; i < length; i += 2) {
      const next = i + 1 < length ? text.charCodeAt(i + 1) : 0
      this.#absorb(text.charCodeAt(i) | (next << 16))
    }
    this.#absorb(length)
  }

  #absorb(word: number): void {
    this.#v3 ^= word
    this.#round()
    this.#v0 ^= word
  }

  #finish(): void {
    for (let i = 0; i < 3; i++) this.#round()
  }

  #round(): void {
    let v0 = this.#v0
    let v1 = this.#v1
    let v2 = this.#v2
    let v3 = this.#v3
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    this.#keep(v0, v1, v2, v3)
  }

  #keep(v0: number, v1: number, v2: number, v3: number): void {
    this.#v0 = v0
    this.#v1 = v1
    this.#v2 = v2
    this.#v3 = v3
  }
}
