/**
 * The text that is kept of a call that did not end well: its parts, joined, each cut so that they fit one record.
 */

import { type Evidence, shortText } from './evidence.ts'

export interface CallText extends Evidence {
  readonly method: string
  readonly host: string
  /** As the client addressed it, without the query. */
  readonly path: string
  /** The figures or names of this case. */
  readonly detail: string
  /** On what way it came to its origin; '' or undefined for the straight one. */
  readonly hop?: string
}

/** What may grow stands last: the end of a text may be cut off. */
const PARTS = [
  ['method', 16],
  ['detail', 140],
  ['rule', 140],
  ['seen', 160],
  ['passes', 200],
  ['host', 80],
  ['path', 160],
  ['hop', 160],
] as const

const SEPARATOR = '\0'

export function joinCallText(text: CallText): string {
  return PARTS.map(([name, length]) => shortText(text[name] ?? '', length)).join(SEPARATOR)
}

export function splitCallText(joined: string): CallText {
  const parts = joined.split(SEPARATOR)
  return Object.fromEntries(PARTS.map(([name], i) => [name, parts[i] ?? ''])) as unknown as CallText
}
