/**
 * A value of a definition together with its place, and readers that report a wrong type at exactly that place.
 * Only own members are seen: a definition cannot reach `constructor` or `toString`.
 */

import { pointerTo } from './json-pointer.ts'
import { preview } from './preview.ts'
import type { ProblemList } from './problem-list.ts'

export interface LocatedValue {
  readonly value: unknown
  readonly pointer: string
}

export interface LocatedObject extends LocatedValue {
  readonly value: Readonly<Record<string, unknown>>
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The member, or undefined where the value is no object or has no such key. */
export function memberOf(node: LocatedValue, key: string): LocatedValue | undefined {
  if (!isObject(node.value) || !Object.hasOwn(node.value, key)) return undefined
  return { value: node.value[key], pointer: pointerTo(node.pointer, key) }
}

export function membersOf(node: LocatedObject): [key: string, member: LocatedValue][] {
  return Object.keys(node.value).map((key) => [
    key,
    { value: node.value[key], pointer: pointerTo(node.pointer, key) },
  ])
}

/** The readers below return undefined both for an absent member and, reported, for one of the wrong type. */
export class ValueReader {
  readonly #problems: ProblemList
  readonly #fill: (text: string) => string

  /** `fill` replaces what stands for something else in the texts that `filled` reads. */
  constructor(problems: ProblemList, fill: (text: string) => string = (text) => text) {
    this.#problems = problems
    this.#fill = fill
  }

  object(node: LocatedValue | undefined): LocatedObject | undefined {
    if (node === undefined) return undefined
    if (isObject(node.value)) return { value: node.value, pointer: node.pointer }
    return this.#mismatch(node, 'an object')
  }

  list(node: LocatedValue | undefined): LocatedValue[] | undefined {
    if (node === undefined) return undefined
    const { value, pointer } = node
    if (!Array.isArray(value)) return this.#mismatch(node, 'a list')
    return value.map((item: unknown, i) => ({ value: item, pointer: pointerTo(pointer, i) }))
  }

  string(node: LocatedValue | undefined): string | undefined {
    if (node === undefined) return undefined
    return typeof node.value === 'string' ? node.value : this.#mismatch(node, 'a text')
  }

  filled(node: LocatedValue | undefined): string | undefined {
    const text = this.string(node)
    return text === undefined ? undefined : this.#fill(text)
  }

  boolean(node: LocatedValue | undefined): boolean | undefined {
    if (node === undefined) return undefined
    return typeof node.value === 'boolean' ? node.value : this.#mismatch(node, 'true or false')
  }

  integer(node: LocatedValue | undefined): number | undefined {
    if (node === undefined) return undefined
    return Number.isSafeInteger(node.value)
      ? (node.value as number)
      : this.#mismatch(node, 'a whole number')
  }

  /** A list of texts; items of another type are reported and left out. */
  strings(node: LocatedValue | undefined): string[] | undefined {
    return this.list(node)
      ?.map((item) => this.string(item))
      .filter((item) => item !== undefined)
  }

  #mismatch(node: LocatedValue, expected: string): undefined {
    const found = preview(node.value)
    this.#problems.error(node.pointer, {
      code: 'type-mismatch',
      message: `Expected ${expected} here, found ${found}.`,
      mend: `Write ${expected}${expected === 'a text' ? ', in quotes' : ''}.`,
    })
  }
}
