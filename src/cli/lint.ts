/** `postern lint`: every error and warning of the definitions, for people or as JSON. */

import { formatProblem, type Problem } from '../domain/problem.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { loadNamed } from './definition-files.ts'

export async function lint(input: CommandInput): Promise<number> {
  const { configuration, problems } = await loadNamed('lint', input)
  if (input.settings.json) printJson(input.terminal, { problems })
  else printLines(input.terminal, [...problems.map(formatProblem), verdict(problems)])
  return configuration === undefined ? 1 : 0
}

function verdict(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length
  const warnings = problems.length - errors
  return `${count(errors, 'error')}, ${count(warnings, 'warning')}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
