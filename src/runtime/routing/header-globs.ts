// hot path — see STYLE §8
/**
 * Conditions on header fields: a name and what a value has to look like, with `*` at the ends for anything.
 *
 * Names are compared without case, values with it. Every field line is a value of its own: one line `a,b` is not two.
 */

import type { HeaderFields } from '../../http/message/header-fields.ts'

export class HeaderCondition {
  readonly #name: string
  readonly #text: string
  readonly #openStart: boolean
  readonly #openEnd: boolean

  /** The name in lower case. */
  constructor(name: string, glob: string) {
    this.#name = name
    this.#openStart = glob.startsWith('*')
    this.#openEnd = glob.endsWith('*') && glob.length > 1
    this.#text = glob.slice(this.#openStart ? 1 : 0, this.#openEnd ? -1 : undefined)
  }

  holds(fields: HeaderFields): boolean {
    const { bounds, count } = fields
    for (let i = 0; i < count; i++) {
      if (bounds[i * 4 + 1]! - bounds[i * 4]! !== this.#name.length) continue
      if (fields.name(i).toLowerCase() === this.#name && this.#fits(fields.value(i))) return true
    }
    return false
  }

  #fits(value: string): boolean {
    if (this.#openStart) {
      return this.#openEnd ? value.includes(this.#text) : value.endsWith(this.#text)
    }
    return this.#openEnd ? value.startsWith(this.#text) : value === this.#text
  }
}
