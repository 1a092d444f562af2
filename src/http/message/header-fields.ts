// hot path — see STYLE §8
/**
 * The header section of one message: one latin1 string and offsets into it.
 *
 * Names and values become strings only when somebody asks. Instances are pooled and reused; whoever needs a value
 * after the exchange has ended takes it out before.
 */

import type { FieldNames } from './field-names.ts'
import { HEADER_FLAGS, knownHeaderId } from './known-headers.ts'

export class HeaderFields {
  /** The text that all offsets point into. */
  text = ''
  count = 0
  /** Four offsets a field: name start, name end, value start, value end. */
  readonly bounds: Uint32Array
  /** Id of each field in the table of known headers. */
  readonly ids: Uint8Array

  constructor(countMax: number) {
    this.bounds = new Uint32Array(countMax * 4)
    this.ids = new Uint8Array(countMax)
  }

  /** The name as it was sent. */
  name(index: number): string {
    return this.text.slice(this.bounds[index * 4]!, this.bounds[index * 4 + 1]!)
  }

  /** The value without surrounding white space. */
  value(index: number): string {
    return this.text.slice(this.bounds[index * 4 + 2]!, this.bounds[index * 4 + 3]!)
  }

  /** Index of the first field with that id at or after `from`, or -1. */
  find(id: number, from = 0): number {
    for (let i = from; i < this.count; i++) if (this.ids[i] === id) return i
    return -1
  }

  /** Value of the first field with that id, or ''. */
  valueOf(id: number): string {
    const index = this.find(id)
    return index === -1 ? '' : this.value(index)
  }

  /** All values of the field (name in lower case), in order, joined with `,`; undefined when absent (RFC 9110 §5.3). */
  get(lowerName: string): string | undefined {
    const { bounds, count } = this
    let joined: string | undefined
    for (let i = 0; i < count; i++) {
      if (bounds[i * 4 + 1]! - bounds[i * 4]! !== lowerName.length) continue
      if (this.name(i).toLowerCase() !== lowerName) continue
      joined = joined === undefined ? this.value(i) : `${joined},${this.value(i)}`
    }
    return joined
  }

  /**
   * Adds a field whose name and value are already strings (HTTP/2, tests). The caller has validated both and the
   * room; `text` grows by the field as it would stand on an HTTP/1 wire.
   */
  append(name: string, value: string): void {
    this.appendLine(`${name}: ${value}\r\n`, name.length, knownHeaderId(name.toLowerCase()))
  }

  /** The same with the line already made: `name: value` CRLF. */
  appendLine(line: string, nameLength: number, id: number): void {
    const start = this.text.length
    this.text += line
    const at = this.count * 4
    this.bounds[at] = start
    this.bounds[at + 1] = start + nameLength
    this.bounds[at + 2] = start + nameLength + 2
    this.bounds[at + 3] = start + line.length - 2
    this.ids[this.count] = id
    this.count++
  }

  /**
   * A header block of the fields that carry none of `dropFlags` and none of the names, written anew as `name: value`
   * CRLF. Neighbours that already stand exactly so are copied in one piece.
   */
  serialize(dropFlags: number, dropped?: FieldNames): string {
    const { text, bounds, ids, count } = this
    let block = ''
    let runStart = -1
    let runEnd = 0
    for (let i = 0; i < count; i++) {
      const at = i * 4
      const valueEnd = bounds[at + 3]!
      const nameEnd = bounds[at + 1]!
      const passes =
        (HEADER_FLAGS[ids[i]!]! & dropFlags) === 0 &&
        (dropped === undefined || !dropped.hasAt(text, bounds[at]!, nameEnd))
      if (
        passes &&
        bounds[at + 2]! - nameEnd === 2 &&
        text.charCodeAt(nameEnd + 1) === 0x20 &&
        text.charCodeAt(valueEnd) === 0x0d
      ) {
        if (runStart === -1) runStart = bounds[at]!
        runEnd = valueEnd + 2
        continue
      }
      if (runStart !== -1) {
        block += text.slice(runStart, runEnd)
        runStart = -1
      }
      if (passes) block += `${this.name(i)}: ${this.value(i)}\r\n`
    }
    return runStart === -1 ? block : block + text.slice(runStart, runEnd)
  }
}
