/**
 * Writes field blocks (HPACK, RFC 7541) of one connection: what was written out once is a number the next time.
 *
 * A block that was written has to be sent, and before the next one: the reader's table follows the writer's. Strings are
 * not compressed. While the other end has not offered a table, a block holds nothing that outlives it.
 */

import { FIELD_OVERHEAD_BYTES } from '../../http/h2/field.ts'
import { ByteCollector } from './byte-collector.ts'
import { WriteTable, type WrittenField } from './field-table.ts'

/** Of the static table, for names that every message begins with. */
export const NAME = { authority: 1, method: 2, path: 4, scheme: 6, status: 8 } as const

/** More than an end offers is not used. */
export const TABLE_BYTES_MAX = 16_384
const FIELD_BYTES_MAX = 1_024
/** Secrets have no place in a table (RFC 7541 §7.1.3). */
const SECRET = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
  'x-amz-security-token',
  'x-api-key',
])
const INDEXED = 0x80
const ADDED = 0x40
const TABLE_SIZE = 0x20
const NEVER = 0x10

/** One for all connections: a block is sent before the next one is begun. */
const block = new ByteCollector()

export class FieldWriter {
  readonly #table = new WriteTable()
  #sizeDue = false

  /** Another one whenever what was written before means something else. */
  get version(): number {
    return this.#table.version
  }

  /** The other end keeps so many bytes. */
  offer(bytes: number): void {
    const size = Math.min(bytes, TABLE_BYTES_MAX)
    if (size === this.#table.bytesMax) return
    this.#table.resize(size)
    this.#sizeDue = true
  }

  begin(): ByteCollector {
    block.reset()
    if (this.#sizeDue) {
      this.#sizeDue = false
      block.number(this.#table.bytesMax, 0x1f, TABLE_SIZE)
    }
    return block
  }

  /** A field of the static table. */
  known(index: number): void {
    block.reserve(1)
    block.byte(INDEXED | index)
  }

  /** What was said before, now again: `name: value`. Undefined: it has to be written out. */
  again(line: string): WrittenField | undefined {
    const table = this.#table
    const field = table.bytesMax === 0 ? undefined : table.find(line)
    if (field !== undefined) this.repeat(field)
    return field
  }

  /** A field that `again` has returned and that is not gone. */
  repeat(field: WrittenField): void {
    block.number(this.#table.use(field), 0x7f, INDEXED)
  }

  /** A field, written out or not. `name` is in lower case, and the value begins there in `line`. */
  field(line: string, name: string, valueStart: number): void {
    if (this.again(line) === undefined) this.literal(line, name, valueStart)
  }

  /** A field that has to be written out, as far as this end knows. */
  literal(line: string, name: string, valueStart: number): void {
    const table = this.#table
    const value = line.slice(valueStart)
    const bytes = name.length + value.length + FIELD_OVERHEAD_BYTES
    let first = 0
    if (SECRET.has(name)) first = table.bytesMax === 0 ? 0 : NEVER
    else if (table.bytesMax !== 0 && bytes <= FIELD_BYTES_MAX && table.isWorth(name)) {
      first = ADDED
      table.add(line, name, bytes)
    }
    block.reserve(1)
    block.byte(first)
    block.literal(name)
    block.literal(value)
  }
}
