/**
 * One pass over a JSON text (RFC 8259) without building values: finds the first syntax error, keys written twice, and
 * the offset of every key down to a given depth. `JSON.parse` builds the values; it tells neither of the three reliably.
 * No recursion, so nesting costs a list entry and not a stack frame.
 */

import { pointerTo } from './json-pointer.ts'
import {
  duplicateKey,
  FAULTS_MAX,
  forbiddenKey,
  type SourceFault,
  tooDeep,
} from './parsed-source.ts'
import { clip, preview } from './preview.ts'

export interface JsonScan {
  /** Where the value begins, and which pointer it has. */
  readonly start: number
  readonly pointer: string
  readonly depthMax: number
  /** Keys down to this depth below the start are recorded in `places`. */
  readonly indexDepth: number
  readonly places: Map<string, JsonPlace>
  /** False for a value inside a text that has been checked already. */
  readonly whole: boolean
}

export interface JsonPlace {
  /** Offset of the key, or of the list item itself. */
  readonly offset: number
  readonly value: number
}

/** An object or list that is open. */
interface Frame {
  /** Keys seen; undefined for a list. */
  readonly keys: Set<string> | undefined
  readonly pointer: string
  key: string | number
}

class SyntaxFault {
  readonly offset: number
  readonly expected: string

  constructor(offset: number, expected: string) {
    this.offset = offset
    this.expected = expected
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y
const LITERAL = /true|false|null/y
const HEX = /[0-9a-fA-F]{4}/y

export function scanJson(text: string, scan: JsonScan): readonly SourceFault[] {
  const scanner = new JsonScanner(text, scan)
  try {
    scanner.run()
  } catch (thrown) {
    if (!(thrown instanceof SyntaxFault)) throw thrown
    scanner.faults.push(syntaxFault(text, thrown))
  }
  return scanner.faults
}

class JsonScanner {
  readonly faults: SourceFault[] = []
  readonly #text: string
  readonly #scan: JsonScan
  readonly #frames: Frame[] = []
  #at: number

  constructor(text: string, scan: JsonScan) {
    this.#text = text
    this.#scan = scan
    this.#at = scan.start
  }

  run(): void {
    this.#skipSpace()
    this.#readValue(this.#scan.pointer)
    while (this.#frames.length > 0 && this.faults.length < FAULTS_MAX) this.#readMember()
    this.#skipSpace()
    if (this.#scan.whole && this.faults.length === 0 && this.#at < this.#text.length) {
      throw new SyntaxFault(this.#at, 'the end of the text')
    }
  }

  /** The next member or item of the innermost frame, or its end. */
  #readMember(): void {
    const frame = this.#frames.at(-1)!
    this.#skipSpace()
    const first = frame.keys === undefined ? frame.key === -1 : frame.keys.size === 0
    const close = frame.keys === undefined ? ']' : '}'
    if (this.#text[this.#at] === close) {
      this.#at++
      this.#frames.pop()
      return
    }
    if (!first) this.#expect(',', `"," or "${close}"`)
    if (frame.keys === undefined) this.#readItem(frame)
    else this.#readPair(frame, frame.keys)
  }

  #readItem(frame: Frame): void {
    this.#skipSpace()
    frame.key = Number(frame.key) + 1
    this.#readValue(this.#record(frame, this.#at))
  }

  #readPair(frame: Frame, keys: Set<string>): void {
    this.#skipSpace()
    const offset = this.#at
    if (this.#text[offset] !== '"') throw new SyntaxFault(offset, 'a key in double quotes')
    const key = this.#readString()
    frame.key = key
    if (key === '__proto__') this.faults.push(forbiddenKey(offset, this.#pointer()))
    if (keys.has(key)) this.faults.push(duplicateKey(key, offset, this.#pointer()))
    keys.add(key)
    this.#skipSpace()
    this.#expect(':', '":"')
    this.#skipSpace()
    this.#readValue(this.#record(frame, offset))
  }

  #readValue(pointer: string): void {
    const first = this.#text[this.#at]
    if (first === '{') this.#open({ keys: new Set(), pointer, key: '' })
    else if (first === '[') this.#open({ keys: undefined, pointer, key: -1 })
    else if (first === '"') this.#readString()
    else this.#readScalar()
  }

  #open(frame: Frame): void {
    if (this.#frames.length >= this.#scan.depthMax && this.#scan.whole) {
      this.faults.push(tooDeep(this.#scan.depthMax, this.#at, ''))
      this.#frames.length = 0
      return
    }
    this.#frames.push(frame)
    this.#at++
  }

  #readScalar(): void {
    NUMBER.lastIndex = this.#at
    LITERAL.lastIndex = this.#at
    if (NUMBER.test(this.#text)) this.#at = NUMBER.lastIndex
    else if (LITERAL.test(this.#text)) this.#at = LITERAL.lastIndex
    else throw new SyntaxFault(this.#at, 'a value')
  }

  /** Returns the string, decoded; leaves the position behind its closing quote. */
  #readString(): string {
    const start = this.#at
    let escaped = false
    for (let i = start + 1; ; i++) {
      const code = this.#text.charCodeAt(i)
      if (code === 0x22 /* " */) {
        this.#at = i + 1
        return escaped
          ? String(JSON.parse(this.#text.slice(start, i + 1)))
          : this.#text.slice(start + 1, i)
      }
      if (code === 0x5c /* \ */) {
        escaped = true
        i = this.#endOfEscape(i)
      } else if (!(code >= 0x20)) {
        // NaN, beyond the end, is not >= 0x20 either.
        throw new SyntaxFault(Math.min(i, this.#text.length), 'the end of a string (")')
      }
    }
  }

  #endOfEscape(backslash: number): number {
    const letter = this.#text[backslash + 1] ?? ''
    if (letter !== '' && '"\\/bfnrt'.includes(letter)) return backslash + 1
    HEX.lastIndex = backslash + 2
    if (letter === 'u' && HEX.test(this.#text)) return backslash + 5
    throw new SyntaxFault(backslash, 'an escape such as \\n or \\u0041')
  }

  /** Remembers where the current member is, and returns its pointer while that is worth having. */
  #record(frame: Frame, offset: number): string {
    if (this.#frames.length > this.#scan.indexDepth) return ''
    const pointer = pointerTo(frame.pointer, frame.key)
    this.#scan.places.set(pointer, { offset, value: this.#at })
    return pointer
  }

  #pointer(): string {
    let pointer = this.#scan.pointer
    for (const frame of this.#frames) pointer = pointerTo(pointer, frame.key)
    return pointer
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at++
    }
  }

  #expect(character: string, expected: string): void {
    if (this.#text[this.#at] !== character) throw new SyntaxFault(this.#at, expected)
    this.#at++
  }
}

function syntaxFault(text: string, fault: SyntaxFault): SourceFault {
  const found = fault.offset >= text.length ? 'the text ends' : preview(text[fault.offset])
  return {
    code: 'json-syntax',
    message: clip(`This is not JSON: expected ${fault.expected}, found ${found}.`),
    mend: 'Mend the syntax here; JSON has no comments, trailing commas or single quotes.',
    offset: fault.offset,
    pointer: '',
  }
}
