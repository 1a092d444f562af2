/**
 * Reads field blocks (HPACK, RFC 7541) of one connection, field by field.
 *
 * Blocks have to be read whole and in the order in which they come, wanted or not (`skip`): each may add to the table.
 * Neither end of a link compresses strings; a block that holds a Huffman string is refused.
 */

import { BlockCursor } from '../../http/h2/block-cursor.ts'
import { STATIC_TABLE } from '../../http/h2/static-table.ts'
import type { ByteCollector } from './byte-collector.ts'
import { type KnownField, NEWEST, ReadTable } from './field-table.ts'

const NAMES = STATIC_TABLE.map(([name]) => Buffer.from(name, 'latin1'))
const VALUES = STATIC_TABLE.map(([, value]) => Buffer.from(value, 'latin1'))
const TEXTS = STATIC_TABLE.map(([, value]) => value)

/** Results of `FieldReader.next`. */
export const FIELD = 1
export const BLOCK_END = 0
export const BLOCK_INVALID = -1

/** What a block may say, however few bytes it has. */
const SAID_BYTES_MAX = 262_144
const EMPTY = Buffer.alloc(0)

/** Names and values are views of the block or of a table. */
export class FieldReader extends BlockCursor {
  name: Buffer = EMPTY
  nameStart = 0
  nameEnd = 0
  value: Buffer = EMPTY
  valueStart = 0
  valueEnd = 0
  /** The place of the field in the table, if it has one. */
  known: KnownField | undefined
  readonly #table = new ReadTable()
  readonly #tableBytesMax: number
  #start = 0
  #stringEnd = 0
  #staticText: string | undefined
  #said = 0

  /** `tableBytesMax`: what the other end was offered. */
  constructor(tableBytesMax = 0) {
    super()
    this.#tableBytesMax = tableBytesMax
    this.#table.resize(tableBytesMax)
  }

  /** Another one whenever the same bytes mean something else. */
  get version(): number {
    return this.#table.version
  }

  begin(block: Buffer, start = 0, end = block.length): void {
    this.block = block
    this.#start = start
    this.end = end
    this.rewind()
  }

  /** To the first field again; nothing may have been added to the table meanwhile. */
  rewind(): void {
    this.at = this.#start
    this.#said = 0
  }

  /** Reads what is left; false: the block is malformed. */
  skip(): boolean {
    let found = FIELD
    while (found === FIELD) found = this.next()
    return found === BLOCK_END
  }

  /** Whether these bytes come next; they are passed over then. */
  passes({ bytes, length }: ByteCollector): boolean {
    const block = this.block
    const at = this.at
    if (this.end - at < length) return false
    for (let i = 0; i < length; i++) if (block[at + i] !== bytes[i]) return false
    this.at = at + length
    return true
  }

  get atEnd(): boolean {
    return this.at === this.end
  }

  /** The first byte of the next field; undefined at the end. */
  get nextByte(): number | undefined {
    return this.at < this.end ? this.block[this.at] : undefined
  }

  /** Has the bytes between two offsets from the start of the block kept. */
  keepIn(target: ByteCollector, from: number, to = this.end - this.#start): void {
    target.keep(this.block, this.#start + from, this.#start + to)
  }

  /** Offset of the next field from the start of the block. */
  get offset(): number {
    return this.at - this.#start
  }

  next(): number {
    const found = this.#next()
    if (found !== FIELD) return found
    this.#said += this.nameEnd - this.nameStart + this.valueEnd - this.valueStart
    return this.#said > SAID_BYTES_MAX ? BLOCK_INVALID : FIELD
  }

  /** The value; made into a string once for all fields that refer to the same place. */
  text(): string {
    if (this.#staticText !== undefined) return this.#staticText
    const { known } = this
    if (known?.valueText !== undefined) return known.valueText
    const text = this.value.toString('latin1', this.valueStart, this.valueEnd)
    if (known !== undefined) known.valueText = text
    return text
  }

  nameIs(name: string): boolean {
    if (this.nameEnd - this.nameStart !== name.length) return false
    for (let i = 0; i < name.length; i++) {
      if (this.name[this.nameStart + i] !== name.charCodeAt(i)) return false
    }
    return true
  }

  #next(): number {
    const block = this.block
    for (;;) {
      if (this.at >= this.end) return BLOCK_END
      const first = block[this.at]!
      if (first >= 0x80) return this.#indexed(this.number(0x7f))
      if (first >= 0x40) return this.#added(this.number(0x3f))
      if (first < 0x20) return this.#literal(this.number(0x0f))
      const size = this.number(0x1f)
      // A new size stands in front of all fields (RFC 7541 §4.2).
      if (size < 0 || size > this.#tableBytesMax || this.#said > 0) return BLOCK_INVALID
      this.#table.resize(size)
    }
  }

  #indexed(index: number): number {
    if (!this.#take(index)) return BLOCK_INVALID
    if (this.known === undefined) {
      this.#staticText = TEXTS[index]
      this.value = VALUES[index]!
      this.valueStart = 0
      this.valueEnd = this.value.length
    } else {
      this.value = this.known.bytes
      this.valueStart = this.known.nameEnd
      this.valueEnd = this.known.bytes.length
    }
    return FIELD
  }

  /** A literal that gets a place in the table. */
  #added(index: number): number {
    if (this.#literal(index) !== FIELD) return BLOCK_INVALID
    const nameBytes = this.nameEnd - this.nameStart
    const bytes = Buffer.allocUnsafeSlow(nameBytes + this.valueEnd - this.valueStart)
    this.name.copy(bytes, 0, this.nameStart, this.nameEnd)
    this.value.copy(bytes, nameBytes, this.valueStart, this.valueEnd)
    this.known = this.#table.add(bytes, nameBytes)
    return FIELD
  }

  #literal(index: number): number {
    if (index === 0) {
      const start = this.#string()
      if (start < 0 || this.#stringEnd === start) return BLOCK_INVALID
      this.name = this.block
      this.nameStart = start
      this.nameEnd = this.#stringEnd
    } else if (!this.#take(index)) return BLOCK_INVALID
    const start = this.#string()
    if (start < 0) return BLOCK_INVALID
    this.known = undefined
    this.#staticText = undefined
    this.value = this.block
    this.valueStart = start
    this.valueEnd = this.#stringEnd
    return FIELD
  }

  /** The name at an index, and `known` if it stands in the table of the connection. */
  #take(index: number): boolean {
    this.known = undefined
    this.#staticText = undefined
    this.nameStart = 0
    if (index < NEWEST) {
      if (index < 1) return false
      this.name = NAMES[index]!
      this.nameEnd = this.name.length
      return true
    }
    const field = this.#table.at(index)
    if (field === undefined) return false
    this.known = field
    this.name = field.bytes
    this.nameEnd = field.nameEnd
    return true
  }

  /** Where a string begins; its end is `#stringEnd`. -1: it is coded, or longer than the block. */
  #string(): number {
    if (this.at >= this.end || this.block[this.at]! >= 0x80) return -1
    const length = this.number(0x7f)
    const start = this.at
    if (length < 0 || start + length > this.end) return -1
    this.at = start + length
    this.#stringEnd = this.at
    return start
  }
}
