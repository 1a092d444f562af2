// hot path — see STYLE §8
/**
 * Decoder of the chunked transfer coding (RFC 9112 §7.1), in place.
 *
 * `decode` moves the chunk data in the buffer together, so that one range holds all data of a read. Strict: CRLF only,
 * hexadecimal sizes only, extensions and trailers checked and bounded, then dropped.
 */

import { FIELD_VALUE, HEX, TOKEN } from './characters.ts'

const SIZE = 0
const EXTENSION = 1
const SIZE_LF = 2
const DATA = 3
const DATA_CR = 4
const DATA_LF = 5
const TRAILER_START = 6
const TRAILER_NAME = 7
const TRAILER_VALUE = 8
const TRAILER_LF = 9
const END_LF = 10
const DONE = 11

const CR = 0x0d
const LF = 0x0a
const SEMICOLON = 0x3b
const COLON = 0x3a
/** Twelve hexadecimal digits stay below 2^53. */
const SIZE_DIGITS_MAX = 12

export interface ChunkLimits {
  readonly chunkHeadBytes: number
  readonly chunkExtensionBytes: number
  readonly trailerBytes: number
}

export class ChunkedDecoder {
  /** After `decode`: the data of this call stands at `[dataStart, dataEnd)`. */
  dataStart = 0
  dataEnd = 0
  /** What was wrong, when `decode` returned -1. */
  error = ''

  #state = SIZE
  #remaining = 0
  #digits = 0
  #headBytes = 0
  #extensionBytes = 0
  #trailerBytes = 0
  readonly #limits: ChunkLimits

  constructor(limits: ChunkLimits) {
    this.#limits = limits
  }

  get done(): boolean {
    return this.#state === DONE
  }

  /**
   * Consumes bytes up to the end of the body or of the range. Returns the offset behind what was consumed, or -1 for
   * malformed framing. Rewrites the buffer.
   */
  decode(bytes: Uint8Array, from: number, to: number): number {
    this.dataStart = from
    this.dataEnd = from
    let i = from
    while (i < to && this.#state !== DONE) {
      if (this.#state === DATA) {
        i = this.#takeData(bytes, i, to)
        continue
      }
      if (!this.#step(bytes[i]!)) return -1
      i++
    }
    return i
  }

  #takeData(bytes: Uint8Array, at: number, to: number): number {
    const end = Math.min(to, at + this.#remaining)
    if (this.dataEnd === this.dataStart) this.dataStart = this.dataEnd = at
    if (at !== this.dataEnd) bytes.copyWithin(this.dataEnd, at, end)
    this.dataEnd += end - at
    this.#remaining -= end - at
    if (this.#remaining === 0) this.#state = DATA_CR
    return end
  }

  /** One byte of framing. */
  #step(byte: number): boolean {
    switch (this.#state) {
      case SIZE:
        return this.#size(byte)
      case EXTENSION:
        return this.#extension(byte)
      case SIZE_LF:
        return this.#sizeEnd(byte)
      case DATA_CR:
        return this.#expect(byte, CR, DATA_LF)
      case DATA_LF:
        this.#headBytes = 0
        this.#digits = 0
        return this.#expect(byte, LF, SIZE)
      case END_LF:
        return this.#expect(byte, LF, DONE)
      default:
        return this.#trailer(byte)
    }
  }

  #size(byte: number): boolean {
    const digit = HEX[byte]!
    if (digit !== 255) {
      if (++this.#digits > SIZE_DIGITS_MAX) return this.#fail('chunk size has too many digits')
      this.#remaining = this.#remaining * 16 + digit
      return true
    }
    if (this.#digits === 0) return this.#fail('chunk size is missing')
    if (byte === CR) this.#state = SIZE_LF
    else if (byte === SEMICOLON) this.#state = EXTENSION
    else return this.#fail('chunk size is not hexadecimal')
    return true
  }

  #extension(byte: number): boolean {
    if (byte === CR) {
      this.#state = SIZE_LF
      return true
    }
    if (FIELD_VALUE[byte] === 0) return this.#fail('control character in a chunk extension')
    if (++this.#headBytes > this.#limits.chunkHeadBytes)
      return this.#fail('chunk extension too long')
    if (++this.#extensionBytes > this.#limits.chunkExtensionBytes) {
      return this.#fail('chunk extensions too long together')
    }
    return true
  }

  #sizeEnd(byte: number): boolean {
    if (byte !== LF) return this.#fail('bare CR after a chunk size')
    this.#state = this.#remaining === 0 ? TRAILER_START : DATA
    return true
  }

  #trailer(byte: number): boolean {
    if (++this.#trailerBytes > this.#limits.trailerBytes)
      return this.#fail('trailer section too long')
    switch (this.#state) {
      case TRAILER_START:
        if (byte === CR) {
          this.#state = END_LF
          return true
        }
        this.#state = TRAILER_NAME
        return TOKEN[byte] === 1 || this.#fail('malformed trailer')
      case TRAILER_NAME:
        if (byte === COLON) this.#state = TRAILER_VALUE
        else if (TOKEN[byte] === 0) return this.#fail('malformed trailer')
        return true
      case TRAILER_VALUE:
        if (byte === CR) this.#state = TRAILER_LF
        else if (FIELD_VALUE[byte] === 0) return this.#fail('control character in a trailer')
        return true
      default:
        return this.#expect(byte, LF, TRAILER_START)
    }
  }

  #expect(byte: number, expected: number, next: number): boolean {
    if (byte !== expected) return this.#fail('chunk is not ended by CRLF')
    this.#state = next
    return true
  }

  #fail(detail: string): boolean {
    this.error = detail
    return false
  }
}
