/**
 * A request as a signature sees it: raw path, query parameters in canonical form, header fields by lower-case name.
 *
 * Taken from what came over the wire, not from what a router or a URL class has made of it: only then does a signature
 * cover what was sent.
 */

import type { WireRequest } from '../wire-message.ts'
import { decodeComponent, encodeBytes } from './percent-encoding.ts'

export interface QueryParameter {
  /** Escaped in the canonical way, both. */
  readonly name: string
  readonly value: string
}

export interface RequestParts {
  readonly method: string
  readonly path: string
  readonly query: readonly QueryParameter[]
  /** Values in the order of their lines, inner white space folded. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly body: Uint8Array
}

export function readParts(request: WireRequest): RequestParts {
  const { method, target, body } = request
  const mark = target.indexOf('?')
  return {
    method,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? [] : readQuery(target.slice(mark + 1)),
    fields: readFields(request.headers),
    body,
  }
}

/** Values of a query parameter, decoded, one character a byte. */
export function queryValues(parts: RequestParts, name: string): string[] {
  return parts.query
    .filter((parameter) => parameter.name === name)
    .map(({ value }) => decodeComponent(value).toString('latin1'))
}

function readQuery(raw: string): QueryParameter[] {
  return raw
    .split('&')
    .filter((piece) => piece !== '')
    .map((piece) => {
      const equals = piece.indexOf('=')
      const name = equals === -1 ? piece : piece.slice(0, equals)
      const value = equals === -1 ? '' : piece.slice(equals + 1)
      return {
        name: encodeBytes(decodeComponent(name)),
        value: encodeBytes(decodeComponent(value)),
      }
    })
}

function readFields(headers: WireRequest['headers']): Map<string, string[]> {
  const fields = new Map<string, string[]>()
  for (const [name, value] of headers) {
    const folded = value.replaceAll(/[ \t\r\n]+/g, ' ').replaceAll(/^ | $/g, '')
    const lowerName = name.toLowerCase()
    const values = fields.get(lowerName)
    if (values === undefined) fields.set(lowerName, [folded])
    else values.push(folded)
  }
  return fields
}
