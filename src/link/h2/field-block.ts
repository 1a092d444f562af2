/**
 * Field blocks (HPACK, RFC 7541) without a memory: the static table and plain literals.
 *
 * Both ends of a link announce a dynamic table of 0 bytes and neither compresses strings, so a block says all that it
 * means and costs a copy. A block that refers to a dynamic table, or holds a Huffman string, is refused.
 */

import { STATIC_TABLE } from '../../http/h2/static-table.ts'

/** Of the static table, for names that every message begins with. */
export const NAME = { authority: 1, method: 2, path: 4, scheme: 6, status: 8 } as const

const NAMES = STATIC_TABLE.map(([name]) => Buffer.from(name, 'latin1'))
const VALUES = STATIC_TABLE.map(([, value]) => Buffer.from(value, 'latin1'))

/** Results of `FieldReader.next`. */
export const FIELD = 1
export const BLOCK_END = 0
export const BLOCK_INVALID = -1

/** Reads one field after the other. Names and values are views of the block or of the static table. */
export class FieldReader {
  name: Buffer = NAMES[0]!
  nameStart = 0
  nameEnd = 0
  value: Buffer = VALUES[0]!
  valueStart = 0
  valueEnd = 0
  #block: Buffer = NAMES[0]!
  #at = 0
  #stringEnd = 0

  begin(block: Buffer): void {
    this.#block = block
    this.#at = 0
  }

  next(): number {
    const block = this.#block
    for (;;) {
      if (this.#at >= block.length) return BLOCK_END
      const first = block[this.#at]!
      if (first >= 0x80) return this.#indexed(this.#number(0x7f))
      if (first >= 0x40) return this.#literal(this.#number(0x3f))
      if (first < 0x20) return this.#literal(this.#number(0x0f))
      // A new size of the dynamic table: all there may be is none.
      if (this.#number(0x1f) !== 0) return BLOCK_INVALID
    }
  }

  text(): string {
    return this.value.toString('latin1', this.valueStart, this.valueEnd)
  }

  nameIs(name: string): boolean {
    return (
      this.nameEnd - this.nameStart === name.length &&
      this.name.toString('latin1', this.nameStart, this.nameEnd) === name
    )
  }

  #indexed(index: number): number {
    if (index < 1 || index >= NAMES.length) return BLOCK_INVALID
    this.#tableName(index)
    this.value = VALUES[index]!
    this.valueStart = 0
    this.valueEnd = this.value.length
    return FIELD
  }

  #literal(index: number): number {
    if (index < 0 || index >= NAMES.length) return BLOCK_INVALID
    if (index === 0) {
      const start = this.#string()
      if (start < 0 || this.#stringEnd === start) return BLOCK_INVALID
      this.name = this.#block
      this.nameStart = start
      this.nameEnd = this.#stringEnd
    } else this.#tableName(index)
    const start = this.#string()
    if (start < 0) return BLOCK_INVALID
    this.value = this.#block
    this.valueStart = start
    this.valueEnd = this.#stringEnd
    return FIELD
  }

  #tableName(index: number): void {
    this.name = NAMES[index]!
    this.nameStart = 0
    this.nameEnd = this.name.length
  }

  /** Where a string begins; its end is `#stringEnd`. -1: it is coded, or longer than the block. */
  #string(): number {
    if (this.#at >= this.#block.length || this.#block[this.#at]! >= 0x80) return -1
    const length = this.#number(0x7f)
    const start = this.#at
    if (length < 0 || start + length > this.#block.length) return -1
    this.#at = start + length
    this.#stringEnd = this.#at
    return start
  }

  /** An integer (RFC 7541 §5.1) whose first byte has the bits of `mask`; -1 when it does not end or is absurd. */
  #number(mask: number): number {
    const block = this.#block
    let value = block[this.#at++]! & mask
    if (value < mask) return value
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.#at >= block.length) return -1
      const byte = block[this.#at++]!
      value += (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    return -1
  }
}

/** Collects a block, or the lines of an HTTP/1 head, in memory that the next one uses again. */
export class ByteCollector {
  bytes: Buffer = Buffer.allocUnsafeSlow(65_536)
  length = 0

  reset(): void {
    this.length = 0
  }

  /** Everything collected; good until the next `reset`. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  /** Room for that many bytes more. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow((this.length + count) * 2)
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }

  byte(value: number): void {
    this.bytes[this.length++] = value
  }

  /** Latin1 text, as it is. */
  text(value: string): void {
    this.reserve(value.length)
    this.length += this.bytes.write(value, this.length, 'latin1')
  }

  /** A string literal without coding. */
  literal(value: string): void {
    this.reserve(value.length + 8)
    this.literalLength(value.length)
    this.length += this.bytes.write(value, this.length, 'latin1')
  }

  /** The length in front of a string literal. */
  literalLength(length: number): void {
    if (length < 0x7f) {
      this.bytes[this.length++] = length
      return
    }
    this.bytes[this.length++] = 0x7f
    let rest = length - 0x7f
    for (; rest >= 0x80; rest >>>= 7) this.bytes[this.length++] = 0x80 | (rest & 0x7f)
    this.bytes[this.length++] = rest
  }

  /** A literal field whose name stands in the static table; never indexed by anybody. */
  tableField(nameIndex: number, value: string): void {
    this.reserve(1)
    this.byte(nameIndex)
    this.literal(value)
  }

  /** A literal field. */
  field(name: string, value: string): void {
    this.reserve(1)
    this.byte(0)
    this.literal(name)
    this.literal(value)
  }
}
