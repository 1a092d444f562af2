/**
 * What a step that refused had before it: the rule it went by, the value it saw, what would have passed.
 *
 * It is asked for when a refused call is recorded, at most so many times a second (`explainTextsPerSecond`), and never for
 * a call that passes. Nothing in it is secret: no token, key, password or query string; who writes one decides that.
 */

export interface Evidence {
  /** `JWT authorizer pool (https://issuer.example)`. */
  readonly rule: string
  readonly seen: string
  readonly passes: string
}

/** Printable, one line, and no longer than `charactersMax`: values come from clients. */
export function shortText(value: unknown, charactersMax = 120): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  const plain = text.slice(0, charactersMax + 1).replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, '?')
  return plain.length > charactersMax ? `${plain.slice(0, charactersMax)}…` : plain
}

/** `a, b and 7 more`. */
export function shortList(values: readonly string[], countMax = 8): string {
  if (values.length === 0) return 'none'
  const shown = values.slice(0, countMax).map((value) => shortText(value, 60))
  const rest = values.length - shown.length
  return rest === 0 ? shown.join(', ') : `${shown.join(', ')} and ${rest} more`
}
