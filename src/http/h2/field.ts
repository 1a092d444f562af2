// hot path — see STYLE §8
/**
 * One field of a decoded block. Fields of the static and the dynamic table are made once and stand in many requests, so
 * what can be said about a field alone is kept with it.
 */

import { knownHeaderId } from '../message/known-headers.ts'

/** RFC 9113 §6.5.2, RFC 7541 §4.1: what a field counts beyond the bytes of its name and value. */
export const FIELD_OVERHEAD_BYTES = 32

/** Nobody has looked at the field yet. */
export const UNREAD = 0

export class Field {
  readonly name: string
  readonly value: string
  /** What it counts against limits. */
  readonly bytes: number
  /** What the reader of heads has found it to be; UNREAD until then. */
  role = UNREAD
  #id = -1
  #line = ''

  constructor(name: string, value: string) {
    this.name = name
    this.value = value
    this.bytes = name.length + value.length + FIELD_OVERHEAD_BYTES
  }

  /** Id in the table of known headers; the name is in lower case. */
  get id(): number {
    if (this.#id === -1) this.#id = knownHeaderId(this.name)
    return this.#id
  }

  /** As it would stand on an HTTP/1 wire. */
  get line(): string {
    if (this.#line === '') this.#line = `${this.name}: ${this.value}\r\n`
    return this.#line
  }
}

/** The fields of one block, in order. Used again for the next one. */
export class FieldList {
  readonly fields: Field[] = []
  count = 0
  /** Of all fields that were sent, those left out too. */
  bytes = 0
  /** Some were left out: there were more, or larger ones, than may be kept. */
  truncated = false
  readonly #bytesMax: number
  readonly #countMax: number

  constructor(limits: { readonly bytesMax: number; readonly countMax: number }) {
    this.#bytesMax = limits.bytesMax
    this.#countMax = limits.countMax
  }

  reset(): void {
    this.count = 0
    this.bytes = 0
    this.truncated = false
  }

  add(field: Field): void {
    this.bytes += field.bytes
    if (this.count === this.#countMax || this.bytes > this.#bytesMax) this.truncated = true
    else this.fields[this.count++] = field
  }
}
