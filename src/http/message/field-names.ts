// hot path — see STYLE §8
/** A few names of fields, in lower case: which fields of a message bear one of them. */

export class FieldNames {
  readonly #names: ReadonlySet<string>
  /** Bit n: some name has n characters, modulo 32. Most fields are told apart by it, without a string of their name. */
  readonly #lengths: number

  constructor(lowerNames: Iterable<string>) {
    this.#names = new Set(lowerNames)
    let lengths = 0
    for (const { length } of this.#names) lengths |= 1 << (length & 31)
    this.#lengths = lengths
  }

  has(lowerName: string): boolean {
    return this.#names.has(lowerName)
  }

  /** The name at `[start, end)` of a message, in any case, is one of them. */
  hasAt(text: string, start: number, end: number): boolean {
    if ((this.#lengths & (1 << ((end - start) & 31))) === 0) return false
    return this.#names.has(text.slice(start, end).toLowerCase())
  }
}
