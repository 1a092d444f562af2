// hot path — see STYLE §8
/**
 * From the fields of an HTTP/2 request to a request head (RFC 9113 §8.3), as strict as the HTTP/1 parser.
 *
 * What comes out looks to the runtime exactly like an HTTP/1.1 request: `:authority` stands as Host, the pieces of a
 * cookie are one field again. What RFC 9113 calls malformed is told from what is merely refused: the one ends in a reset,
 * the other in an answer. One instance serves all connections of a thread: `read` is synchronous and keeps nothing but
 * its results.
 */

import { type Field, type FieldList, UNREAD } from '../h2/field.ts'
import { type WireError, type WireErrorKind, wireError } from '../wire-error.ts'
import { isFieldValue, isToken, TOKEN } from './characters.ts'
import { parseContentLength } from './framing.ts'
import { HOST } from './known-headers.ts'
import type { RequestHead } from './request-head.ts'
import type { HeadLimits } from './request-head-parser.ts'
import { type Host, parseHost, scanTarget } from './request-target.ts'

/** The same as for HTTP/1. */
const METHOD_BYTES_MAX = 32

const COLON = 0x3a
const SPACE = 0x20
const TAB = 0x09

/** RFC 9113 §8.2.2: concern an HTTP/1 connection and have no business here. */
const CONNECTION_FIELDS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** What a field is, found out once for each. */
const ORDINARY = 1
const METHOD = 2
const SCHEME = 3
const AUTHORITY = 4
const PATH_FIELD = 5
const HOST_FIELD = 6
const COOKIE = 7
const CONTENT_LENGTH = 8
const EXPECTATION = 9
/** From here on: nothing that may stand in a request, each with its sentence. */
const FAULTS = 10
const FAULT_DETAILS = [
  'unknown pseudo-header field',
  'malformed field name',
  'malformed field value',
  'te is not trailers',
  'connection-specific field',
  // From here on: well-formed, and refused by an answer.
  'white space around a field value',
  'unknown expectation',
] as const
const [UNKNOWN_PSEUDO, BAD_NAME, BAD_VALUE, BAD_TE, OF_CONNECTION, OUTER_SPACE, BAD_EXPECTATION] = [
  10, 11, 12, 13, 14, 15, 16,
] as const

export class H2HeadReader {
  /** Why the last request was refused. */
  error: WireError | undefined
  /** It was malformed (RFC 9113 §8.1.1), not only unwelcome. */
  malformed = false
  /** Body bytes of the last head: 0 for none, -1 while unknown. */
  bodyBytes = 0
  expectContinue = false

  readonly #limits: HeadLimits
  /** Pseudo-header fields of the list being read; '' while absent, which none of them may be. */
  #method = ''
  #scheme = ''
  #authority = ''
  #path = ''
  #hostField = ''
  #cookie = ''
  #contentLength: string | undefined
  #lastHostValue = ''
  #lastHost: Host = { host: '', authority: '' }
  #lastHostLine = ''

  constructor(limits: HeadLimits) {
    this.#limits = limits
  }

  /**
   * Reads the fields into `head`. `ended`: no body follows. False: refused, `error` says why, and the head means nothing.
   * The head has room for as many fields as the limits allow.
   */
  read(list: FieldList, ended: boolean, head: RequestHead): boolean {
    this.error = undefined
    this.malformed = false
    this.bodyBytes = ended ? 0 : -1
    this.expectContinue = false
    this.#method = ''
    this.#scheme = ''
    this.#authority = ''
    this.#path = ''
    this.#cookie = ''
    this.#hostField = ''
    this.#contentLength = undefined
    head.fields.text = ''
    head.fields.count = 0
    return (
      this.#fits(list) &&
      this.#readFields(list, head) &&
      this.#readTarget(head) &&
      this.#readHost(head) &&
      this.#readBody(ended)
    )
  }

  /** Size and count before any value is looked at: a small block may stand for a large list. */
  #fits(list: FieldList): boolean {
    const { headBytes, headerCount } = this.#limits
    if (list.bytes > headBytes) return this.#tooLarge(list)
    // All but the pseudo-header fields, and Host, which stands in the place of one.
    let count = 1
    for (let i = 0; i < list.count; i++) {
      if (list.fields[i]!.name.charCodeAt(0) !== COLON) count++
    }
    if (count <= headerCount) return true
    return this.#refuse('too-many-headers', `more than ${headerCount} header fields`)
  }

  #tooLarge(list: FieldList): boolean {
    const path = list.fields.findIndex(({ name }, i) => i < list.count && name === ':path')
    return path !== -1 && list.fields[path]!.value.length > this.#limits.headBytes
      ? this.#refuse('target-too-long', ':path exceeds the head limit')
      : this.#refuse('head-too-large', 'header list exceeds its limit')
  }

  #readFields(list: FieldList, head: RequestHead): boolean {
    let ordinary = false
    for (let i = 0; i < list.count; i++) {
      const field = list.fields[i]!
      if (field.role === UNREAD) field.role = roleOf(field)
      const { role } = field
      if (role >= FAULTS) return this.#faulty(role)
      if (role >= METHOD && role <= PATH_FIELD) {
        // RFC 9113 §8.3: first in the list, each once.
        if (ordinary || !this.#readPseudoField(role, field.value)) {
          return this.#malformed('repeated, misplaced or empty pseudo-header field')
        }
        continue
      }
      ordinary = true
      if (!this.#readField(head, field, role)) return false
    }
    if (this.#cookie !== '') head.fields.append('cookie', this.#cookie)
    return true
  }

  #faulty(role: number): boolean {
    const detail = FAULT_DETAILS[role - FAULTS]!
    return role >= OUTER_SPACE ? this.#refuse('head-invalid', detail) : this.#malformed(detail)
  }

  #readPseudoField(role: number, value: string): boolean {
    if (value === '') return false
    let before = ''
    switch (role) {
      case METHOD:
        before = this.#method
        this.#method = value
        break
      case SCHEME:
        before = this.#scheme
        this.#scheme = value
        break
      case AUTHORITY:
        before = this.#authority
        this.#authority = value
        break
      case PATH_FIELD:
        before = this.#path
        this.#path = value
    }
    return before === ''
  }

  /** Fields with a meaning here; all others are appended as they are. */
  #readField(head: RequestHead, field: Field, role: number): boolean {
    switch (role) {
      case HOST_FIELD:
        if (this.#hostField !== '' || field.value === '') {
          return this.#refuse('head-invalid', 'repeated or empty host')
        }
        this.#hostField = field.value
        return true
      case COOKIE:
        // RFC 9113 §8.2.3: the pieces become one field before anybody else sees them.
        this.#cookie = this.#cookie === '' ? field.value : `${this.#cookie}; ${field.value}`
        return true
      case CONTENT_LENGTH:
        if (this.#contentLength !== undefined) return this.#misframed('two content-lengths')
        this.#contentLength = field.value
        break
      case EXPECTATION:
        this.expectContinue = true
        break
    }
    head.fields.appendLine(field.line, field.name.length, field.id)
    return true
  }

  #readTarget(head: RequestHead): boolean {
    const method = this.#method
    const path = this.#path
    if (method === 'CONNECT') return this.#refuse('head-invalid', 'CONNECT is not served')
    if (!isToken(method) || method.length > METHOD_BYTES_MAX) {
      return this.#malformed('malformed :method')
    }
    if (this.#scheme === '') return this.#malformed(':scheme is missing')
    if (this.#scheme !== 'https') return this.#refuse('head-invalid', ':scheme is not https')
    head.method = method
    head.query = ''
    head.path = path
    if (path.charCodeAt(0) !== 0x2f) {
      return (path === '*' && method === 'OPTIONS') || this.#malformed(':path is not a path')
    }
    const pathEnd = scanTarget(path)
    if (pathEnd === -1) return this.#badPath(path)
    if (pathEnd === path.length) return true
    head.path = path.slice(0, pathEnd)
    head.query = path.slice(pathEnd + 1)
    return true
  }

  /** What no URI can hold is malformed; the rest is only not what is served. */
  #badPath(path: string): boolean {
    for (let i = 0; i < path.length; i++) {
      const code = path.charCodeAt(i)
      if (code <= SPACE || code >= 0x7f) return this.#malformed('illegal character in :path')
    }
    return this.#refuse('head-invalid', 'illegal character in :path')
  }

  /** RFC 9113 §8.3.1: `:authority` names the host; a Host field may only repeat it or stand in its place. */
  #readHost(head: RequestHead): boolean {
    const named = this.#authority === '' ? this.#hostField : this.#authority
    if (this.#hostField !== '' && this.#hostField.toLowerCase() !== named.toLowerCase()) {
      return this.#refuse('head-invalid', 'host is not that of :authority')
    }
    if (named === '' || named !== this.#lastHostValue) {
      const host = parseHost(named)
      if (host === undefined) return this.#malformed(':authority is missing or malformed')
      this.#lastHostValue = named
      this.#lastHost = host
      this.#lastHostLine = `host: ${named}\r\n`
    }
    head.host = this.#lastHost.host
    head.authority = this.#lastHost.authority
    head.fields.appendLine(this.#lastHostLine, 4, HOST)
    return true
  }

  #readBody(ended: boolean): boolean {
    if (this.#contentLength === undefined) return true
    const bytes = parseContentLength(this.#contentLength)
    if (bytes === undefined) return this.#misframed('malformed content-length')
    if (ended && bytes !== 0) return this.#misframed('content-length without a body')
    this.bodyBytes = bytes
    return true
  }

  #misframed(detail: string): false {
    this.malformed = true
    return this.#refuse('body-framing', detail)
  }

  #malformed(detail: string): false {
    this.malformed = true
    return this.#refuse('head-invalid', detail)
  }

  #refuse(kind: WireErrorKind, detail: string): false {
    this.error = wireError(kind, 'client', 'never', detail)
    return false
  }
}

/** Trailers (RFC 9113 §8.1): fields and no pseudo-header fields. They say nothing that is passed on. */
export function areTrailers(list: FieldList): boolean {
  for (let i = 0; i < list.count; i++) {
    const field = list.fields[i]!
    if (!isLowerToken(field.name) || !isFieldValue(field.value)) return false
  }
  return true
}

function roleOf({ name, value }: Field): number {
  if (name.charCodeAt(0) === COLON) return PSEUDO_ROLES.get(name) ?? UNKNOWN_PSEUDO
  if (!isLowerToken(name)) return BAD_NAME
  if (!isFieldValue(value)) return BAD_VALUE
  if (hasOuterSpace(value)) return OUTER_SPACE
  if (CONNECTION_FIELDS.has(name)) return OF_CONNECTION
  switch (name) {
    case 'host':
      return HOST_FIELD
    case 'cookie':
      return COOKIE
    case 'content-length':
      return CONTENT_LENGTH
    case 'te':
      return value.toLowerCase() === 'trailers' ? ORDINARY : BAD_TE
    case 'expect':
      return value.toLowerCase() === '100-continue' ? EXPECTATION : BAD_EXPECTATION
  }
  return ORDINARY
}

const PSEUDO_ROLES = new Map([
  [':method', METHOD],
  [':scheme', SCHEME],
  [':authority', AUTHORITY],
  [':path', PATH_FIELD],
])

/** RFC 9113 §8.2.1: a token without upper-case letters; a colon would make it a pseudo-header. */
function isLowerToken(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if (code > 0xff || TOKEN[code] === 0 || (code >= 0x41 && code <= 0x5a)) return false
  }
  return name.length > 0
}

function hasOuterSpace(value: string): boolean {
  return isSpace(value.charCodeAt(0)) || isSpace(value.charCodeAt(value.length - 1))
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB
}
