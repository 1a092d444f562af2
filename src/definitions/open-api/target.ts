/** `--target URL`: the one service behind every operation that names none. */

import { clip } from '../document/preview.ts'
import type { ImportRun } from './import-run.ts'
import { findUriProblem } from './integration-uri.ts'

/** The address without a slash at its end; undefined when there is none or, told, when it cannot be used. */
export function readTarget(run: ImportRun): string | undefined {
  const { target } = run.options
  if (target === undefined) return undefined
  const problem = findUriProblem(target, {}) ?? findExtraPart(target)
  if (problem === undefined) return target.replace(/\/+$/, '')
  run.problems.setting({
    code: 'target-invalid',
    message: `--target ${clip(withoutCredentials(target))}: ${problem.message}`,
    mend: problem.mend,
  })
  return undefined
}

function findExtraPart(target: string): { message: string; mend: string } | undefined {
  if (!/[?{}]/.test(target)) return undefined
  return {
    message: 'The address holds a query or a variable.',
    mend: 'Write http://host:port, with a base path if there is one.',
  }
}

/** Messages end up in logs. */
function withoutCredentials(target: string): string {
  return target.replace(/\/\/[^/?#]*@/, '//…@')
}
