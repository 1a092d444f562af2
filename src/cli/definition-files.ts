/** The definitions that a command was given, read and ready, for the commands that look at them without serving. */

import { failure, usageFailure } from '../server/failure.ts'
import { DefinitionLoader, type LoadedDefinitions } from '../server/load-definitions.ts'
import type { CommandInput } from './command.ts'

/** The files that were named, each once. Throws a usage failure when there is none. */
export function namedFiles(command: string, operands: readonly string[]): readonly string[] {
  if (operands.length > 0) return [...new Set(operands)]
  throw usageFailure(
    'Which definition?',
    `Name an OpenAPI file: postern ${command} api.yaml (postern help ${command})`,
  )
}

/** Reads the definitions of a command, good or bad. */
export async function loadNamed(command: string, input: CommandInput): Promise<LoadedDefinitions> {
  return new DefinitionLoader(namedFiles(command, input.operands), input.settings).load()
}

/** What `lint` would say, in one sentence. */
export function brokenDefinitions(command: string) {
  return failure(`The definitions have errors`, `Mend them and run postern ${command} again.`)
}
