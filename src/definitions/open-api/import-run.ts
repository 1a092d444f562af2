/** What every reader of one import shares: the document, the options, and the list of what is wrong. */

import type { SourceDocument } from '../document/document.ts'
import { type LocatedValue, ValueReader } from '../document/located-value.ts'
import { ProblemList } from '../document/problem-list.ts'
import type { ImportOptions } from './open-api.ts'

export interface ImportRun {
  readonly document: SourceDocument
  readonly options: ImportOptions
  readonly problems: ProblemList
  readonly read: ValueReader
  readonly root: LocatedValue
}

export function beginRun(document: SourceDocument, options: ImportOptions): ImportRun {
  const problems = new ProblemList(document)
  const read = new ValueReader(problems)
  return { document, options, problems, read, root: { value: document.root, pointer: '' } }
}

/** `file:line`, for the `source` fields of routes and integrations. */
export function sourceOf(run: ImportRun, pointer: string): string {
  return `${run.document.file}:${run.document.placeOf(pointer).line}`
}
