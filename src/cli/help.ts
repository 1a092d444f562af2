/** `postern help`: the commands, or one command with its flags, defaults and examples; all from the tables. */

import { nearestName } from '../expression/did-you-mean.ts'
import { usageFailure } from '../server/failure.ts'
import { flagRows } from '../server/settings-reference.ts'
import { type Command, type CommandInput, printJson } from './command.ts'
import { COMMANDS, commandOf } from './commands.ts'
import { renderTable } from './text-table.ts'

export async function help({ settings, operands, terminal }: CommandInput): Promise<number> {
  const [name] = operands
  const command = name === undefined ? undefined : commandOf(name)
  if (name !== undefined && command === undefined) throw unknown(name)
  if (settings.json) printJson(terminal, (command === undefined ? COMMANDS : [command]).map(facts))
  else terminal.out(command === undefined ? renderOverview() : renderHelp(command))
  return 0
}

/** What one sees first. */
export function renderOverview(): string {
  const rows = COMMANDS.map((command) => [`  ${command.name}`, command.summary])
  return [
    'Postern is Amazon API Gateway as a program that you run yourself.',
    '',
    'Usage: postern COMMAND [FLAG…]',
    '',
    ...renderTable([], rows),
    '',
    'Begin with:',
    '  postern dev api.yaml --target http://localhost:3000',
    '',
    'postern help COMMAND shows the flags of a command. Each flag can also be a variable (--access-log is',
    'POSTERN_ACCESS_LOG) or a key of postern.yaml (access-log). Exit codes: 0 fine, 1 a problem, 2 a wrong',
    'command line or setting.',
    '',
  ].join('\n')
}

export function renderHelp(command: Command): string {
  const flags = flagRows(command.name).map(([flag, meaning]) => [`  ${flag}`, meaning])
  const examples = command.examples.map(([line, purpose]) => [`  ${line}`, purpose])
  return [
    `Usage: postern ${command.name} ${command.operands}`.trimEnd() +
      (flags.length > 0 ? ' [FLAG…]' : ''),
    '',
    command.summary,
    '',
    ...command.description,
    '',
    'Examples:',
    ...renderTable([], examples),
    '',
    'Flags, with the default in brackets:',
    ...renderTable([], flags),
    '',
  ].join('\n')
}

function facts(command: Command): object {
  const { load: _, ...texts } = command
  return {
    ...texts,
    flags: flagRows(command.name).map(([flag, meaning]) => ({ flag, meaning })),
  }
}

function unknown(name: string) {
  const near = nearestName(
    name,
    COMMANDS.map((command) => command.name),
  )
  const mend =
    near === undefined ? 'postern help lists them.' : `Did you mean postern help ${near}?`
  return usageFailure(`There is no command ${name}`, mend)
}
