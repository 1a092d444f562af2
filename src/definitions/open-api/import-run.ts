/** What every reader of one import shares: the document, the options, and the list of what is wrong. */

import type { SourceDocument } from '../document/document.ts'
import { type LocatedValue, ValueReader } from '../document/located-value.ts'
import { ProblemList } from '../document/problem-list.ts'
import type { Enforce, ReadOptions } from './open-api.ts'
import { fillPseudoParameters } from './pseudo-parameters.ts'

export interface ImportRun {
  readonly document: SourceDocument
  readonly options: ReadOptions
  readonly enforce: Enforce
  readonly problems: ProblemList
  readonly read: ValueReader
  readonly root: LocatedValue
  /** Identifiers that have been given, of whatever kind of resource. */
  readonly ids: Set<string>
}

export function beginRun(
  document: SourceDocument,
  options: ReadOptions,
  enforce: Enforce,
): ImportRun {
  const problems = new ProblemList(document)
  const read = new ValueReader(problems, (text) => fillPseudoParameters(text, options))
  const root = { value: document.root, pointer: '' }
  return { document, options, enforce, problems, read, root, ids: new Set() }
}

/** `file:line`, for the `source` fields of routes and integrations. */
export function sourceOf(run: ImportRun, pointer: string): string {
  return `${run.document.file}:${run.document.placeOf(pointer).line}`
}
