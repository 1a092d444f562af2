// hot path — see STYLE §8
/**
 * Strict parser of HTTP/1 response heads (RFC 9112 §4–6), for what origins send.
 *
 * As strict as the request parser where a lenient reading could let one client see another's bytes: line ends, framing,
 * field syntax. One instance serves all origin connections of a thread.
 */

import { type WireError, type WireErrorKind, wireError } from '../wire-error.ts'
import { FIELD_VALUE } from './characters.ts'
import { type Persistence, readConnectionField } from './connection-options.ts'
import { LINE_MALFORMED, LINES_INCOMPLETE, LINES_TOO_MANY, scanFieldLines } from './field-lines.ts'
import { readFraming } from './framing.ts'
import { HeaderFields } from './header-fields.ts'
import { CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING } from './known-headers.ts'
import { type HeadLimits, INCOMPLETE, REFUSED } from './request-head-parser.ts'

const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20

/**
 * What is read with a head becomes one text with it up to here: most answers are one read, and their body is a slice
 * of that text then, instead of a view of the bytes and a text of its own.
 */
const TOGETHER_BYTES_MAX = 4_096

/** The body ends when the connection does. */
export const UNTIL_CLOSE = -2
export const CHUNKED = -1

export class ResponseHead {
  status = 0
  minorVersion = 1
  /** A length, CHUNKED or UNTIL_CLOSE, as the fields say; HEAD, 204 and 304 are the caller's business. */
  bodyBytes = 0
  keepAlive = true
  /** Characters of the head in the text of its fields. */
  textLength = 0
  readonly fields: HeaderFields

  constructor(headerCountMax: number) {
    this.fields = new HeaderFields(headerCountMax)
  }

  /** What was read together with the head stands behind it in the same text. */
  get hasRest(): boolean {
    return this.fields.text.length > this.textLength
  }

  /** A part of it as latin1 text, counted from the end of the head. */
  restOf(start: number, end: number): string {
    return this.fields.text.slice(this.textLength + start, this.textLength + end)
  }
}

export class ResponseHeadParser {
  error: WireError | undefined
  readonly #limits: HeadLimits

  constructor(limits: HeadLimits) {
    this.#limits = limits
  }

  /** Returns the offset behind the head, INCOMPLETE, or REFUSED with `error` set. */
  parse(bytes: Buffer, from: number, to: number, head: ResponseHead): number {
    const limit = Math.min(to, from + this.#limits.headBytes)
    const fieldsStart = this.#statusLine(bytes, from, limit, head)
    if (fieldsStart === REFUSED) return REFUSED
    if (fieldsStart === INCOMPLETE) return this.#noFields(LINES_INCOMPLETE, limit < to)
    const end = scanFieldLines(bytes, from, fieldsStart, limit, head.fields)
    if (end <= 0) return this.#noFields(end, limit < to)
    head.textLength = end - from
    head.fields.text = bytes.toString('latin1', from, to - from <= TOGETHER_BYTES_MAX ? to : end)
    return this.#readSemantics(head) ? end : REFUSED
  }

  /** `HTTP/1.x NNN[ reason]` CRLF; returns the offset of the first field line. */
  #statusLine(bytes: Uint8Array, from: number, limit: number, head: ResponseHead): number {
    for (let k = 0; k < 9; k++) {
      if (from + k === limit) return INCOMPLETE
      const byte = bytes[from + k]!
      const fits = k === 7 ? byte === 0x30 || byte === 0x31 : byte === 'HTTP/1.. '.charCodeAt(k)
      if (!fits)
        return this.#refuse('head-invalid', 'response does not begin with HTTP/1.0 or HTTP/1.1')
    }
    if (from + 13 > limit) return INCOMPLETE
    let status = 0
    for (let i = from + 9; i < from + 12; i++) {
      const digit = bytes[i]! - 0x30
      if (digit < 0 || digit > 9)
        return this.#refuse('head-invalid', 'response status is not three digits')
      status = status * 10 + digit
    }
    let i = from + 12
    if (status < 100 || (bytes[i] !== SPACE && bytes[i] !== CR)) {
      return this.#refuse('head-invalid', 'malformed status line')
    }
    while (i < limit && FIELD_VALUE[bytes[i]!] === 1) i++
    if (i + 1 >= limit) return INCOMPLETE
    if (bytes[i] !== CR || bytes[i + 1] !== LF)
      return this.#refuse('head-invalid', 'malformed reason phrase')
    head.status = status
    head.minorVersion = bytes[from + 7]! - 0x30
    return i + 2
  }

  #noFields(result: number, limited: boolean): number {
    if (result === LINES_TOO_MANY) {
      return this.#refuse('too-many-headers', 'too many fields in the response')
    }
    if (result === LINE_MALFORMED) {
      return this.#refuse('head-invalid', 'malformed field in the response')
    }
    return limited ? this.#refuse('head-too-large', 'response head exceeds its limit') : INCOMPLETE
  }

  #readSemantics(head: ResponseHead): boolean {
    const { fields } = head
    let length: string | undefined
    let coding: string | undefined
    let closed = false
    let said: Persistence
    head.keepAlive = head.minorVersion === 1
    for (let i = 0; i < fields.count; i++) {
      switch (fields.ids[i]) {
        case CONTENT_LENGTH:
          if (length !== undefined) return this.#framing('more than one Content-Length')
          length = fields.value(i)
          break
        case TRANSFER_ENCODING:
          if (coding !== undefined) return this.#framing('more than one Transfer-Encoding')
          coding = fields.value(i)
          break
        case CONNECTION:
          said = readConnectionField(fields.value(i), fields)
          if (said === 'close') closed = true
          else if (said === 'keep-alive') head.keepAlive = true
          break
      }
    }
    if (closed) head.keepAlive = false
    if (length === undefined && coding === undefined) {
      head.bodyBytes = UNTIL_CLOSE
      return true
    }
    const bytes = readFraming(length, coding)
    if (bytes === undefined || (coding !== undefined && head.minorVersion === 0)) {
      return this.#framing('Content-Length or Transfer-Encoding of the response not acceptable')
    }
    head.bodyBytes = bytes
    return true
  }

  #framing(detail: string): boolean {
    return this.#refuse('body-framing', detail) !== REFUSED
  }

  #refuse(kind: WireErrorKind, detail: string): typeof REFUSED {
    this.error = wireError(kind, 'origin', 'never', detail)
    return REFUSED
  }
}
