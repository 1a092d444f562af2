/**
 * Answers between the heads of HTTP/1 and the field blocks of a link: the agent writes blocks, the hub reads them.
 *
 * An answer whose head is that of the one before is neither written nor read anew.
 */

import { CONTENT_LENGTH, HEADER_FLAGS, HOP } from '../http/message/known-headers.ts'
import type { ResponseHead } from '../http/message/response-head-parser.ts'
import type { WireError } from '../http/wire-error.ts'
import { ByteCollector } from './h2/byte-collector.ts'
import { FIELD, type FieldReader } from './h2/field-block.ts'
import { type FieldWriter, NAME } from './h2/field-writer.ts'
import { readError } from './link-field.ts'
import { fieldName, LINK_FIELD, linkField, MALFORMED, readLines } from './message-fields.ts'

/** What is kept of one block begins with so much. */
const KEPT_BYTES = 512
/** Until there is one: no version is negative. */
const NEVER = -1
/** Of the static table (RFC 7541, appendix A). */
const STATIC_STATUS: Readonly<Record<number, number>> = {
  200: 8,
  204: 9,
  206: 10,
  304: 11,
  400: 12,
  404: 13,
  500: 14,
}

export class AnswerWriter {
  readonly #fields: FieldWriter
  // The answer before, and its block.
  #version = NEVER
  #text = ''
  readonly #block = new ByteCollector(KEPT_BYTES)

  constructor(fields: FieldWriter) {
    this.#fields = fields
  }

  /** The block of an answer that a target gave; it has to be sent now. */
  write(head: ResponseHead): ByteCollector {
    const fields = this.#fields
    const { version } = fields
    const block = fields.begin()
    const text = head.fields.text.slice(0, head.textLength)
    if (version === this.#version && text === this.#text) {
      block.append(this.#block.bytes, 0, this.#block.length)
      return block
    }
    const start = block.length
    this.#opening(head.status, 'ok')
    this.#lines(head)
    this.#version = NEVER
    if (version !== fields.version) return block
    this.#version = version
    this.#text = text
    this.#block.keep(block.bytes, start, block.length)
    return block
  }

  /** The block that says why there is no answer; it has to be sent now. */
  refusal(link: string): ByteCollector {
    const block = this.#fields.begin()
    // In words that do not come again.
    block.tableField(NAME.status, '502')
    block.field(LINK_FIELD, link)
    return block
  }

  #opening(status: number, link: string): void {
    const known = STATIC_STATUS[status]
    if (known === undefined) this.#fields.field(`:status: ${status}`, ':status', 9)
    else this.#fields.known(known)
    linkField(this.#fields, link)
  }

  #lines(head: ResponseHead): void {
    const { text, bounds, ids, count } = head.fields
    for (let i = 0; i < count; i++) {
      const id = ids[i]!
      if ((HEADER_FLAGS[id]! & HOP) !== 0 && id !== CONTENT_LENGTH) continue
      const start = bounds[i * 4]!
      const line = text.slice(start, bounds[i * 4 + 3]!)
      if (this.#fields.again(line) !== undefined) continue
      const { lower } = fieldName(text.slice(start, bounds[i * 4 + 1]!))
      this.#fields.literal(line, lower, bounds[i * 4 + 2]! - start)
    }
  }
}

/** The same object for the same answer, as long as it is the one before. */
export interface LinkAnswer {
  readonly status: number
  /** Why there is none. */
  readonly error: WireError | undefined
  /** An HTTP/1 head. */
  readonly head: Buffer
  /** -1: none is declared. */
  readonly contentLength: number
}

export class AnswerReader {
  #version = NEVER
  readonly #block = new ByteCollector(KEPT_BYTES)
  #answer: LinkAnswer | undefined

  /** What a block of an agent answers; undefined when it is malformed. The block has been begun. */
  read(fields: FieldReader): LinkAnswer | undefined {
    if (fields.version === this.#version && fields.passes(this.#block) && fields.atEnd) {
      return this.#answer
    }
    fields.rewind()
    const { version } = fields
    const answer = readAnew(fields)
    this.#version = NEVER
    if (answer === undefined || version !== fields.version) return answer
    this.#version = version
    fields.keepIn(this.#block, 0)
    this.#answer = answer
    return answer
  }
}

function readAnew(fields: FieldReader): LinkAnswer | undefined {
  if (fields.next() !== FIELD || !fields.nameIs(':status')) return undefined
  const status = fields.text()
  if (!/^[2-5]\d\d$/.test(status)) return undefined
  if (fields.next() !== FIELD || !fields.nameIs(LINK_FIELD)) return undefined
  const error = readError(fields.text())
  const { lines, contentLength } = readLines(fields)
  if (contentLength === MALFORMED) return undefined
  const framing = contentLength === -1 ? 'transfer-encoding: chunked\r\n' : ''
  const head = Buffer.from(`HTTP/1.1 ${status} \r\n${lines}${framing}\r\n`, 'latin1')
  return { status: Number(status), error, head, contentLength }
}
