/** Collects what is wrong with one definition, bounded, each entry with its place. */

import type { Problem, ProblemSeverity } from '../../domain/problem.ts'
import type { SourceDocument } from './document.ts'
import { visible } from './preview.ts'

/** Enough to work on; the rest is counted. */
const TOLD_MAX = 100
/** A definition that is wrong everywhere is not read to its end. */
const UNTOLD_MAX = 1_000

/** Thrown out of a reader that goes on finding problems, to whoever began the import. */
export class TooManyProblems extends Error {
  override name = 'TooManyProblems'
}

export interface Finding {
  /** Stable, kebab-case. */
  readonly code: string
  readonly message: string
  readonly mend: string
}

export class ProblemList {
  readonly #document: SourceDocument
  readonly #told: Record<ProblemSeverity, Problem[]> = { error: [], warning: [] }
  /** Several readers may come across the same fault. */
  readonly #known = new Set<string>()
  readonly #untold: Record<ProblemSeverity, number> = { error: 0, warning: 0 }

  constructor(document: SourceDocument) {
    this.#document = document
  }

  get hasErrors(): boolean {
    return this.#told.error.length > 0
  }

  error(pointer: string, finding: Finding): void {
    this.#add('error', pointer, finding)
  }

  warn(pointer: string, finding: Finding): void {
    this.#add('warning', pointer, finding)
  }

  /** Something wrong outside the file: a flag, a setting. It has no line. */
  setting(finding: Finding): void {
    this.#tell('error', { ...finding, file: this.#document.file, pointer: '', line: 0, column: 0 })
  }

  /** In the order of the text, errors and warnings mixed. */
  all(): Problem[] {
    const told = [...this.#told.error, ...this.#told.warning].sort(
      (a, b) => a.line - b.line || a.column - b.column,
    )
    return [...told, ...this.#remainder('error'), ...this.#remainder('warning')]
  }

  #add(severity: ProblemSeverity, pointer: string, { code, message, mend }: Finding): void {
    const key = `${code} ${pointer} ${message}`
    if (this.#known.has(key)) return
    this.#known.add(key)
    if (this.#told[severity].length >= TOLD_MAX) {
      this.#count(severity)
      return
    }
    const { file } = this.#document
    const place = this.#document.placeOf(pointer)
    this.#tell(severity, { code, message, mend, file, pointer, ...place })
  }

  #count(severity: ProblemSeverity): void {
    this.#untold[severity]++
    if (this.#untold.error >= UNTOLD_MAX) throw new TooManyProblems('too many problems')
  }

  #tell(severity: ProblemSeverity, problem: Omit<Problem, 'severity'>): void {
    const { message, mend, pointer } = problem
    const shown = { message: visible(message), mend: visible(mend), pointer: visible(pointer) }
    this.#told[severity].push({ severity, ...problem, ...shown })
  }

  #remainder(severity: ProblemSeverity): Problem[] {
    const count = this.#untold[severity]
    if (count === 0) return []
    return [
      {
        severity,
        code: 'problems-more',
        message: `There are ${count === UNTOLD_MAX ? 'at least ' : ''}${count} more ${severity}s.`,
        mend: 'Mend the first ones; many of the rest have the same cause.',
        file: this.#document.file,
        line: 0,
        column: 0,
        pointer: '',
      },
    ]
  }
}
