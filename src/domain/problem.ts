/** What is wrong with a definition or a setting, said so that its author can mend it. */

export type ProblemSeverity = 'error' | 'warning'

export interface Problem {
  readonly severity: ProblemSeverity
  /** Stable, kebab-case: `integration-missing`. */
  readonly code: string
  /** One sentence: what is wrong. */
  readonly message: string
  /** One sentence: what to do. */
  readonly mend: string
  readonly file: string
  /** From 1; 0 where there is no place. */
  readonly line: number
  readonly column: number
  /** JSON pointer (RFC 6901) into the definition; '' for the whole. */
  readonly pointer: string
}

/** `api.yaml:12:5: error: sentence (at /paths/~1pets) — mend` */
export function formatProblem(problem: Problem): string {
  const place =
    problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file
  const pointer = problem.pointer === '' ? '' : ` (at ${problem.pointer})`
  return `${place}: ${problem.severity}: ${problem.message}${pointer}\n  → ${problem.mend} [${problem.code}]`
}
