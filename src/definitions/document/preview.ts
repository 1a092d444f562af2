/** Text of a definition inside a message: short, on one line, and without characters that act on a terminal. */

const CHARACTERS_MAX = 80
/** C0 and C1 controls, line separators, and marks that change the direction of text. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

/** Long enough to recognise, short enough for one line. */
export function clip(text: string): string {
  return text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX - 3)}...` : text
}

/** A value as it is written in JSON; of lists and objects only what they are. */
export function preview(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'a list'
  if (typeof value === 'object' && value !== null) {
    return Object.keys(value).length === 0 ? '{}' : 'an object'
  }
  return JSON.stringify(typeof value === 'string' ? clip(value) : value) ?? 'nothing'
}

export function visible(text: string): string {
  return text.replace(
    INVISIBLE,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
