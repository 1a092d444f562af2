/**
 * Requests between the heads of HTTP/1 and the field blocks of a link: the hub writes blocks, the agent reads them.
 *
 * Most requests differ from the one before in nothing but their path. What stands around the path is then neither
 * written nor read anew: the hub sends the bytes of before, and the agent takes them for what it has checked before.
 */

import { isFieldValue, isToken } from '../http/message/characters.ts'
import { HOST } from '../http/message/known-headers.ts'
import { scanTarget } from '../http/message/request-target.ts'
import { ByteCollector } from './h2/byte-collector.ts'
import { FIELD, type FieldReader } from './h2/field-block.ts'
import type { WrittenField } from './h2/field-table.ts'
import { type FieldWriter, NAME } from './h2/field-writer.ts'
import {
  fieldName,
  LINK_FIELD,
  linkField,
  MALFORMED,
  ONE_CONNECTION,
  readLines,
} from './message-fields.ts'

const COLON = 0x3a
const SPACE = 0x20
const CR = 0x0d
/** What is kept of one block begins with so much. */
const KEPT_BYTES = 512
/** Places of the static table. */
const STATIC = { GET: 2, POST: 3, http: 6, https: 7 } as const
/** Until there is one: no version is negative. */
const NEVER = -1

export class RequestWriter {
  readonly #fields: FieldWriter
  // The request before, and the block without its path.
  #version = NEVER
  #method = ''
  #behindPath = ''
  #secure = false
  #link = ''
  readonly #before = new ByteCollector(KEPT_BYTES)
  readonly #behind = new ByteCollector(KEPT_BYTES)
  /** The line that stood there in the request before, if it has a place in the table. */
  readonly #said: (WrittenField | undefined)[] = []

  constructor(fields: FieldWriter) {
    this.#fields = fields
  }

  /** The block of a request, which has to be sent now. `head` is complete, as in `OriginRequest`. */
  write(head: string, secure: boolean, link: string): ByteCollector {
    const methodEnd = head.indexOf(' ')
    const pathEnd = head.indexOf(' ', methodEnd + 1)
    const path = head.slice(methodEnd + 1, pathEnd)
    const fields = this.#fields
    const { version } = fields
    const block = fields.begin()
    if (
      version === this.#version &&
      secure === this.#secure &&
      link === this.#link &&
      methodEnd === this.#method.length &&
      head.startsWith(this.#method) &&
      head.slice(pathEnd) === this.#behindPath
    ) {
      block.append(this.#before.bytes, 0, this.#before.length)
      block.tableField(NAME.path, path)
      block.append(this.#behind.bytes, 0, this.#behind.length)
      return block
    }
    const start = block.length
    const method = head.slice(0, methodEnd)
    this.#opening(method, secure, head)
    const pathAt = block.length
    block.tableField(NAME.path, path)
    const behindAt = block.length
    linkField(fields, link)
    this.#lines(head, head.indexOf('\r\n', pathEnd) + 2)
    this.#version = NEVER
    if (version !== fields.version) return block
    this.#version = version
    this.#method = method
    this.#behindPath = head.slice(pathEnd)
    this.#secure = secure
    this.#link = link
    this.#before.keep(block.bytes, start, pathAt)
    this.#behind.keep(block.bytes, behindAt, block.length)
    return block
  }

  #opening(method: string, secure: boolean, head: string): void {
    const fields = this.#fields
    if (method === 'GET' || method === 'POST') fields.known(STATIC[method])
    else fields.field(`:method: ${method}`, ':method', 9)
    fields.known(secure ? STATIC.https : STATIC.http)
    // Host stands first of all fields in what the gateway writes; wherever it stands, it is the authority.
    const host = /\r\nhost: ([^\r]*)\r\n/i.exec(head)
    fields.field(`:authority: ${host?.[1] ?? ''}`, ':authority', 12)
  }

  /** `name: value` CRLF each, until the empty line. */
  #lines(head: string, from: number): void {
    const fields = this.#fields
    const said = this.#said
    let at = from
    for (let i = 0; head.charCodeAt(at) !== CR; i++) {
      // Mostly it is the line that stood here the last time.
      const before = said[i]
      if (before !== undefined && !before.gone && standsAt(head, at, before.line)) {
        fields.repeat(before)
        at += before.line.length + 2
        continue
      }
      const end = head.indexOf('\r\n', at)
      if (end === -1) return
      const line = head.slice(at, end)
      at = end + 2
      // What stands in the table may stand in a block.
      const again = fields.again(line)
      said[i] = again
      if (again !== undefined) continue
      const nameEnd = line.indexOf(':')
      let valueStart = nameEnd + 1
      while (line.charCodeAt(valueStart) === SPACE) valueStart++
      const { id, lower } = fieldName(line.slice(0, nameEnd))
      if (id !== HOST && ONE_CONNECTION[id] === 0) fields.literal(line, lower, valueStart)
    }
  }
}

/** Whether the line stands there, whole. */
function standsAt(head: string, at: number, line: string): boolean {
  const end = at + line.length
  return head.charCodeAt(end) === CR && head.slice(at, end) === line
}

/** A request apart from its path. */
export interface LinkRequest {
  readonly method: string
  readonly scheme: string
  readonly authority: string
  /** Value of `postern-link`. */
  readonly link: string
  /** The other fields, each a line of an HTTP/1 head. */
  readonly lines: string
  /** -1: none is declared. */
  readonly contentLength: number
}

/** The pseudo-header fields of the block that is being read. */
const pseudo = { method: '', scheme: '', authority: '', path: '', pathAt: 0, pathEnd: 0 }

export class RequestReader {
  /** Of the request that was read last. */
  path = ''
  #version = NEVER
  readonly #before = new ByteCollector(KEPT_BYTES)
  readonly #behind = new ByteCollector(KEPT_BYTES)
  #request: LinkRequest | undefined

  /** What a block of the hub asks for; undefined when it is malformed. The block has been begun. */
  read(fields: FieldReader): LinkRequest | undefined {
    if (fields.version === this.#version && this.#repeats(fields)) return this.#request
    fields.rewind()
    const { version } = fields
    const request = this.#readAnew(fields)
    this.path = pseudo.path
    this.#version = NEVER
    // Where the path stands in a table, or the block has changed one, the same bytes are not the same request.
    if (request === undefined || version !== fields.version || pseudo.pathAt === 0) return request
    this.#version = version
    fields.keepIn(this.#before, 0, pseudo.pathAt)
    fields.keepIn(this.#behind, pseudo.pathEnd)
    this.#request = request
    return request
  }

  #repeats(fields: FieldReader): boolean {
    if (!fields.passes(this.#before) || fields.nextByte !== NAME.path) return false
    if (fields.next() !== FIELD) return false
    const path = fields.text()
    if (!fields.passes(this.#behind) || !fields.atEnd || scanTarget(path) === -1) return false
    this.path = path
    return true
  }

  #readAnew(fields: FieldReader): LinkRequest | undefined {
    if (!readPseudo(fields) || !fields.nameIs(LINK_FIELD)) return undefined
    const { method, scheme, authority, path } = pseudo
    const link = fields.text()
    // These become a request line and a Host: what would end a line there is refused, whoever sent it.
    if (!isToken(method) || scanTarget(path) === -1 || !isFieldValue(authority)) return undefined
    const { lines, contentLength } = readLines(fields)
    if (contentLength === MALFORMED) return undefined
    return { method, scheme, authority, link, lines, contentLength }
  }
}

/** Up to the first regular field, which has been read then. False: there is none, or the block is malformed. */
function readPseudo(fields: FieldReader): boolean {
  pseudo.method = ''
  pseudo.scheme = ''
  pseudo.authority = ''
  pseudo.path = ''
  pseudo.pathAt = 0
  for (;;) {
    const at = fields.offset
    const isPlainPath = fields.nextByte === NAME.path
    if (fields.next() !== FIELD) return false
    if (fields.name[fields.nameStart] !== COLON) return true
    const value = fields.text()
    if (fields.nameIs(':method')) pseudo.method = value
    else if (fields.nameIs(':scheme')) pseudo.scheme = value
    else if (fields.nameIs(':authority')) pseudo.authority = value
    else if (fields.nameIs(':path')) pseudo.path = value
    else return false
    if (isPlainPath) {
      pseudo.pathAt = at
      pseudo.pathEnd = fields.offset
    }
  }
}
