/**
 * Between the heads of HTTP/1, as the engine reads and writes them, and the field blocks of a link (RFC 9113 §8.3).
 *
 * A block begins with the pseudo-header fields, then `postern-link`, which belongs to the link; everything behind it is
 * the message's. What comes in a block is checked before it stands in a head: no line can be made by a field.
 */

import { FIELD_VALUE, isFieldValue, isToken, TOKEN } from '../http/message/characters.ts'
import { scanFieldName } from '../http/message/field-name.ts'
import {
  CONTENT_LENGTH,
  HEADER_FLAGS,
  HEADER_NAMES,
  HOP,
  HOST,
} from '../http/message/known-headers.ts'
import { scanTarget } from '../http/message/request-target.ts'
import type { ResponseHead } from '../http/message/response-head-parser.ts'
import { ByteCollector, FIELD, FieldReader, NAME } from './h2/field-block.ts'

const LINK_FIELD = 'postern-link'

const COLON = 0x3a
const CR = 0x0d
const SPACE = 0x20
const VERSION_CHARACTERS = ' HTTP/1.1'.length

/** Fields of one connection (RFC 9113 §8.2.2): never in a block. */
const ONE_CONNECTION = new Uint8Array(256)
for (const name of ['connection', 'transfer-encoding', 'te', 'keep-alive', 'upgrade']) {
  ONE_CONNECTION[HEADER_NAMES.indexOf(name)] = 1
}
for (const name of ['proxy-connection', 'http2-settings']) {
  ONE_CONNECTION[HEADER_NAMES.indexOf(name)] = 1
}

const block = new ByteCollector()
const lines = new ByteCollector()
const reader = new FieldReader()

/** The block of a request, good until the next one is made. `head` is complete, as in `OriginRequest`. */
export function requestBlock(head: string, secure: boolean, link: string): Buffer {
  const methodEnd = head.indexOf(' ')
  const lineEnd = head.indexOf('\r\n')
  lines.reset()
  lines.text(head)
  block.reset()
  block.tableField(NAME.method, head.slice(0, methodEnd))
  block.tableField(NAME.scheme, secure ? 'https' : 'http')
  block.tableField(NAME.path, head.slice(methodEnd + 1, lineEnd - VERSION_CHARACTERS))
  // Host stands first of all fields in what the gateway writes; wherever it stands, it is the authority.
  const host = /\r\nhost: ([^\r]*)\r\n/i.exec(head)
  block.tableField(NAME.authority, host?.[1] ?? '')
  block.field(LINK_FIELD, link)
  addLines(lines.view(), lineEnd + 2)
  return block.view()
}

/** The block of an answer that a target gave. */
export function responseBlock(head: ResponseHead): Buffer {
  const { fields } = head
  const { bounds, ids } = fields
  lines.reset()
  lines.text(fields.text)
  const bytes = lines.bytes
  beginResponse(head.status, 'ok')
  for (let i = 0; i < fields.count; i++) {
    const id = ids[i]!
    if ((HEADER_FLAGS[id]! & HOP) !== 0 && id !== CONTENT_LENGTH) continue
    addField(bytes, bounds[i * 4]!, bounds[i * 4 + 1]!, bounds[i * 4 + 2]!, bounds[i * 4 + 3]!)
  }
  return block.view()
}

/** The block that says why there is no answer. */
export function refusalBlock(link: string): Buffer {
  beginResponse(502, link)
  return block.view()
}

/** Of the hello: a request or an answer with a body of JSON. */
export function helloBlock(isRequest: boolean): Buffer {
  block.reset()
  if (isRequest) {
    block.tableField(NAME.method, 'POST')
    block.tableField(NAME.scheme, 'postern')
    block.tableField(NAME.path, '/hello')
    block.tableField(NAME.authority, 'link.postern.internal')
    block.field(LINK_FIELD, 'hello')
  } else beginResponse(200, 'hello')
  return block.view()
}

function beginResponse(status: number, link: string): void {
  block.reset()
  block.tableField(NAME.status, String(status))
  block.field(LINK_FIELD, link)
}

/** `name: value` CRLF each, until the empty line. */
function addLines(bytes: Buffer, from: number): void {
  let at = from
  while (at < bytes.length && bytes[at] !== CR) {
    let nameEnd = at
    while (nameEnd < bytes.length && bytes[nameEnd] !== COLON) nameEnd++
    let valueStart = nameEnd + 1
    while (bytes[valueStart] === SPACE) valueStart++
    let end = valueStart
    while (end < bytes.length && bytes[end] !== CR) end++
    const id = scanFieldName(bytes, at, nameEnd)
    if (id !== HOST && ONE_CONNECTION[id] === 0) addField(bytes, at, nameEnd, valueStart, end)
    at = end + 2
  }
}

function addField(
  bytes: Buffer,
  nameStart: number,
  nameEnd: number,
  valueStart: number,
  valueEnd: number,
): void {
  block.reserve(nameEnd - nameStart + valueEnd - valueStart + 16)
  block.byte(0)
  block.literalLength(nameEnd - nameStart)
  const target = block.bytes
  let to = block.length
  for (let i = nameStart; i < nameEnd; i++) {
    const byte = bytes[i]!
    target[to++] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
  }
  block.length = to
  block.literalLength(valueEnd - valueStart)
  to = block.length
  for (let i = valueStart; i < valueEnd; i++) target[to++] = bytes[i]!
  block.length = to
}

export interface LinkRequest {
  readonly method: string
  readonly scheme: string
  readonly path: string
  readonly authority: string
  /** Value of `postern-link`. */
  readonly link: string
  /** The other fields, each a line of an HTTP/1 head. */
  readonly lines: string
  /** -1: none is declared. */
  readonly contentLength: number
}

/** What a block of the hub asks for; undefined when it is malformed. */
export function readRequest(bytes: Buffer): LinkRequest | undefined {
  reader.begin(bytes)
  let method = ''
  let scheme = ''
  let path = ''
  let authority = ''
  let found = reader.next()
  for (; found === FIELD && reader.name[reader.nameStart] === COLON; found = reader.next()) {
    const value = reader.text()
    if (reader.nameIs(':method')) method = value
    else if (reader.nameIs(':scheme')) scheme = value
    else if (reader.nameIs(':path')) path = value
    else if (reader.nameIs(':authority')) authority = value
    else return undefined
  }
  if (found !== FIELD || !reader.nameIs(LINK_FIELD)) return undefined
  const link = reader.text()
  // These become a request line and a Host: what would end a line there is refused, whoever sent it.
  if (!isToken(method) || scanTarget(path) === -1 || !isFieldValue(authority)) return undefined
  lines.reset()
  const contentLength = restAsLines()
  if (contentLength === MALFORMED) return undefined
  const text = lines.bytes.toString('latin1', 0, lines.length)
  return { method, scheme, path, authority, link, lines: text, contentLength }
}

interface LinkAnswer {
  readonly status: number
  /** Value of `postern-link`. */
  readonly link: string
  /** An HTTP/1 head and room behind it for a body; good until the next one is read. */
  readonly head: ByteCollector
  readonly contentLength: number
}

/** What a block of an agent answers; undefined when it is malformed. */
export function readAnswer(bytes: Buffer): LinkAnswer | undefined {
  reader.begin(bytes)
  if (reader.next() !== FIELD || !reader.nameIs(':status')) return undefined
  const status = reader.text()
  if (!/^[2-5]\d\d$/.test(status)) return undefined
  if (reader.next() !== FIELD || !reader.nameIs(LINK_FIELD)) return undefined
  const link = reader.text()
  lines.reset()
  lines.text(`HTTP/1.1 ${status} \r\n`)
  const contentLength = restAsLines()
  if (contentLength === MALFORMED) return undefined
  lines.text(contentLength === -1 ? 'transfer-encoding: chunked\r\n\r\n' : '\r\n')
  return { status: Number(status), link, head: lines, contentLength }
}

const MALFORMED = -2

/** Appends the rest of the block to `lines`. Returns the declared length, -1 for none, or MALFORMED. */
function restAsLines(): number {
  let contentLength = -1
  for (;;) {
    const found = reader.next()
    if (found !== FIELD) return found === 0 ? contentLength : MALFORMED
    if (!isFieldLine()) return MALFORMED
    const id = scanFieldName(reader.name, reader.nameStart, reader.nameEnd)
    if (ONE_CONNECTION[id] === 1 || id === HOST) return MALFORMED
    if (id === CONTENT_LENGTH) {
      const value = reader.text()
      if (contentLength !== -1 || !/^\d{1,15}$/.test(value)) return MALFORMED
      contentLength = Number(value)
    }
    addLine()
  }
}

function isFieldLine(): boolean {
  const { name, value } = reader
  for (let i = reader.nameStart; i < reader.nameEnd; i++) {
    const byte = name[i]!
    if (TOKEN[byte] === 0 || (byte >= 0x41 && byte <= 0x5a)) return false
  }
  for (let i = reader.valueStart; i < reader.valueEnd; i++) {
    if (FIELD_VALUE[value[i]!] === 0) return false
  }
  return true
}

function addLine(): void {
  const { name, nameStart, nameEnd, value, valueStart, valueEnd } = reader
  lines.reserve(nameEnd - nameStart + valueEnd - valueStart + 4)
  const target = lines.bytes
  let to = lines.length
  for (let i = nameStart; i < nameEnd; i++) target[to++] = name[i]!
  target[to++] = COLON
  target[to++] = SPACE
  for (let i = valueStart; i < valueEnd; i++) target[to++] = value[i]!
  target[to++] = CR
  target[to++] = 0x0a
  lines.length = to
}
