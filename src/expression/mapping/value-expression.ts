/**
 * The value of a parameter mapping: one reference (`$request.header.x`), text with references in braces
 * (`/v1/${request.path.id}`), or static text. Compiled to one closure.
 *
 * A value that is one reference and nothing else is undefined when what it refers to is; text around a reference
 * renders an undefined reference as nothing.
 */

import { MappingError } from './mapping-error.ts'
import { compileReference, type Place, type Read, type Reference } from './references.ts'
import { recodeFor } from './target-coding.ts'

export interface CompiledValue<S> {
  readonly read: Read<S>
  readonly readsBody: boolean
  /** The value, where no reference is in it. */
  readonly constant: string | undefined
}

const BARE_REFERENCE = /^\$(?=[A-Za-z])/
const FORGOTTEN_BRACES = /\$(?:request|response|context|stageVariables)\b[\w.-]*/
const CONTROL_CHARACTER = /[\x00-\x08\x0a-\x1f\x7f]/

export function compileValue<S>(text: string, place: Place<S>): CompiledValue<S> {
  const parts: Read<S>[] = []
  let readsBody = false
  let constant: string | undefined = ''
  const addText = (literal: string): void => {
    if (literal === '') return
    const coded = codeLiteral(literal, place)
    if (constant !== undefined) constant += coded
    parts.push(() => coded)
  }
  const addReference = (written: string): void => {
    const reference = compileReference(written, place)
    readsBody ||= reference.readsBody
    constant = undefined
    parts.push(readCoded(reference, place))
  }
  if (BARE_REFERENCE.test(text)) addReference(text.slice(1))
  else scanTemplate(text, place, { addText, addReference })
  return { read: joinParts(parts), readsBody, constant }
}

interface TemplateParts {
  addText(literal: string): void
  addReference(written: string): void
}

function scanTemplate<S>(text: string, place: Place<S>, parts: TemplateParts): void {
  let at = 0
  for (let open = text.indexOf('${'); open !== -1; open = text.indexOf('${', at)) {
    const close = text.indexOf('}', open)
    if (close === -1) {
      throw new MappingError(
        place.key,
        `\`${text.slice(open, open + 20)}\` has no closing brace`,
        'Close the reference with `}`.',
      )
    }
    parts.addText(text.slice(at, open))
    parts.addReference(text.slice(open + 2, close))
    at = close + 1
  }
  parts.addText(text.slice(at))
}

function codeLiteral<S>(literal: string, place: Place<S>): string {
  const forgotten = FORGOTTEN_BRACES.exec(literal)?.[0]
  if (forgotten !== undefined) {
    throw new MappingError(
      place.key,
      `\`${forgotten}\` stands inside a text without braces`,
      `Write \`\${${forgotten.slice(1)}}\`.`,
    )
  }
  if (CONTROL_CHARACTER.test(literal)) {
    throw new MappingError(
      place.key,
      'The value holds a control character',
      'Remove line breaks and other control characters from the value.',
    )
  }
  if (place.target === 'path' && /[?#]/.test(literal)) {
    throw new MappingError(
      place.key,
      'A path cannot hold `?` or `#`',
      'Set query parameters with `overwrite:querystring.name`.',
    )
  }
  return recodeFor(place.target, 'literal')(literal)
}

function readCoded<S>(reference: Reference<S>, place: Place<S>): Read<S> {
  const { read, isEncodedPath, coding } = reference
  if (isEncodedPath) return read
  const recode = recodeFor(place.target, coding)
  return (source) => {
    const value = read(source)
    return value === undefined ? undefined : recode(value)
  }
}

function joinParts<S>(parts: readonly Read<S>[]): Read<S> {
  if (parts.length === 1) return parts[0]!
  return (source) => {
    let joined = ''
    for (const read of parts) joined += read(source) ?? ''
    return joined
  }
}
