// hot path — see STYLE §8
/**
 * From a decoded HTTP/2 header list to a request head (RFC 9113 §8.3), as strict as the HTTP/1 parser.
 *
 * nghttp2 has decoded the list and checked some of it; nothing here relies on that. What comes out looks to the runtime
 * exactly like an HTTP/1.1 request: `:authority` stands as Host, the pieces of a cookie are one field again. One
 * instance serves all connections of a thread: `read` is synchronous and keeps nothing but its results.
 */

import { type WireError, type WireErrorKind, wireError } from '../wire-error.ts'
import { isFieldValue, isToken, TOKEN } from './characters.ts'
import { parseContentLength } from './framing.ts'
import { RequestHead } from './request-head.ts'
import type { HeadLimits } from './request-head-parser.ts'
import { type Host, parseHost, scanTarget } from './request-target.ts'

/** RFC 9113 §6.5.2: what a field counts beyond the bytes of its name and value. */
const FIELD_OVERHEAD_BYTES = 32
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

export class H2HeadReader {
  /** Why the last list was refused. */
  error: WireError | undefined
  /** Body bytes of the last head: 0 for none, -1 while unknown. */
  bodyBytes = 0
  expectContinue = false

  readonly #limits: HeadLimits
  /** Pseudo-header fields of the list being read; '' while absent, which none of them may be. */
  #method = ''
  #scheme = ''
  #authority = ''
  #path = ''
  /** Index of the first field that is not a pseudo-header. */
  #firstField = 0
  #hostField = ''
  #cookie = ''
  #contentLength = ''
  #lastHostValue = ''
  #lastHost: Host = { host: '', authority: '' }

  constructor(limits: HeadLimits) {
    this.#limits = limits
  }

  /**
   * Reads a flat list of names and values. `ended`: no body follows. Returns undefined for a list that is refused,
   * with `error` set.
   */
  read(list: readonly string[], ended: boolean): RequestHead | undefined {
    this.error = undefined
    this.bodyBytes = ended ? 0 : -1
    this.expectContinue = false
    this.#cookie = ''
    this.#hostField = ''
    this.#contentLength = ''
    if (!this.#fits(list) || !this.#readPseudoFields(list)) return undefined
    const head = new RequestHead((list.length - this.#firstField) / 2 + 1)
    if (!this.#readTarget(head)) return undefined
    if (!this.#readFields(list, head) || !this.#readHost(head)) return undefined
    return this.#readBody(ended) ? head : undefined
  }

  /** Size and count before any value is looked at: a small block may stand for a large list. */
  #fits(list: readonly string[]): boolean {
    let bytes = 0
    let pathBytes = 0
    let fields = 1
    for (let i = 0; i < list.length; i += 2) {
      const name = list[i]!
      bytes += name.length + list[i + 1]!.length + FIELD_OVERHEAD_BYTES
      if (name.charCodeAt(0) !== COLON) fields++
      else if (name === ':path') pathBytes = list[i + 1]!.length
    }
    if (bytes > this.#limits.headBytes) {
      return pathBytes > this.#limits.headBytes
        ? this.#refuse('target-too-long', ':path exceeds the head limit')
        : this.#refuse('head-too-large', 'header list exceeds its limit')
    }
    if (fields <= this.#limits.headerCount) return true
    return this.#refuse('too-many-headers', `more than ${this.#limits.headerCount} header fields`)
  }

  /** RFC 9113 §8.3: first in the list, each once, none unknown. */
  #readPseudoFields(list: readonly string[]): boolean {
    this.#method = ''
    this.#scheme = ''
    this.#authority = ''
    this.#path = ''
    let i = 0
    for (; i < list.length && list[i]!.charCodeAt(0) === COLON; i += 2) {
      if (!this.#readPseudoField(list[i]!, list[i + 1]!)) return false
    }
    this.#firstField = i
    if (this.#method === 'CONNECT') return this.#invalid('CONNECT is not served')
    if (this.#scheme !== 'https') return this.#invalid(':scheme is not https')
    return true
  }

  #readPseudoField(name: string, value: string): boolean {
    if (value === '') return this.#invalid(`${name} is empty`)
    switch (name) {
      case ':method':
        if (this.#method !== '') break
        this.#method = value
        return true
      case ':scheme':
        if (this.#scheme !== '') break
        this.#scheme = value
        return true
      case ':authority':
        if (this.#authority !== '') break
        this.#authority = value
        return true
      case ':path':
        if (this.#path !== '') break
        this.#path = value
        return true
    }
    return this.#invalid('unknown or repeated pseudo-header field')
  }

  #readTarget(head: RequestHead): boolean {
    const path = this.#path
    if (!isToken(this.#method) || this.#method.length > METHOD_BYTES_MAX) {
      return this.#invalid('malformed :method')
    }
    head.method = this.#method
    if (path.charCodeAt(0) !== 0x2f) {
      head.path = path
      if (path === '*' && head.method === 'OPTIONS') return true
      return this.#invalid(':path is not a path')
    }
    const pathEnd = scanTarget(path)
    if (pathEnd === -1) return this.#invalid('illegal character in :path')
    head.path = pathEnd === path.length ? path : path.slice(0, pathEnd)
    head.query = pathEnd === path.length ? '' : path.slice(pathEnd + 1)
    return true
  }

  #readFields(list: readonly string[], head: RequestHead): boolean {
    for (let i = this.#firstField; i < list.length; i += 2) {
      const name = list[i]!
      const value = list[i + 1]!
      if (!isLowerToken(name)) return this.#invalid('malformed or misplaced field name')
      if (!isFieldValue(value) || hasOuterSpace(value))
        return this.#invalid('malformed field value')
      if (!this.#readField(head, name, value)) return false
    }
    if (this.#cookie !== '') head.fields.append('cookie', this.#cookie)
    return true
  }

  /** Fields with a meaning here; all others are appended as they are. */
  #readField(head: RequestHead, name: string, value: string): boolean {
    switch (name) {
      case 'host':
        if (this.#hostField !== '' || value === '') return this.#invalid('repeated or empty host')
        this.#hostField = value
        return true
      case 'cookie':
        // RFC 9113 §8.2.3: the pieces become one field before anybody else sees them.
        this.#cookie = this.#cookie === '' ? value : `${this.#cookie}; ${value}`
        return true
      case 'content-length':
        if (this.#contentLength !== '') return this.#refuse('body-framing', 'two content-lengths')
        this.#contentLength = value === '' ? '?' : value
        break
      case 'te':
        if (value.toLowerCase() !== 'trailers') return this.#invalid('te is not trailers')
        break
      case 'expect':
        if (value.toLowerCase() !== '100-continue') return this.#invalid('unknown expectation')
        this.expectContinue = true
        break
      default:
        if (CONNECTION_FIELDS.has(name)) return this.#invalid('connection-specific field')
    }
    head.fields.append(name, value)
    return true
  }

  /** RFC 9113 §8.3.1: `:authority` names the host; a Host field may only repeat it or stand in its place. */
  #readHost(head: RequestHead): boolean {
    const named = this.#authority === '' ? this.#hostField : this.#authority
    if (this.#hostField !== '' && this.#hostField.toLowerCase() !== named.toLowerCase()) {
      return this.#invalid('host is not that of :authority')
    }
    if (named === '' || named !== this.#lastHostValue) {
      const host = parseHost(named)
      if (host === undefined) return this.#invalid(':authority is missing or malformed')
      this.#lastHostValue = named
      this.#lastHost = host
    }
    head.host = this.#lastHost.host
    head.authority = this.#lastHost.authority
    head.fields.append('host', named)
    return true
  }

  #readBody(ended: boolean): boolean {
    if (this.#contentLength === '') return true
    const bytes = parseContentLength(this.#contentLength)
    if (bytes === undefined) return this.#refuse('body-framing', 'malformed content-length')
    if (ended && bytes !== 0) return this.#refuse('body-framing', 'content-length without a body')
    this.bodyBytes = bytes
    return true
  }

  #invalid(detail: string): false {
    return this.#refuse('head-invalid', detail)
  }

  #refuse(kind: WireErrorKind, detail: string): false {
    this.error = wireError(kind, 'client', 'never', detail)
    return false
  }
}

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
