/**
 * What a request head is, said slowly: the twin that `request-head-parser.ts` is compared with, and its documentation.
 *
 * Written from RFC 9112 §2.2, §3, §5, §6 and RFC 9110 §5, §7.2, §8.6, with regular expressions on one latin1 string.
 * What the RFCs leave to the recipient is settled on the strict side; every refusal closes the connection.
 */

import { isIPv6 } from 'node:net'

export interface ReferenceHead {
  readonly kind: 'head'
  readonly method: string
  readonly path: string
  readonly query: string
  readonly host: string
  readonly minorVersion: number
  readonly fields: readonly Field[]
  /** Offset of the first byte after the empty line. */
  readonly headEnd: number
  /** `bytes` is -1 for chunked, whose length only its end tells. */
  readonly framing: { readonly kind: 'none' | 'length' | 'chunked'; readonly bytes: number }
  readonly keepAlive: boolean
  readonly expectContinue: boolean
}

export type ReferenceResult =
  | ReferenceHead
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'refused'; readonly status: number }

type Field = readonly [name: string, value: string]

class Refused extends Error {
  readonly status: number
  constructor(status: number) {
    super(`refused with ${status}`)
    this.status = status
  }
}

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}) ([^ ]+) HTTP\/1\.([01])$/
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/
const TARGET = /^(?:https?:\/\/([^/?]*))?(\*|[^?]*)(?:\?(.*))?$/i
const PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/
const QUERY = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/%?[\]{}|\\^"<>`]*$/
const AUTHORITY = /^([A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\])(?::(\d{0,5}))?$/

export function parseRequestHeadReference(
  bytes: Uint8Array,
  limits: { readonly headBytes: number; readonly headerCount: number },
): ReferenceResult {
  try {
    const lines = readLines(Buffer.from(bytes).toString('latin1'), limits.headBytes)
    return lines === undefined
      ? { kind: 'incomplete' }
      : readHead(lines.texts, lines.end, limits.headerCount)
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', status: error.status }
    throw error
  }
}

/** The request line and the field lines; undefined while the empty line that ends them is missing. */
function readLines(text: string, headBytes: number): { texts: string[]; end: number } | undefined {
  const texts: string[] = []
  let at = text.startsWith('\r\n') ? 2 : 0
  const limit = at + headBytes
  for (;;) {
    const length = text.slice(at, limit).search(/[\r\n]/)
    const cr = at + length
    if (length === -1 || (text[cr] === '\r' && cr + 1 >= Math.min(text.length, limit))) {
      if (text.length > limit) throw new Refused(texts.length === 0 ? 414 : 431)
      return undefined
    }
    if (text[cr] !== '\r' || text[cr + 1] !== '\n') throw new Refused(400)
    if (length === 0 && texts.length === 0) throw new Refused(400)
    if (length === 0) return { texts, end: cr + 2 }
    texts.push(text.slice(at, cr))
    at = cr + 2
  }
}

function readHead(lines: string[], headEnd: number, headerCount: number): ReferenceHead {
  const [, method, target, minor] = REQUEST_LINE.exec(lines[0]!) ?? refuse(400)
  const fields = lines.slice(1).map(readField)
  if (fields.length > headerCount) refuse(431)
  const connection = valuesOf(fields, 'connection')
    .join(',')
    .toLowerCase()
    .split(/[ \t]*,[ \t]*/)
  const expectations = valuesOf(fields, 'expect')
  if (expectations.some((value) => value.toLowerCase() !== '100-continue')) refuse(400)
  const persistent = minor === '1' || connection.includes('keep-alive')
  return {
    kind: 'head',
    method: method!,
    ...readTarget(method!, target!, readHost(fields, minor!)),
    minorVersion: Number(minor),
    fields,
    headEnd,
    framing: readFraming(fields, minor!),
    keepAlive: persistent && !connection.includes('close'),
    expectContinue: expectations.length > 0 && minor === '1',
  }
}

function readField(line: string): Field {
  const [, name, value] = FIELD_LINE.exec(line) ?? refuse(400)
  return [name!, value!]
}

/** The one Host, lower case with its port; undefined where HTTP/1.0 leaves it out (RFC 9112 §3.2). */
function readHost(fields: readonly Field[], minor: string): string | undefined {
  const hosts = valuesOf(fields, 'host')
  if (hosts.length > 1 || (hosts.length === 0 && minor === '1')) refuse(400)
  return hosts[0]?.toLowerCase()
}

function readTarget(method: string, target: string, host: string | undefined) {
  const [, authority, rest, query = ''] = TARGET.exec(target) ?? refuse(400)
  const path = authority !== undefined && rest === '' ? '/' : rest!
  const star = path === '*' && method === 'OPTIONS' && target === '*'
  if (method === 'CONNECT' || !(star || PATH.test(path)) || !QUERY.test(query)) refuse(400)
  const named = authority?.toLowerCase() ?? host
  if (host !== undefined && named !== host) refuse(400)
  return { path, query, host: named === undefined ? '' : hostName(named) }
}

/** The name alone: without port and without the dot of an absolute domain name. */
function hostName(authority: string): string {
  const [, name, port = '0'] = AUTHORITY.exec(authority) ?? refuse(400)
  if (Number(port) > 65_535) refuse(400)
  if (name!.startsWith('[') && !isIPv6(name!.slice(1, -1))) refuse(400)
  if (name === '.' || name!.includes('..')) refuse(400)
  return name!.replace(/\.$/, '')
}

function readFraming(fields: readonly Field[], minor: string): ReferenceHead['framing'] {
  const lengths = valuesOf(fields, 'content-length')
  const codings = valuesOf(fields, 'transfer-encoding')
  if (lengths.length + codings.length === 0) return { kind: 'none', bytes: 0 }
  if (lengths.length + codings.length > 1) refuse(400)
  if (codings.length === 0) {
    if (!/^\d{1,15}$/.test(lengths[0]!)) refuse(400)
    return { kind: 'length', bytes: Number(lengths[0]) }
  }
  if (codings[0]!.toLowerCase() !== 'chunked' || minor === '0') refuse(400)
  return { kind: 'chunked', bytes: -1 }
}

function valuesOf(fields: readonly Field[], lowerName: string): string[] {
  return fields.filter(([name]) => name.toLowerCase() === lowerName).map(([, value]) => value)
}

function refuse(status: number): never {
  throw new Refused(status)
}
