// hot path — see STYLE §8
/**
 * The dynamic table of one direction of one connection (RFC 7541 §2.3.2, §4): the fields that were said last.
 *
 * A ring: the newest has index 0. What does not fit pushes the oldest out.
 */

import { FIELD_OVERHEAD_BYTES, type Field } from './field.ts'

export class DynamicTable {
  count = 0
  /** What its fields count together. */
  bytes = 0
  /** The client may lower and raise it, up to `#bytesLimit`. */
  #bytesMax: number
  readonly #bytesLimit: number
  readonly #ring: (Field | undefined)[] = []
  /** Places in the ring: as many as fields without name and value would fit. */
  readonly #places: number
  #newest = 0

  constructor(bytesLimit: number) {
    this.#bytesLimit = bytesLimit
    this.#bytesMax = bytesLimit
    this.#places = Math.floor(bytesLimit / FIELD_OVERHEAD_BYTES) + 1
  }

  /** Undefined beyond the end. */
  at(index: number): Field | undefined {
    if (index >= this.count) return undefined
    const place = this.#newest - index
    return this.#ring[place < 0 ? place + this.#places : place]
  }

  insert(field: Field): void {
    this.#evict(this.#bytesMax - field.bytes)
    // RFC 7541 §4.4: one that is larger than the table empties it, and is not an error.
    if (field.bytes > this.#bytesMax) return
    this.#newest = this.#newest + 1 === this.#places ? 0 : this.#newest + 1
    this.#ring[this.#newest] = field
    this.bytes += field.bytes
    this.count++
  }

  /** RFC 7541 §6.3. False: beyond what was announced. */
  resize(bytesMax: number): boolean {
    if (bytesMax > this.#bytesLimit) return false
    this.#bytesMax = bytesMax
    this.#evict(bytesMax)
    return true
  }

  #evict(bytesLeft: number): void {
    while (this.bytes > bytesLeft && this.count > 0) {
      let place = this.#newest - this.count + 1
      if (place < 0) place += this.#places
      this.bytes -= this.#ring[place]!.bytes
      this.#ring[place] = undefined
      this.count--
    }
  }
}
