/**
 * What the field blocks of requests and answers of a link have in common (RFC 9113 §8.3).
 *
 * A block begins with the pseudo-header fields, then `postern-link`, which belongs to the link; everything behind it is
 * the message's. What comes in a block is checked before it stands in a head: no line can be made by a field.
 */

import { FIELD_VALUE, TOKEN } from '../http/message/characters.ts'
import { CONTENT_LENGTH, HEADER_NAMES, HOST, knownHeaderId } from '../http/message/known-headers.ts'
import { ByteCollector } from './h2/byte-collector.ts'
import { BLOCK_END, FIELD, type FieldReader } from './h2/field-block.ts'
import { type FieldWriter, NAME } from './h2/field-writer.ts'

export const LINK_FIELD = 'postern-link'

/** Fields of one connection (RFC 9113 §8.2.2): never in a block. */
export const ONE_CONNECTION = new Uint8Array(256)
for (const name of ['connection', 'transfer-encoding', 'te', 'keep-alive', 'upgrade']) {
  ONE_CONNECTION[HEADER_NAMES.indexOf(name)] = 1
}
for (const name of ['proxy-connection', 'http2-settings']) {
  ONE_CONNECTION[HEADER_NAMES.indexOf(name)] = 1
}

export function linkField(fields: FieldWriter, value: string): void {
  fields.field(`${LINK_FIELD}: ${value}`, LINK_FIELD, LINK_FIELD.length + 2)
}

/** Of the hello: a request or an answer with a body of JSON. Nothing in it depends on a table, for either end. */
export function helloBlock(isRequest: boolean): ByteCollector {
  const block = new ByteCollector(256)
  if (isRequest) {
    block.tableField(NAME.method, 'POST')
    block.tableField(NAME.scheme, 'postern')
    block.tableField(NAME.path, '/hello')
    block.tableField(NAME.authority, 'link.postern.internal')
  } else block.tableField(NAME.status, '200')
  block.field(LINK_FIELD, 'hello')
  return block
}

export const MALFORMED = -2

/** The rest of a block. One object for all that is read. */
export interface ReadLines {
  /** Each field is a line of an HTTP/1 head. */
  lines: string
  /** The declared length, -1 for none, or MALFORMED. */
  contentLength: number
}

const result: ReadLines = { lines: '', contentLength: -1 }

/** Good until the next is read. */
export function readLines(fields: FieldReader): ReadLines {
  let lines = ''
  result.contentLength = -1
  let found = fields.next()
  for (; found === FIELD; found = fields.next()) {
    const { known } = fields
    let id = known === undefined ? -1 : known.checkedId
    if (id !== -1) lines += known!.line
    else {
      const line = lineOf(fields)
      id = lineId
      if (id === MALFORMED) break
      lines += line
    }
    if (id === CONTENT_LENGTH && !readLength(fields.text())) break
  }
  result.lines = lines
  if (found !== BLOCK_END) result.contentLength = MALFORMED
  return result
}

function readLength(value: string): boolean {
  if (result.contentLength !== -1 || !/^\d{1,15}$/.test(value)) return false
  result.contentLength = Number(value)
  return true
}

/** Id of the line that was made last in the table of known headers, or MALFORMED. */
let lineId = 0

/** The field as a line, if it may be one. What stands in the connection's table is looked at once. */
function lineOf(fields: FieldReader): string {
  lineId = MALFORMED
  if (!isFieldLine(fields)) return ''
  const { known } = fields
  const name = fields.name.toString('latin1', fields.nameStart, fields.nameEnd)
  const { id } = fieldName(name)
  if (ONE_CONNECTION[id] === 1 || id === HOST) return ''
  lineId = id
  const line = `${name}: ${fields.text()}\r\n`
  if (known !== undefined) {
    known.checkedId = id
    known.line = line
  }
  return line
}

function isFieldLine(fields: FieldReader): boolean {
  const { name, nameStart, nameEnd, value, valueStart, valueEnd } = fields
  for (let i = nameStart; i < nameEnd; i++) {
    const byte = name[i]!
    if (TOKEN[byte] === 0 || (byte >= 0x41 && byte <= 0x5a)) return false
  }
  for (let i = valueStart; i < valueEnd; i++) {
    if (FIELD_VALUE[value[i]!] === 0) return false
  }
  return true
}

/** Names of fields as they were written, a bounded number of them. */
const NAMES_MAX = 1_024

interface FieldName {
  readonly lower: string
  /** In the table of known headers. */
  readonly id: number
}

const names = new Map<string, FieldName>()

/** What there is to know of a name, whatever its spelling. */
export function fieldName(written: string): FieldName {
  let name = names.get(written)
  if (name === undefined) {
    const lower = written.toLowerCase()
    name = { lower, id: knownHeaderId(lower) }
    if (names.size >= NAMES_MAX) names.clear()
    // A copy: what was handed over may be a part of a long head.
    names.set(Buffer.from(written, 'latin1').toString('latin1'), name)
  }
  return name
}
