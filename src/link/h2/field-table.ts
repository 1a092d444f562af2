/**
 * The memories of field blocks (RFC 7541 §2.3.2, §4): a field that was written out once is a number the next time.
 *
 * Both ends add and drop the same fields in the same order, so every block has to be read, in order, by whoever gets it.
 */

import { FIELD_OVERHEAD_BYTES } from '../../http/h2/field.ts'

/** Index of the newest field: the static table stands before it. */
export const NEWEST = 62

/** A field of the reader's table: its name, and right behind it its value. */
export interface KnownField {
  readonly bytes: Buffer
  readonly nameEnd: number
  /** Its value, once somebody has asked for it. */
  valueText: string | undefined
  /** For whoever reads: it has been checked, and this is the id of its name. -1: it has not. */
  checkedId: number
  /** `name: value` CRLF, once it has been checked. */
  line: string
}

export class ReadTable {
  /** Another one after every change. */
  version = 0
  #bytesMax = 0
  #bytes = 0
  /** The oldest first. */
  readonly #fields: KnownField[] = []

  at(index: number): KnownField | undefined {
    return this.#fields[this.#fields.length - 1 - (index - NEWEST)]
  }

  add(bytes: Buffer, nameEnd: number): KnownField {
    const field: KnownField = { bytes, nameEnd, valueText: undefined, checkedId: -1, line: '' }
    this.version++
    this.#fields.push(field)
    this.#bytes += bytes.length + FIELD_OVERHEAD_BYTES
    this.#evict()
    return field
  }

  resize(bytesMax: number): void {
    this.version++
    this.#bytesMax = bytesMax
    this.#evict()
  }

  #evict(): void {
    while (this.#bytes > this.#bytesMax) {
      this.#bytes -= this.#fields.shift()!.bytes.length + FIELD_OVERHEAD_BYTES
    }
  }
}

export interface WrittenField {
  readonly line: string
  readonly bytes: number
  /** How many came before it. */
  readonly place: number
  used: boolean
  /** It has lost its place. */
  gone: boolean
}

/** Names whose values nearly always differ are not worth a place: so many in a row that nobody asked for again. */
const UNUSED_MAX = 8
/** One more is tried after so many that were not added. */
const TRY_AGAIN_AFTER = 1_024
const NAMES_MAX = 256

interface NameRecord {
  last: WrittenField | undefined
  unused: number
}

export class WriteTable {
  version = 0
  bytesMax = 0
  #bytes = 0
  #places = 0
  readonly #fields: WrittenField[] = []
  readonly #byLine = new Map<string, WrittenField>()
  readonly #names = new Map<string, NameRecord>()

  /** `line` is `name: value`. */
  find(line: string): WrittenField | undefined {
    return this.#byLine.get(line)
  }

  /** Index of a field that has a place. */
  use(field: WrittenField): number {
    field.used = true
    return NEWEST + this.#places - 1 - field.place
  }

  /** Whether a field of that name should have a place. */
  isWorth(name: string): boolean {
    const record = this.#names.get(name)
    if (record === undefined) return true
    if (record.last?.used === false) record.unused++
    else record.unused = 0
    if (record.unused > TRY_AGAIN_AFTER) record.unused = UNUSED_MAX - 1
    return record.unused < UNUSED_MAX
  }

  add(line: string, name: string, bytes: number): void {
    // A copy: what was handed over may be a part of a long head.
    const own = Buffer.from(line, 'latin1').toString('latin1')
    const field: WrittenField = {
      line: own,
      bytes,
      place: this.#places++,
      used: false,
      gone: false,
    }
    this.version++
    this.#fields.push(field)
    this.#byLine.set(own, field)
    this.#remember(name, field)
    this.#bytes += bytes
    this.#evict()
  }

  resize(bytesMax: number): void {
    this.version++
    this.bytesMax = bytesMax
    this.#evict()
  }

  #remember(name: string, field: WrittenField): void {
    const record = this.#names.get(name)
    if (record !== undefined) {
      record.last = field
      return
    }
    if (this.#names.size >= NAMES_MAX) this.#names.clear()
    this.#names.set(name, { last: field, unused: 0 })
  }

  #evict(): void {
    while (this.#bytes > this.bytesMax) {
      const oldest = this.#fields.shift()!
      this.#bytes -= oldest.bytes
      oldest.gone = true
      if (this.#byLine.get(oldest.line) === oldest) this.#byLine.delete(oldest.line)
    }
  }
}
