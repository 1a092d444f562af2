/**
 * What the values of a request violate: required members, enums, lengths, ranges, patterns.
 *
 * All of one request in one message, in the order of the model, in AWS's words:
 * `2 validation errors detected: Value null at 'createApiInput.name' failed to satisfy constraint: Member must not be
 * null; Value 'x' at …`. Elements of simple lists, keys and values of maps are told with the collection as a whole.
 */

import { structureOf } from './json-values.ts'
import type {
  Constraint,
  MemberShape,
  ServiceModel,
  Shape,
  StructureShape,
} from './service-model.ts'

/** More than anybody reads; a body of ten megabytes could have millions. */
const TOLD_MAX = 100
const ECHO_CHARACTERS_MAX = 256
const ECHO_ELEMENTS_MAX = 32

type Structure = Readonly<Record<string, unknown>>

/** Where a member is told to be: `createApiInput.name`, `apiId`. */
export type MemberPlace = (name: string, member: MemberShape) => string

/** The message, or undefined when there is nothing to tell. */
export function violationsOf(
  model: ServiceModel,
  structure: StructureShape,
  { value, placeOf }: { value: Structure; placeOf: MemberPlace },
): string | undefined {
  const violations = new Violations(model)
  violations.ofStructure(structure, value, placeOf)
  const { told } = violations
  if (told.length === 0) return undefined
  const noun = told.length === 1 ? 'error' : 'errors'
  return `${told.length} validation ${noun} detected: ${told.join('; ')}`
}

class Violations {
  readonly told: string[] = []
  readonly #model: ServiceModel

  constructor(model: ServiceModel) {
    this.#model = model
  }

  ofStructure(structure: StructureShape, value: Structure, placeOf: MemberPlace): void {
    const { members, required } = structure
    for (const [name, member] of Object.entries(members)) {
      const item = value[name]
      if (item !== undefined) this.#ofMember(member, item, placeOf(name, member))
      else if (required.includes(name)) this.#tell(null, placeOf(name, member), NOT_NULL)
    }
  }

  #ofMember({ type, constraint = {} }: MemberShape, value: unknown, place: string): void {
    for (const sentence of brokenRules(type, constraint, value)) this.#tell(value, place, sentence)
    if (type.kind === 'list') this.#ofElements(type, constraint, { value, place })
    if (type.kind === 'map') this.#ofEntries(type, constraint, { value, place })
    if (type.kind === 'structure') this.#ofNested(type.name, value, place)
  }

  #ofElements(
    { member, sparse }: Extract<Shape, { kind: 'list' }>,
    { values = {} }: Constraint,
    { value, place }: { value: unknown; place: string },
  ): void {
    const elements = value as readonly unknown[]
    if (!sparse && elements.includes(null)) this.#tell(value, place, whole('Member', [NOT_NULL]))
    const present = elements.filter((element) => element !== null)
    if (isSimple(member)) {
      const broken = rulesBrokenByAny(member, values, present)
      if (broken.length > 0) this.#tell(value, place, whole('Member', broken))
      return
    }
    for (const [i, element] of elements.entries()) {
      if (this.#isFull()) return
      if (element === null) continue
      this.#ofMember({ type: member, constraint: values }, element, `${place}.${i + 1}.member`)
    }
  }

  #ofEntries(
    { value: type }: Extract<Shape, { kind: 'map' }>,
    { keys = {}, values = {} }: Constraint,
    { value, place }: { value: unknown; place: string },
  ): void {
    const map = value as Structure
    const brokenByKeys = rulesBrokenByAny(KEY, keys, Object.keys(map))
    if (brokenByKeys.length > 0) this.#tell(value, place, whole('Map keys', brokenByKeys))
    const present = Object.values(map).filter((item) => item !== null)
    if (isSimple(type)) {
      const broken = rulesBrokenByAny(type, values, present)
      if (broken.length > 0) this.#tell(value, place, whole('Map value', broken))
      return
    }
    for (const [key, item] of Object.entries(map)) {
      if (this.#isFull()) return
      if (item === null) continue
      this.#ofMember({ type, constraint: values }, item, `${place}.${key}.member`)
    }
  }

  #ofNested(name: string, value: unknown, place: string): void {
    this.ofStructure(
      structureOf(this.#model, name),
      value as Structure,
      (key, member) => `${place}.${member.jsonName ?? key}`,
    )
  }

  #isFull(): boolean {
    return this.told.length >= TOLD_MAX
  }

  #tell(value: unknown, place: string, sentence: string): void {
    if (this.#isFull()) return
    const shown = value === null ? 'null' : `'${shortened(javaText(value))}'`
    const where = shortened(place)
    this.told.push(`Value ${shown} at '${where}' failed to satisfy constraint: ${sentence}`)
  }
}

const NOT_NULL = 'Member must not be null'
const KEY: Shape = { kind: 'string' }

function isSimple(shape: Shape): boolean {
  return shape.kind !== 'structure' && shape.kind !== 'list' && shape.kind !== 'map'
}

function whole(what: string, sentences: readonly string[]): string {
  return `${what} must satisfy constraint: [${sentences.join(', ')}]`
}

function rulesBrokenByAny(
  shape: Shape,
  constraint: Constraint,
  values: readonly unknown[],
): string[] {
  const broken = new Set<string>()
  for (const value of values) {
    for (const sentence of brokenRules(shape, constraint, value)) broken.add(sentence)
  }
  return [...broken]
}

function brokenRules(shape: Shape, constraint: Constraint, value: unknown): string[] {
  const broken: string[] = []
  if (shape.kind === 'string' && shape.values && !shape.values.includes(value as string)) {
    broken.push(`Member must satisfy enum value set: [${shape.values.join(', ')}]`)
  }
  const { length, range, pattern } = constraint
  if (length) broken.push(...outside(sizeOf(value), length, 'length'))
  if (range) broken.push(...outside(value as number, range, 'value'))
  if (pattern !== undefined && !wholePattern(pattern).test(value as string)) {
    broken.push(`Member must satisfy regular expression pattern: ${pattern}`)
  }
  return broken
}

function outside(size: number, [min, max]: readonly [number, number], what: string): string[] {
  if (size > max) return [`Member must have ${what} less than or equal to ${max}`]
  if (size < min) return [`Member must have ${what} greater than or equal to ${min}`]
  return []
}

/** Characters (not UTF-16 units) of a string, elements, entries. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') {
    let pairs = 0
    for (let i = 1; i < value.length; i++) {
      if (
        (value.charCodeAt(i) & 0xfc00) === 0xdc00 &&
        (value.charCodeAt(i - 1) & 0xfc00) === 0xd800
      )
        pairs++
    }
    return value.length - pairs
  }
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length
  return Object.keys(value as object).length
}

const patterns = new Map<string, RegExp>()

function wholePattern(pattern: string): RegExp {
  let compiled = patterns.get(pattern)
  if (compiled === undefined) {
    compiled = new RegExp(`^(?:${pattern})$`, 'u')
    patterns.set(pattern, compiled)
  }
  return compiled
}

/** A value as AWS prints it: `[a, b]`, `{key=value}`. */
function javaText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, ECHO_ELEMENTS_MAX).map(javaText).join(', ')}]`
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (typeof value !== 'object' || value === null) return shortened(String(value))
  const entries = Object.entries(value).slice(0, ECHO_ELEMENTS_MAX)
  return `{${entries.map(([key, item]) => `${shortened(key)}=${javaText(item)}`).join(', ')}}`
}

function shortened(text: string): string {
  return text.length > ECHO_CHARACTERS_MAX ? `${text.slice(0, ECHO_CHARACTERS_MAX)}…` : text
}
