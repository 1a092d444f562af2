/** What the readers of both syntaxes hand back: plain values, and where each of them was written. */

import { preview } from './preview.ts'

/** Something that makes a text unreadable. */
export interface SourceFault {
  readonly code: string
  readonly message: string
  readonly mend: string
  readonly offset: number
  readonly pointer: string
}

export interface ParsedSource {
  /** Plain objects, arrays, strings, numbers, booleans and null; undefined when there is a fault. */
  readonly root: unknown
  readonly faults: readonly SourceFault[]
  /** Offset of the key (or list item) at `pointer`, or of the nearest one that encloses it. */
  locate(pointer: string): number
}

/** Numbers that keep a hostile text from costing more than it should. */
export interface SourceLimits {
  readonly definitionDepth: number
  readonly definitionValues: number
}

/** How deep places are indexed at once: `/paths/~1pets/get`. Deeper ones are looked up when asked for. */
export const INDEXED_DEPTH = 3

/** Faults of one text that are told; a broken file has many and one cause. */
export const FAULTS_MAX = 10

export function duplicateKey(key: string, offset: number, pointer: string): SourceFault {
  return {
    code: 'key-duplicate',
    message: `The key ${preview(key)} is written twice in the same object.`,
    mend: 'Keep one of the two: readers disagree about which one counts.',
    offset,
    pointer,
  }
}

export function forbiddenKey(offset: number, pointer: string): SourceFault {
  return {
    code: 'key-forbidden',
    message: 'A key must not be named "__proto__".',
    mend: 'Rename the key.',
    offset,
    pointer,
  }
}

export function tooDeep(depthMax: number, offset: number, pointer: string): SourceFault {
  return {
    code: 'definition-too-deep',
    message: `Objects and lists are nested more than ${depthMax} deep.`,
    mend: 'Give the inner parts a name under components and refer to them with $ref.',
    offset,
    pointer,
  }
}
