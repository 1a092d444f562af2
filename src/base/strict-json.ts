/**
 * JSON objects that decide who may do what (tokens, policies), strictly: UTF-8, no member twice, not too deep.
 *
 * Two readers of one must not see two different things; a repeated member is where they would (RFC 8725 §2.4).
 */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export type JsonObject = Readonly<Record<string, unknown>>

/** Undefined where the bytes are not one such object. */
export function parseStrictObject(bytes: Uint8Array, depthMax: number): JsonObject | undefined {
  try {
    const text = utf8.decode(bytes)
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject && isUnambiguous(text, depthMax) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

/** `text` is valid JSON. */
function isUnambiguous(text: string, depthMax: number): boolean {
  /** Of every object that is open, the names so far; undefined for a list. */
  const open: (Set<string> | undefined)[] = []
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : undefined)
      if (open.length > depthMax) return false
    } else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfString(text, i)
      const names = open.at(-1)
      if (names !== undefined && isName(text, end)) {
        const name = JSON.parse(text.slice(i, end)) as string
        if (names.has(name)) return false
        names.add(name)
      }
      i = end - 1
    }
  }
  return true
}

/** Behind the closing quote. */
function endOfString(text: string, start: number): number {
  let i = start + 1
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i + 1
}

/** A string that is followed by a colon is the name of a member. */
function isName(text: string, end: number): boolean {
  let i = end
  while (text[i] === ' ' || text[i] === '\t' || text[i] === '\n' || text[i] === '\r') i++
  return text[i] === ':'
}
