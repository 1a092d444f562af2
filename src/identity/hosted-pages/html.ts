/**
 * HTML that is escaped unless it says that it is HTML.
 *
 * The pages of the sign-in are written with the tag `html`: whatever is put into one, be it the name of a client, what
 * somebody has typed or the text of an error, is text. Only what `html` itself has made goes in as it is, so that no page
 * can forget to escape. Attributes stand in double quotes, always.
 */

/** What `html` has made. */
export class Html {
  readonly text: string

  /** Only for `html` and for literals: nothing is escaped here. */
  constructor(text: string) {
    this.text = text
  }
}

export type Part = Html | string | number | undefined | readonly Html[]

/** A tag for template literals. Undefined parts are left out. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, i) => text + textOf(parts[i])).join(''))
}

/** For an element's text and for an attribute in double quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`\0]/g, (character) =>
    character === '\0' ? '\u{FFFD}' : `&#${character.codePointAt(0)};`,
  )
}

function textOf(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Html) return part.text
  if (Array.isArray(part)) return part.map((each: Html) => each.text).join('')
  return escapeHtml(String(part))
}
