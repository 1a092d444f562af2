/** Collects what is wrong with one definition, bounded, each entry with its place. */

import type { Problem, ProblemSeverity } from '../../domain/problem.ts'
import type { SourceDocument } from './document.ts'

/** Enough to work on; the rest is counted. */
const TOLD_MAX = 100

export interface Finding {
  /** Stable, kebab-case. */
  readonly code: string
  readonly message: string
  readonly mend: string
}

export class ProblemList {
  readonly #document: SourceDocument
  readonly #told: Record<ProblemSeverity, Problem[]> = { error: [], warning: [] }
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

  /** In the order of the text, errors and warnings mixed. */
  all(): Problem[] {
    const told = [...this.#told.error, ...this.#told.warning].sort(
      (a, b) => a.line - b.line || a.column - b.column,
    )
    return [...told, ...this.#remainder('error'), ...this.#remainder('warning')]
  }

  #add(severity: ProblemSeverity, pointer: string, finding: Finding): void {
    const told = this.#told[severity]
    if (told.length >= TOLD_MAX) {
      this.#untold[severity]++
      return
    }
    const { code, message, mend } = finding
    const { file } = this.#document
    const place = this.#document.placeOf(pointer)
    told.push({ severity, code, message, mend, file, pointer, ...place })
  }

  #remainder(severity: ProblemSeverity): Problem[] {
    const count = this.#untold[severity]
    if (count === 0) return []
    return [
      {
        severity,
        code: 'problems-more',
        message: `There are ${count} more ${severity}s.`,
        mend: 'Mend the first ones; many of the rest have the same cause.',
        file: this.#document.file,
        line: 0,
        column: 0,
        pointer: '',
      },
    ]
  }
}
