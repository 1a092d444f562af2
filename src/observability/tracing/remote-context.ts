// hot path — see STYLE §8
/**
 * What a caller says about the trace that a call belongs to, read from its header fields.
 *
 * Order of precedence: `traceparent` (W3C), `X-Amzn-Trace-Id` (X-Ray), `b3`, `X-B3-*` (B3). The first one that is well
 * formed decides all; what is malformed, given twice or too long counts as not given, and nothing of it is handed on.
 * https://www.w3.org/TR/trace-context-1/
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 * https://github.com/openzipkin/b3-propagation
 */

import type { HeaderFields } from '../../http/message/header-fields.ts'
import {
  B3,
  TRACEPARENT,
  TRACESTATE,
  X_AMZN_TRACE_ID,
  X_B3_FAMILY,
} from '../../http/message/known-headers.ts'
import { boundedTraceState } from './trace-state.ts'

export interface RemoteContext {
  /** 32 digits; '': the caller has decided about sampling and named no trace. */
  readonly traceId: string
  /** 16 digits, or '' where the caller named none. */
  readonly parentId: string
  /** Undefined: the caller leaves it to us. */
  readonly sampled: boolean | undefined
  /** Valid and within bounds, or ''. */
  readonly traceState: string
}

const TRACE_DIGITS = 32
const SPAN_DIGITS = 16
/** X-Ray's header with a few fields of its own is a quarter of this. */
const XRAY_CHARACTERS_MAX = 512

/** Undefined: the caller says nothing that can be used. */
export function readRemoteContext(fields: HeaderFields): RemoteContext | undefined {
  return readW3c(fields) ?? readXray(fields) ?? readB3(fields) ?? readB3Fields(fields)
}

/** The value of a field that is there once; '' otherwise. */
function single(fields: HeaderFields, id: number): string {
  const index = fields.find(id)
  return index === -1 || fields.find(id, index + 1) !== -1 ? '' : fields.value(index)
}

const VERSION_END = 2
const TRACE_START = 3
const SPAN_START = TRACE_START + TRACE_DIGITS + 1
const FLAGS_START = SPAN_START + SPAN_DIGITS + 1
const W3C_CHARACTERS = FLAGS_START + 2

function readW3c(fields: HeaderFields): RemoteContext | undefined {
  const text = single(fields, TRACEPARENT)
  if (text === '' || !isTraceParent(text)) return undefined
  return {
    traceId: text.slice(TRACE_START, SPAN_START - 1),
    parentId: text.slice(SPAN_START, FLAGS_START - 1),
    sampled: (digit(text.charCodeAt(FLAGS_START + 1)) & 1) === 1,
    traceState: traceStateOf(fields),
  }
}

function isTraceParent(text: string): boolean {
  // A later version may have more behind the flags; version 00 may not, and ff is none.
  if (text.length > W3C_CHARACTERS) {
    if (text.startsWith('00') || text[W3C_CHARACTERS] !== '-') return false
  } else if (text.length < W3C_CHARACTERS) return false
  return (
    isHex(text, 0, VERSION_END) &&
    !text.startsWith('ff') &&
    text[VERSION_END] === '-' &&
    isId(text, TRACE_START, TRACE_DIGITS) &&
    text[SPAN_START - 1] === '-' &&
    isId(text, SPAN_START, SPAN_DIGITS) &&
    text[FLAGS_START - 1] === '-' &&
    isHex(text, FLAGS_START, W3C_CHARACTERS)
  )
}

function traceStateOf(fields: HeaderFields): string {
  let index = fields.find(TRACESTATE)
  if (index === -1) return ''
  let joined = ''
  while (index !== -1) {
    joined += `,${fields.value(index)}`
    index = fields.find(TRACESTATE, index + 1)
  }
  return boundedTraceState(joined)
}

/** `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`, in any order, with other members. */
function readXray(fields: HeaderFields): RemoteContext | undefined {
  const text = single(fields, X_AMZN_TRACE_ID)
  if (text === '' || text.length > XRAY_CHARACTERS_MAX) return undefined
  let traceId = ''
  let parentId = ''
  let sampled: boolean | undefined
  for (const written of text.split(';')) {
    const member = written.trim()
    if (member.startsWith('Root=')) traceId = traceIdOfRoot(member)
    else if (member.startsWith('Parent=')) parentId = member.slice('Parent='.length)
    else if (member === 'Sampled=1') sampled = true
    else if (member === 'Sampled=0') sampled = false
  }
  if (traceId === '') return undefined
  if (!isSpanId(parentId)) parentId = ''
  return { traceId, parentId, sampled, traceState: '' }
}

const ROOT_CHARACTERS = 'Root=1-'.length + 8 + 1 + 24

function traceIdOfRoot(member: string): string {
  if (member.length !== ROOT_CHARACTERS || !member.startsWith('Root=1-') || member[15] !== '-') {
    return ''
  }
  const traceId = member.slice(7, 15) + member.slice(16)
  return isId(traceId, 0, TRACE_DIGITS) ? traceId : ''
}

/** `80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90`, or the sampling state alone. */
function readB3(fields: HeaderFields): RemoteContext | undefined {
  const text = single(fields, B3)
  if (text === '') return undefined
  const dash = text.indexOf('-')
  if (dash === -1) return decision(b3State(text))
  const spanEnd = dash + 1 + SPAN_DIGITS
  const traceId = b3TraceId(text.slice(0, dash))
  const parentId = text.slice(dash + 1, spanEnd)
  if (traceId === '' || !isSpanId(parentId)) return undefined
  const rest = text.slice(spanEnd)
  if (rest === '') return { traceId, parentId, sampled: undefined, traceState: '' }
  const isWhole = rest.length === 2 || (rest[2] === '-' && isSpanId(rest.slice(3)))
  const sampled = b3State(rest[1] ?? '')
  if (rest[0] !== '-' || !isWhole || sampled === undefined) return undefined
  return { traceId, parentId, sampled, traceState: '' }
}

/** The same in several fields. */
function readB3Fields(fields: HeaderFields): RemoteContext | undefined {
  if (fields.find(X_B3_FAMILY) === -1) return undefined
  const debug = fields.get('x-b3-flags') === '1'
  const sampled = debug ? true : b3State(fields.get('x-b3-sampled') ?? '')
  const traceId = b3TraceId(fields.get('x-b3-traceid') ?? '')
  const parentId = fields.get('x-b3-spanid') ?? ''
  if (traceId === '' || !isSpanId(parentId)) return decision(sampled)
  return { traceId, parentId, sampled, traceState: '' }
}

function decision(sampled: boolean | undefined): RemoteContext | undefined {
  return sampled === undefined ? undefined : { traceId: '', parentId: '', sampled, traceState: '' }
}

function b3State(text: string): boolean | undefined {
  if (text === '1' || text === 'd' || text === 'true') return true
  return text === '0' || text === 'false' ? false : undefined
}

/** Ids of 64 bits are filled up on the left. */
function b3TraceId(text: string): string {
  const padded =
    text.length === SPAN_DIGITS ? `${'0'.repeat(TRACE_DIGITS - SPAN_DIGITS)}${text}` : text
  return padded.length === TRACE_DIGITS && isId(padded, 0, TRACE_DIGITS) ? padded : ''
}

function isSpanId(text: string): boolean {
  return text.length === SPAN_DIGITS && isId(text, 0, SPAN_DIGITS)
}

/** Lower-case digits that are not all zero. */
function isId(text: string, start: number, length: number): boolean {
  let any = 0
  for (let i = start; i < start + length; i++) {
    const value = digit(text.charCodeAt(i))
    if (value < 0) return false
    any |= value
  }
  return any !== 0
}

function isHex(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (digit(text.charCodeAt(i)) < 0) return false
  return true
}

/** -1: no lower-case hexadecimal digit. */
function digit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1
}
