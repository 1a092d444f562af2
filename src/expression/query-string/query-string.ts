/**
 * A query string as its parameters, in the order in which they were sent.
 *
 * `&` and `;` separate parameters, as they do in API Gateway; names and values are form-decoded. The text comes out
 * of a request head, whose limit bounds the number of parameters too; parsing is linear and a look-up compares
 * strings, so that no name, `__proto__` included, can mean anything else than itself.
 */

import { decodeQueryComponent, encodeQueryComponent } from './percent-coding.ts'

const AMPERSAND = 0x26
const SEMICOLON = 0x3b

export interface QueryParameter {
  readonly name: string
  readonly value: string
}

export class QueryString {
  /** Decoded. A parameter without `=` has the value ''; empty pieces (`a&&b`) are no parameters. */
  readonly parameters: readonly QueryParameter[]

  constructor(rawQuery: string) {
    this.parameters = rawQuery === '' ? [] : parseParameters(rawQuery)
  }

  /** The value that was sent last; undefined when there is none. */
  last(name: string): string | undefined {
    const { parameters } = this
    for (let i = parameters.length - 1; i >= 0; i--) {
      if (parameters[i]!.name === name) return parameters[i]!.value
    }
    return undefined
  }

  /** Every value of the name, in order. */
  all(name: string): string[] {
    const values: string[] = []
    for (const parameter of this.parameters) {
      if (parameter.name === name) values.push(parameter.value)
    }
    return values
  }

  /** Every value of the name joined with `,`, as parameter mapping and Lambda events see them; undefined when absent. */
  joined(name: string): string | undefined {
    let joined: string | undefined
    for (const parameter of this.parameters) {
      if (parameter.name !== name) continue
      joined = joined === undefined ? parameter.value : `${joined},${parameter.value}`
    }
    return joined
  }
}

/** The parameters as a query string, separated by `&`. */
export function encodeQueryString(parameters: Iterable<QueryParameter>): string {
  let query = ''
  for (const { name, value } of parameters) {
    if (query !== '') query += '&'
    query += `${encodeQueryComponent(name)}=${encodeQueryComponent(value)}`
  }
  return query
}

/** Where the piece that begins at `start` ends: at the next separator or at the end of the query. */
export function pieceEnd(rawQuery: string, start: number): number {
  for (let i = start; i < rawQuery.length; i++) {
    const code = rawQuery.charCodeAt(i)
    if (code === AMPERSAND || code === SEMICOLON) return i
  }
  return rawQuery.length
}

/** The decoded name of one piece `name=value`. */
export function nameOfPiece(piece: string): string {
  const equals = piece.indexOf('=')
  return decodeQueryComponent(equals === -1 ? piece : piece.slice(0, equals))
}

function parseParameters(rawQuery: string): QueryParameter[] {
  const parameters: QueryParameter[] = []
  for (let start = 0; start < rawQuery.length; ) {
    const end = pieceEnd(rawQuery, start)
    if (end > start) parameters.push(parsePiece(rawQuery.slice(start, end)))
    start = end + 1
  }
  return parameters
}

function parsePiece(piece: string): QueryParameter {
  const equals = piece.indexOf('=')
  if (equals === -1) return { name: decodeQueryComponent(piece), value: '' }
  return {
    name: decodeQueryComponent(piece.slice(0, equals)),
    value: decodeQueryComponent(piece.slice(equals + 1)),
  }
}
