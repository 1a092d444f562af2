/** A definition written in JSON: checked in one pass, built by `JSON.parse`, located when somebody asks. */

import { keysOf, parentOf } from './json-pointer.ts'
import { type JsonPlace, scanJson } from './json-scanner.ts'
import { INDEXED_DEPTH, type ParsedSource, type SourceLimits } from './parsed-source.ts'

export function parseJson(text: string, limits: SourceLimits): ParsedSource {
  const places = new Map<string, JsonPlace>()
  const faults = scanJson(text, {
    start: 0,
    pointer: '',
    depthMax: limits.definitionDepth,
    indexDepth: INDEXED_DEPTH,
    places,
    whole: true,
  })
  const root: unknown = faults.length === 0 ? JSON.parse(text) : undefined
  const locator = new JsonLocator(text, places)
  return { root, faults, locate: (pointer) => locator.locate(pointer) }
}

class JsonLocator {
  readonly #text: string
  readonly #places: Map<string, JsonPlace>
  /** Pointers below which everything is indexed. */
  readonly #indexed = new Set<string>()

  constructor(text: string, places: Map<string, JsonPlace>) {
    this.#text = text
    this.#places = places
  }

  locate(pointer: string): number {
    const keys = keysOf(pointer)
    if (keys.length > INDEXED_DEPTH) this.#index(ancestorOf(pointer, keys.length))
    for (let known = pointer; known !== ''; known = parentOf(known)) {
      const place = this.#places.get(known)
      if (place !== undefined) return place.offset
    }
    return 0
  }

  #index(ancestor: string): void {
    const place = this.#places.get(ancestor)
    if (place === undefined || this.#indexed.has(ancestor)) return
    this.#indexed.add(ancestor)
    scanJson(this.#text, {
      start: place.value,
      pointer: ancestor,
      depthMax: Number.POSITIVE_INFINITY,
      indexDepth: Number.POSITIVE_INFINITY,
      places: this.#places,
      whole: false,
    })
  }
}

function ancestorOf(pointer: string, depth: number): string {
  let ancestor = pointer
  for (let i = depth; i > INDEXED_DEPTH; i--) ancestor = parentOf(ancestor)
  return ancestor
}
