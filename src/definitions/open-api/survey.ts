/**
 * One walk over the whole document, before anything is read: references that lead outside or nowhere, and extensions
 * at places where nobody would look for them.
 */

import { pointerTo } from '../document/json-pointer.ts'
import { isObject } from '../document/located-value.ts'
import { checkMisplaced, isOurs } from './extensions.ts'
import type { ImportRun } from './import-run.ts'
import { dangling, external, isLocal, lookUp, referenceOf } from './references.ts'

/** Below these keys stands data of the API, in which `$ref` and `x-` mean nothing. */
const DATA_KEYS = new Set(['example', 'examples', 'default', 'enum', 'const'])

export function survey(run: ImportRun): void {
  new Survey(run).visit(run.root.value)
}

class Survey {
  readonly #run: ImportRun
  readonly #keys: string[] = []

  constructor(run: ImportRun) {
    this.#run = run
  }

  visit(value: unknown): void {
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) this.#descend(String(i), value[i])
    } else if (isObject(value)) {
      this.#visitObject(value)
    }
  }

  #visitObject(value: Readonly<Record<string, unknown>>): void {
    const reference = referenceOf(value)
    if (reference !== undefined) this.#checkReference(reference)
    for (const key of Object.keys(value)) {
      if (isOurs(key) && !this.#isReadElsewhere()) {
        checkMisplaced(this.#run, pointerTo(this.#pointer(), key), key)
      } else if (!this.#isData(key)) {
        this.#descend(key, value[key])
      }
    }
  }

  #descend(key: string, value: unknown): void {
    if (typeof value !== 'object') return
    this.#keys.push(key)
    this.visit(value)
    this.#keys.pop()
  }

  #isData(key: string): boolean {
    return DATA_KEYS.has(key) || (key.startsWith('x-') && !isOurs(key))
  }

  #checkReference(reference: string): void {
    const { problems, root } = this.#run
    const pointer = () => pointerTo(this.#pointer(), '$ref')
    if (!isLocal(reference)) {
      problems.error(pointer(), external(reference))
      return
    }
    // `#name` is an anchor of a schema; who follows a reference tells itself when it leads nowhere.
    if (this.#isFollowed() || !reference.startsWith('#/')) return
    if (lookUp(root, reference) === undefined) problems.warn(pointer(), dangling(reference))
  }

  /** Objects whose extensions their own reader checks. */
  #isReadElsewhere(): boolean {
    const [first, second] = this.#keys
    switch (this.#keys.length) {
      case 0:
        return true
      case 1:
        return first === 'components'
      case 2:
        return first === 'paths' || first === 'servers' || first === 'tags'
      case 3:
        return first === 'paths' || isDefinitionOf(first, second, ['securitySchemes', 'pathItems'])
      case 4:
        return isDefinitionOf(first, second, ['pathItems'])
      default:
        return false
    }
  }

  #isFollowed(): boolean {
    const [first, second] = this.#keys
    if (this.#keys.length === 2) return first === 'paths'
    return this.#keys.at(-1) === 'x-amazon-apigateway-integration' || second === 'securitySchemes'
  }

  #pointer(): string {
    return this.#keys.reduce(pointerTo, '')
  }
}

function isDefinitionOf(
  first: string | undefined,
  second: string | undefined,
  kinds: readonly string[],
): boolean {
  return first === 'components' && second !== undefined && kinds.includes(second)
}
