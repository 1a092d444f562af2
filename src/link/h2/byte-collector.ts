/** Collects a field block, or the lines of an HTTP/1 head, in memory that the next one uses again. */

import { copyBytes } from './copy-bytes.ts'

export class ByteCollector {
  bytes: Buffer
  length = 0

  constructor(bytes = 65_536) {
    this.bytes = Buffer.allocUnsafeSlow(bytes)
  }

  reset(): void {
    this.length = 0
  }

  /** Everything collected; good until the next `reset`. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  /** Keeps these bytes and no others. */
  keep(source: Uint8Array, from: number, to: number): void {
    this.length = 0
    this.append(source, from, to)
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

  append(source: Uint8Array, from: number, to: number): void {
    this.reserve(to - from)
    copyBytes(source, from, to, this.bytes, this.length)
    this.length += to - from
  }

  /** Latin1 text, as it is. */
  text(value: string): void {
    this.reserve(value.length)
    this.length += this.bytes.write(value, this.length, 'latin1')
  }

  /** A string literal without coding (RFC 7541 §5.2). */
  literal(value: string): void {
    this.reserve(value.length + 8)
    this.number(value.length, 0x7f, 0)
    this.length += this.bytes.write(value, this.length, 'latin1')
  }

  /** An integer (RFC 7541 §5.1) behind the bits of `first`. */
  number(value: number, mask: number, first: number): void {
    this.reserve(6)
    if (value < mask) {
      this.bytes[this.length++] = first | value
      return
    }
    this.bytes[this.length++] = first | mask
    let rest = value - mask
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
