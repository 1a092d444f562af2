/**
 * What the field blocks of requests and answers of a link have in common (RFC 9113 §8.3).
 *
 * A block begins with the pseudo-header fields, then `postern-link`, which belongs to the link; everything behind it is
 * the message's. What comes in a block is checked before it stands in a head: no line can be made by a field.
 */

import { FIELD_VALUE, TOKEN } from '../http/message/characters.ts'
import { scanFieldName } from '../http/message/field-name.ts'
import { CONTENT_LENGTH, HEADER_NAMES, HOST } from '../http/message/known-headers.ts'
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

const COLON = 0x3a
const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20

export function linkField(fields: FieldWriter, value: string): void {
  fields.field(`${LINK_FIELD}: ${value}`, LINK_FIELD.length, LINK_FIELD.length + 2)
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

interface ReadLines {
  /** Good until the next ones are read. */
  readonly lines: ByteCollector
  /** The declared length, -1 for none, or MALFORMED. */
  contentLength: number
}

const result: ReadLines = { lines: new ByteCollector(), contentLength: -1 }

/** The rest of a block as lines of an HTTP/1 head behind `opening`; `withoutLength` follows where no length is declared. */
export function readLines(fields: FieldReader, opening: string, withoutLength: string): ReadLines {
  const { lines } = result
  lines.reset()
  lines.text(opening)
  result.contentLength = -1
  let found = fields.next()
  for (; found === FIELD; found = fields.next()) {
    const id = idOf(fields)
    if (id === MALFORMED) break
    if (id === CONTENT_LENGTH) {
      const value = fields.text()
      if (result.contentLength !== -1 || !/^\d{1,15}$/.test(value)) break
      result.contentLength = Number(value)
    }
    addLine(fields)
  }
  if (found !== BLOCK_END) result.contentLength = MALFORMED
  else if (result.contentLength === -1) lines.text(withoutLength)
  return result
}

/** Id of the field in the table of known headers, or MALFORMED. What stands in the block's table is looked at once. */
function idOf(fields: FieldReader): number {
  const { known } = fields
  if (known !== undefined && known.checkedId >= 0) return known.checkedId
  if (!isFieldLine(fields)) return MALFORMED
  const id = scanFieldName(fields.name, fields.nameStart, fields.nameEnd)
  if (ONE_CONNECTION[id] === 1 || id === HOST) return MALFORMED
  if (known !== undefined) known.checkedId = id
  return id
}

function isFieldLine({
  name,
  nameStart,
  nameEnd,
  value,
  valueStart,
  valueEnd,
}: FieldReader): boolean {
  for (let i = nameStart; i < nameEnd; i++) {
    const byte = name[i]!
    if (TOKEN[byte] === 0 || (byte >= 0x41 && byte <= 0x5a)) return false
  }
  for (let i = valueStart; i < valueEnd; i++) {
    if (FIELD_VALUE[value[i]!] === 0) return false
  }
  return true
}

function addLine({ name, nameStart, nameEnd, value, valueStart, valueEnd }: FieldReader): void {
  const { lines } = result
  lines.reserve(nameEnd - nameStart + valueEnd - valueStart + 4)
  const target = lines.bytes
  let to = lines.length
  for (let i = nameStart; i < nameEnd; i++) target[to++] = name[i]!
  target[to++] = COLON
  target[to++] = SPACE
  for (let i = valueStart; i < valueEnd; i++) target[to++] = value[i]!
  target[to++] = CR
  target[to++] = LF
  lines.length = to
}
