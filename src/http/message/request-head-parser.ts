// hot path — see STYLE §8
/**
 * Strict parser of HTTP/1 request heads (RFC 9112 §2–3, RFC 9110 §5).
 *
 * One instance serves all connections of a thread: `parse` is synchronous and keeps nothing between calls but its
 * results. What it does not accept exactly, it refuses; the list of refusals is the table of tests in
 * `request-head-parser.test.ts`, and `request-head-parser.reference.ts` says the same slowly.
 */

import { type WireError, type WireErrorKind, wireError } from '../wire-error.ts'
import { TOKEN } from './characters.ts'
import { readConnectionField } from './connection-options.ts'
import { LINE_MALFORMED, LINES_TOO_MANY, scanFieldLines } from './field-lines.ts'
import { readFraming } from './framing.ts'
import type { HeaderFields } from './header-fields.ts'
import { CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING } from './known-headers.ts'
import type { RequestHead } from './request-head.ts'
import { type Host, parseAbsoluteTarget, parseHost, scanTarget } from './request-target.ts'

const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20
const METHOD_BYTES_MAX = 32

/** `parse` needs more bytes. */
export const INCOMPLETE = 0
/** `parse` refused the head; `error` says why. */
export const REFUSED = -1

export interface HeadLimits {
  readonly headBytes: number
  readonly headerCount: number
}

export class RequestHeadParser {
  /** Why the last head was refused. */
  error: WireError | undefined
  /** Length of the body: 0 for none, -1 for chunked. */
  bodyBytes = 0
  keepAlive = true
  expectContinue = false

  readonly #limits: HeadLimits
  /** Begins as a value that no trimmed field can have. */
  #lastHostValue = ' '
  #lastHost: Host = { host: '', authority: '' }

  constructor(limits: HeadLimits) {
    this.#limits = limits
  }

  /**
   * Parses a head that begins at `from`. Returns the offset after its empty line, INCOMPLETE, or REFUSED. `head` is
   * only meaningful when an offset is returned.
   */
  parse(bytes: Buffer, from: number, to: number, head: RequestHead): number {
    let start = from
    // RFC 9112 §2.2: one empty line before the request line is forgiven.
    if (bytes[start] === CR) {
      if (start + 1 === to) return INCOMPLETE
      if (bytes[start + 1] !== LF) {
        return this.#refuse('head-invalid', 'bare CR before the request line')
      }
      start += 2
    }
    const limit = Math.min(to, start + this.#limits.headBytes)
    const lineEnd = this.#requestLineEnd(bytes, start, limit)
    if (lineEnd === REFUSED) return REFUSED
    if (lineEnd === INCOMPLETE) {
      return limit < to
        ? this.#refuse('target-too-long', 'request line exceeds the head limit')
        : INCOMPLETE
    }
    const end = scanFieldLines(bytes, start, lineEnd, limit, head.fields)
    if (end <= 0) return this.#noFields(end, limit < to)
    head.fields.text = bytes.toString('latin1', start, end)
    return this.#readRequestLine(head, lineEnd - start) && this.#readSemantics(head) ? end : REFUSED
  }

  #noFields(result: number, limited: boolean): number {
    if (result === LINES_TOO_MANY) {
      return this.#refuse('too-many-headers', `more than ${this.#limits.headerCount} header fields`)
    }
    if (result === LINE_MALFORMED) {
      return this.#refuse('head-invalid', 'malformed field: name, colon, value and line end')
    }
    return limited ? this.#refuse('head-too-large', 'head exceeds its limit') : INCOMPLETE
  }

  /** Offset of the first header line, after checking the bytes of the request line. */
  #requestLineEnd(bytes: Uint8Array, start: number, limit: number): number {
    let i = start
    while (i < limit && TOKEN[bytes[i]!] === 1) i++
    if (i === limit) {
      return i - start > METHOD_BYTES_MAX
        ? this.#refuse('head-invalid', 'method too long')
        : INCOMPLETE
    }
    if (bytes[i] !== SPACE || i === start || i - start > METHOD_BYTES_MAX) {
      return this.#refuse('head-invalid', 'malformed method')
    }
    const targetStart = ++i
    while (i < limit && bytes[i]! > SPACE && bytes[i]! < 0x7f) i++
    if (i === limit) return INCOMPLETE
    if (bytes[i] !== SPACE || i === targetStart) {
      return this.#refuse('head-invalid', 'malformed request target')
    }
    i++
    // `HTTP/1.x` CR LF is ten bytes; what is there so far must agree with it.
    for (let k = 0; k < 10; k++) {
      if (i + k === limit) return INCOMPLETE
      if (!versionByte(bytes[i + k]!, k)) {
        return this.#refuse(
          'version-unsupported',
          'request line does not end in HTTP/1.0 or HTTP/1.1',
        )
      }
    }
    return i + 10
  }

  /** Cuts method, path and query from the text; checks the target's characters. */
  #readRequestLine(head: RequestHead, lineLength: number): boolean {
    const { text } = head.fields
    const methodEnd = text.indexOf(' ')
    const target = text.slice(methodEnd + 1, lineLength - 11)
    head.method = text.slice(0, methodEnd)
    head.minorVersion = text.charCodeAt(lineLength - 3) - 0x30
    // Heads are reused: what an HTTP/1.0 request without Host does not say must not be what another said.
    head.host = ''
    head.authority = ''
    if (head.method === 'CONNECT') return this.#invalid('CONNECT is not served')
    if (target.charCodeAt(0) === 0x2f) return this.#readOriginForm(head, target)
    if (target === '*' && head.method === 'OPTIONS') {
      head.path = '*'
      head.query = ''
      return true
    }
    const absolute = parseAbsoluteTarget(target)
    if (absolute === undefined) {
      return this.#refuse('head-invalid', 'request target is not a path') !== REFUSED
    }
    head.host = absolute.host.host
    head.authority = absolute.host.authority
    return this.#readOriginForm(head, absolute.rest)
  }

  #readOriginForm(head: RequestHead, target: string): boolean {
    const pathEnd = scanTarget(target)
    if (pathEnd === -1)
      return this.#refuse('head-invalid', 'illegal character in the target') !== REFUSED
    head.path = pathEnd === target.length ? target : target.slice(0, pathEnd)
    head.query = pathEnd === target.length ? '' : target.slice(pathEnd + 1)
    return true
  }

  /** Host, framing, connection options and expectation: one pass over the ids. */
  #readSemantics(head: RequestHead): boolean {
    const { fields } = head
    let host = -1
    let length = -1
    let coding = -1
    let closed = false
    this.keepAlive = head.minorVersion === 1
    this.expectContinue = false
    for (let i = 0; i < fields.count; i++) {
      switch (fields.ids[i]) {
        case HOST:
          if (host !== -1) return this.#invalid('more than one Host')
          host = i
          break
        case CONTENT_LENGTH:
          if (length !== -1) return this.#invalid('more than one Content-Length')
          length = i
          break
        case TRANSFER_ENCODING:
          if (coding !== -1) return this.#invalid('more than one Transfer-Encoding')
          coding = i
          break
        case CONNECTION:
          closed = this.#readConnection(fields, fields.value(i), closed)
          break
        case EXPECT:
          if (fields.value(i).toLowerCase() !== '100-continue')
            return this.#invalid('unknown expectation')
          this.expectContinue = head.minorVersion === 1
          break
      }
    }
    if (host === -1 ? head.minorVersion === 1 : !this.#readHost(head, fields.value(host))) {
      return this.#invalid('Host is missing, empty, malformed or not that of the target')
    }
    return this.#readBody(head, length, coding)
  }

  #readBody(head: RequestHead, length: number, coding: number): boolean {
    this.bodyBytes = 0
    if (length === -1 && coding === -1) return true
    const { fields } = head
    const bytes = readFraming(
      length === -1 ? undefined : fields.value(length),
      coding === -1 ? undefined : fields.value(coding),
    )
    if (bytes === undefined || (coding !== -1 && head.minorVersion === 0)) {
      return (
        this.#refuse('body-framing', 'Content-Length or Transfer-Encoding not acceptable') !==
        REFUSED
      )
    }
    this.bodyBytes = bytes
    return true
  }

  #readHost(head: RequestHead, value: string): boolean {
    if (value !== this.#lastHostValue) {
      const host = parseHost(value)
      if (host === undefined) return false
      this.#lastHostValue = value
      this.#lastHost = host
    }
    // RFC 9112 §3.2.2: the authority of an absolute target wins; one that differs from Host is an attack.
    if (head.authority !== '' && head.authority !== this.#lastHost.authority) return false
    head.host = this.#lastHost.host
    head.authority = this.#lastHost.authority
    return true
  }

  /** Several Connection fields are one list: `close` anywhere in it wins. */
  #readConnection(fields: HeaderFields, value: string, closed: boolean): boolean {
    const said = readConnectionField(value, fields)
    if (closed || said === 'close') this.keepAlive = false
    else if (said === 'keep-alive') this.keepAlive = true
    return closed || said === 'close'
  }

  #invalid(detail: string): boolean {
    return this.#refuse('head-invalid', detail) !== REFUSED
  }

  #refuse(kind: WireErrorKind, detail: string): typeof REFUSED {
    this.error = wireError(kind, 'client', 'never', detail)
    return REFUSED
  }
}

function versionByte(byte: number, position: number): boolean {
  if (position === 7) return byte === 0x30 || byte === 0x31
  return byte === 'HTTP/1..\r\n'.charCodeAt(position)
}
