// hot path — see STYLE §8
/**
 * Decoder of field blocks (HPACK, RFC 7541 §3, §5, §6); one for each connection, since blocks build on each other.
 *
 * It only says what a block stands for: names and values are not judged here. Memory is bounded by the dynamic table and
 * by the list that it fills; a block is read to its end even when the list is full, or the next could not be understood.
 */

import { BlockCursor } from './block-cursor.ts'
import { DynamicTable } from './dynamic-table.ts'
import { Field, type FieldList } from './field.ts'
import { decodeHuffman } from './huffman.ts'
import { STATIC_TABLE } from './static-table.ts'

const STATIC_FIELDS: readonly Field[] = STATIC_TABLE.map(([name, value]) => new Field(name, value))

/** Decoded strings; a code has five bits at least. */
let scratch: Buffer = Buffer.allocUnsafeSlow(16_384)

export class FieldDecoder extends BlockCursor {
  readonly #table: DynamicTable
  /** The last string could not be read. */
  #broken = false

  constructor(tableBytesMax: number) {
    super()
    this.#table = new DynamicTable(tableBytesMax)
  }

  /** Adds the fields of the block `[from, to)` to the list. False: it cannot be decoded (COMPRESSION_ERROR). */
  decode(block: Buffer, from: number, to: number, list: FieldList): boolean {
    this.block = block
    this.at = from
    this.end = to
    this.#broken = false
    let mayResize = true
    while (this.at < to) {
      const first = block[this.at]!
      if (first >= 0x20 && first < 0x40) {
        // RFC 7541 §4.2: before all fields, and no more than lowest and last size.
        if (!mayResize || !this.#resize()) return false
        continue
      }
      mayResize = false
      const field = first >= 0x80 ? this.#fieldAt(this.number(0x7f)) : this.#literal(first)
      if (field === undefined) return false
      list.add(field)
    }
    return true
  }

  #resize(): boolean {
    const bytes = this.number(0x1f)
    return bytes >= 0 && this.#table.resize(bytes)
  }

  #fieldAt(index: number): Field | undefined {
    if (index <= 0) return undefined
    if (index < STATIC_FIELDS.length) return STATIC_FIELDS[index]
    return this.#table.at(index - STATIC_FIELDS.length)
  }

  #literal(first: number): Field | undefined {
    const indexed = first >= 0x40
    const index = this.number(indexed ? 0x3f : 0x0f)
    const name = index === 0 ? this.#string() : this.#fieldAt(index)?.name
    if (name === undefined) return undefined
    const value = this.#string()
    if (this.#broken) return undefined
    const field = new Field(name, value)
    if (indexed) this.#table.insert(field)
    return field
  }

  /** A string literal (RFC 7541 §5.2). */
  #string(): string {
    const at = this.at
    if (at >= this.end) return this.#fail()
    const coded = this.block[at]! >= 0x80
    const length = this.number(0x7f)
    const start = this.at
    if (length < 0 || start + length > this.end) return this.#fail()
    this.at = start + length
    if (!coded) return this.block.toString('latin1', start, start + length)
    if (length * 2 > scratch.length) scratch = Buffer.allocUnsafeSlow(length * 2)
    const decoded = decodeHuffman(this.block, start, start + length, scratch)
    return decoded < 0 ? this.#fail() : scratch.toString('latin1', 0, decoded)
  }

  #fail(): string {
    this.#broken = true
    return ''
  }
}
