/**
 * Patterns of policies: `*` is any text, also across `/` and `:`, `?` is one character, `${key}` what the request says.
 *
 * Compiled once into codes; a match walks both from left to right and goes back to the last `*` only, so that it never
 * takes more steps than pattern times text. What comes out of a variable is text: a `*` in it is an asterisk.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */

/** What a request says of a condition key. */
export interface PolicyContext {
  /** `key` is in lower case. Undefined: the request says nothing of it. */
  valuesOf(key: string): readonly string[] | undefined
}

interface Variable {
  /** Lower case. */
  readonly key: string
  readonly fallback: string | undefined
}

type Part = number | Variable

export interface Pattern {
  readonly parts: readonly Part[]
  readonly hasVariables: boolean
  /** Both sides are compared in lower case. */
  readonly folded: boolean
}

export interface PatternRules {
  /** `${` begins a variable. */
  readonly variables: boolean
  readonly wildcards: boolean
  readonly folded?: boolean
}

const MANY = -1
const ONE = -2
const VARIABLE = /^\$\{(?:([*?$])|([\w.:/=+@-]+)(?:, ?'([^']*)')?)\}/

/** Undefined: a `${` does not begin a variable. */
export function compilePattern(
  text: string,
  { variables, wildcards, folded = false }: PatternRules,
): Pattern | undefined {
  const parts: Part[] = []
  let hasVariables = false
  for (let i = 0; i < text.length; i++) {
    if (variables && text.startsWith('${', i)) {
      const found = VARIABLE.exec(text.slice(i))
      if (found === null) return undefined
      const [whole, escaped, key, fallback] = found
      if (escaped !== undefined) parts.push(escaped.charCodeAt(0))
      else parts.push({ key: key!.toLowerCase(), fallback })
      hasVariables ||= escaped === undefined
      i += whole.length - 1
    } else if (wildcards && text[i] === '*') parts.push(MANY)
    else if (wildcards && text[i] === '?') parts.push(ONE)
    else parts.push((folded ? text[i]!.toLowerCase() : text).charCodeAt(folded ? 0 : i))
  }
  return { parts, hasVariables, folded }
}

/** Undefined: the request does not say what a variable of the pattern is. */
export function matchesPattern(
  pattern: Pattern,
  text: string,
  context: PolicyContext,
): boolean | undefined {
  const codes = pattern.hasVariables ? bind(pattern, context) : (pattern.parts as readonly number[])
  if (codes === undefined) return undefined
  return matchesCodes(codes, pattern.folded ? text.toLowerCase() : text)
}

function matchesCodes(codes: readonly number[], text: string): boolean {
  let at = 0
  let i = 0
  let star = -1
  let starTook = 0
  while (i < text.length) {
    const code = codes[at]
    if (code === MANY) {
      star = at++
      starTook = i
    } else if (code === ONE || code === text.charCodeAt(i)) {
      at++
      i++
    } else if (star !== -1) {
      at = star + 1
      i = ++starTook
    } else return false
  }
  while (codes[at] === MANY) at++
  return at === codes.length
}

function bind({ parts, folded }: Pattern, context: PolicyContext): readonly number[] | undefined {
  const codes: number[] = []
  for (const part of parts) {
    if (typeof part === 'number') {
      codes.push(part)
      continue
    }
    const value = boundValue(part, context)
    if (value === undefined) return undefined
    const text = folded ? value.toLowerCase() : value
    for (let i = 0; i < text.length; i++) codes.push(text.charCodeAt(i))
  }
  return codes
}

/** A key with several values stands for none of them. */
function boundValue({ key, fallback }: Variable, context: PolicyContext): string | undefined {
  const values = context.valuesOf(key)
  return values?.length === 1 ? values[0] : fallback
}
