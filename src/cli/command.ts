/**
 * What every command is made of, and what it is given.
 *
 * A command reads settings and operands, prints through `terminal`, and returns an exit code: 0 fine, 1 a problem,
 * 2 drift. Usage mistakes are thrown as failures and end with 2, too.
 */

import type { Settings } from '../server/settings/settings.ts'

/** Where a command reads its surroundings and writes its results. */
export interface Terminal {
  /** Results. */
  out(text: string): void
  /** Everything else: problems, progress, advice. */
  err(text: string): void
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Standard output is a terminal that may be painted. */
  readonly colors: boolean
  /** How wide it is; undefined where it is no terminal. */
  readonly columns: number | undefined
  /** Puts a question and resolves to the line that was typed; undefined where nobody can answer. */
  readonly ask?: (question: string) => Promise<string>
}

export interface CommandInput {
  readonly settings: Settings
  readonly operands: readonly string[]
  readonly terminal: Terminal
}

export type RunCommand = (input: CommandInput) => Promise<number>

export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What stands behind the name: `[DEFINITION…]`. */
  readonly operands: string
  /** More of them are a mistake; undefined: as many as one likes. */
  readonly operandsMax?: number
  /** Words that a shell completes as operands; undefined: files. */
  readonly operandWords?: readonly string[]
  /** One short paragraph a string. */
  readonly description: readonly string[]
  /** A command line and what it is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[]
  readonly load: () => Promise<RunCommand>
}

/** One JSON document on standard output. */
export function printJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`)
}

export function printLines(terminal: Terminal, lines: readonly string[]): void {
  terminal.out(`${lines.join('\n')}\n`)
}
