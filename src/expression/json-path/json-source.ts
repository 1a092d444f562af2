/**
 * Numbers in their own writing: the parts of JSON that know the source text of a number. An identifier with more
 * digits than a double carries passes through unchanged.
 */

/** Written with an exponent, a fraction or more digits than a double holds: printing could change it. */
const DELICATE_NUMBER = /\d[.eE]|\d{16}/

type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

// The compiler's library does not have these yet (https://tc39.es/proposal-json-parse-with-source/).
const sourceJson = JSON as unknown as {
  parse(text: string, reviver: SourceReviver): unknown
  rawJSON(text: string): unknown
  isRawJSON(value: unknown): boolean
}

/** Like JSON.parse, but a number that would not print as it was written stays raw JSON. */
export function parseKeepingNumbers(text: string): unknown {
  return DELICATE_NUMBER.test(text) ? sourceJson.parse(text, keepNumber) : JSON.parse(text)
}

/** An object or an array; raw JSON is a scalar, whatever `typeof` says. */
export function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !sourceJson.isRawJSON(value)
}

function keepNumber(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value
  return context.source === String(value) ? value : sourceJson.rawJSON(context.source)
}
