/**
 * A definition file as plain values of which each knows where it was written.
 *
 * First step of every import: text → `SourceDocument`. JSON is tried where the text begins like JSON, YAML otherwise.
 * Time and memory are bounded by the size, depth and expansion limits; nothing here touches files or the network.
 */

import type { Limits } from '../../domain/limits.ts'
import type { Problem } from '../../domain/problem.ts'
import { parseJson } from './json-source.ts'
import { LineIndex, type Place } from './line-index.ts'
import type { ParsedSource, SourceFault } from './parsed-source.ts'
import { visible } from './preview.ts'
import { parseYaml } from './yaml-source.ts'

export interface SourceText {
  /** As the author wrote it on the command line; only for messages. */
  readonly file: string
  readonly text: string
}

export interface SourceDocument {
  readonly file: string
  readonly root: unknown
  /** Line and column of the key or list item, or of the nearest one around it. */
  placeOf(pointer: string): Place
}

export interface ReadResult {
  /** Undefined when the text cannot be read. */
  readonly document: SourceDocument | undefined
  readonly problems: readonly Problem[]
}

export function readDocument(source: SourceText, limits: Limits): ReadResult {
  // A byte order mark has done its work once the bytes are text.
  const text = source.text.charCodeAt(0) === 0xfeff ? source.text.slice(1) : source.text
  const parsed = sizeFault(text, source.file, limits) ?? parse(text, source.file, limits)
  const lines = new LineIndex(text)
  const problems = parsed.faults.map((fault) => problemOf(fault, source.file, lines))
  if (problems.length > 0) return { document: undefined, problems }
  const document: SourceDocument = {
    file: source.file,
    root: parsed.root,
    placeOf: (pointer) => lines.placeOf(parsed.locate(pointer)),
  }
  return { document, problems }
}

function parse(text: string, file: string, limits: Limits): ParsedSource {
  const nul = text.indexOf('\u0000')
  if (nul >= 0) return unreadable({ ...NOT_TEXT, offset: nul })
  if (isYamlName(file) || !/^\s*[[{]/.test(text)) return parseYamlWithin(text, file, limits)
  return parseJson(text, limits)
}

/** JSON is YAML as well, and much faster to read as JSON. */
function parseYamlWithin(text: string, file: string, limits: Limits): ParsedSource {
  if (/^\s*\{/.test(text)) {
    const json = parseJson(text, limits)
    if (json.faults.every((fault) => fault.code !== 'json-syntax')) return json
  }
  const bytesMax = limits.definitionYamlBytes
  if (Buffer.byteLength(text) > bytesMax) {
    return tooLarge(`${file} holds more than ${bytesMax} bytes of YAML.`, SAVE_AS_JSON)
  }
  return parseYaml(text, limits)
}

function sizeFault(text: string, file: string, limits: Limits): ParsedSource | undefined {
  const bytesMax = limits.definitionBytes
  if (Buffer.byteLength(text) <= bytesMax) return undefined
  return tooLarge(`${file} holds more than ${bytesMax} bytes.`, SPLIT)
}

const SPLIT = 'Split the API, drop examples and descriptions, or raise --limit definitionBytes.'
const SAVE_AS_JSON =
  'Save it as JSON, which is read many times faster, or raise --limit definitionYamlBytes.'

const NOT_TEXT: SourceFault = {
  code: 'definition-not-text',
  message: 'The file holds NUL characters: it is binary or UTF-16.',
  mend: 'Save it as UTF-8.',
  offset: 0,
  pointer: '',
}

function tooLarge(message: string, mend: string): ParsedSource {
  return unreadable({ code: 'definition-too-large', message, mend, offset: 0, pointer: '' })
}

function unreadable(fault: SourceFault): ParsedSource {
  return { root: undefined, faults: [fault], locate: () => 0 }
}

function isYamlName(file: string): boolean {
  return /\.ya?ml$/i.test(file)
}

function problemOf(fault: SourceFault, file: string, lines: LineIndex): Problem {
  const { code, mend, offset } = fault
  const [message, pointer] = [visible(fault.message), visible(fault.pointer)]
  return { severity: 'error', code, message, mend, file, pointer, ...lines.placeOf(offset) }
}
