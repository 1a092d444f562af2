/**
 * Parameter mapping on a query string: changes the parameters that the rules name and leaves the bytes of all others,
 * their order and their separators as the client sent them (signatures over a query survive).
 */

import type { RequestSource } from '../context-source.ts'
import { encodeQueryComponent } from './percent-coding.ts'
import { nameOfPiece, pieceEnd } from './query-string.ts'

/** One rule of a parameter mapping; its value is text, not yet encoded, or undefined when the rule does nothing. */
export interface QueryRule {
  readonly op: 'append' | 'overwrite' | 'remove'
  /** As it is written: query parameters are case-sensitive. */
  readonly name: string
  readonly value: (source: RequestSource) => string | undefined
}

/**
 * The query for the origin, without `?`. `append` adds one more value at the end; `overwrite` puts the value where the
 * parameter first stood and drops its other values, or adds it at the end; `remove` drops all values. A rule whose
 * value is undefined does nothing.
 */
export function applyQueryRules(
  rawQuery: string,
  rules: readonly QueryRule[],
  source: RequestSource,
): string {
  let query = rawQuery
  for (const rule of rules) {
    const value = rule.op === 'remove' ? undefined : rule.value(source)
    if (rule.op === 'remove') query = replaceParameter(query, rule.name, undefined)
    else if (value === undefined) continue
    else if (rule.op === 'overwrite') query = overwrite(query, rule.name, value)
    else query = append(query, encodePiece(rule.name, value))
  }
  return query
}

function overwrite(query: string, name: string, value: string): string {
  const piece = encodePiece(name, value)
  return hasParameter(query, name) ? replaceParameter(query, name, piece) : append(query, piece)
}

function append(query: string, piece: string): string {
  return query === '' ? piece : `${query}&${piece}`
}

function encodePiece(name: string, value: string): string {
  return `${encodeQueryComponent(name)}=${encodeQueryComponent(value)}`
}

function hasParameter(query: string, name: string): boolean {
  for (let start = 0; start < query.length; ) {
    const end = pieceEnd(query, start)
    if (end > start && nameOfPiece(query.slice(start, end)) === name) return true
    start = end + 1
  }
  return false
}

/** Puts `replacement` in the place of the first piece of that name, or nothing, and drops the others. */
function replaceParameter(query: string, name: string, replacement: string | undefined): string {
  if (query === '') return query
  let kept = ''
  let keptPieces = 0
  let pending = replacement
  for (let start = 0; start <= query.length; ) {
    const end = pieceEnd(query, start)
    let piece: string | undefined = query.slice(start, end)
    if (piece !== '' && nameOfPiece(piece) === name) {
      piece = pending
      pending = undefined
    }
    if (piece !== undefined) {
      // The separator in front goes with the piece; the first piece that stays needs none.
      if (keptPieces++ > 0) kept += query[start - 1]
      kept += piece
    }
    start = end + 1
  }
  return kept
}
