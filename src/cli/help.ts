/** `postern help`: the commands, or one command with its flags, defaults and examples; all from the tables. */

import { nearestName } from '../expression/did-you-mean.ts'
import { usageFailure } from '../server/failure.ts'
import { flagRows } from '../server/settings/settings-reference.ts'
import { type Command, type CommandInput, printJson } from './command.ts'
import { COMMANDS, commandOf } from './commands.ts'
import { renderPairs, wrap } from './text-table.ts'

/** Wider lines are hard to read; narrower ones break flags apart. */
const WIDTH_MAX = 100
const WIDTH_MIN = 60
const FLAG_COLUMN = 30

export async function help({ settings, operands, terminal }: CommandInput): Promise<number> {
  const [name] = operands
  const command = name === undefined ? undefined : commandOf(name)
  if (name !== undefined && command === undefined) throw unknown(name)
  if (settings.json) printJson(terminal, (command === undefined ? COMMANDS : [command]).map(facts))
  else terminal.out(textOf(command, terminal.columns))
  return 0
}

/** Help about one command, or about all of Postern. `columns` is the width of the terminal, if there is one. */
export function textOf(command: Command | undefined, columns: number | undefined): string {
  const width = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, columns ?? WIDTH_MAX))
  return command === undefined ? renderOverview(width) : renderHelp(command, width)
}

/** What one sees first. */
function renderOverview(width: number): string {
  const rows = COMMANDS.map(({ name, summary }) => [`  ${name}`, summary] as const)
  return [
    'Postern is Amazon API Gateway as a program that you run yourself.',
    '',
    'Usage: postern COMMAND [FLAG…]',
    '',
    ...renderPairs(rows, { width, leftMax: FLAG_COLUMN }),
    '',
    'Begin with:',
    '  postern dev api.yaml --target http://localhost:3000',
    '',
    ...wrap(EPILOGUE, width),
    '',
  ].join('\n')
}

const EPILOGUE =
  'postern help COMMAND shows the flags of a command. Each flag can also be a variable (--access-log is ' +
  'POSTERN_ACCESS_LOG) or a key of postern.yaml (access-log). Exit codes: 0 fine, 1 a problem, 2 a ' +
  'wrong command line or setting, or a definition that differs (diff).'

function renderHelp(command: Command, width: number): string {
  const flags = flagRows(command.name).map(([flag, meaning]) => [`  ${flag}`, meaning] as const)
  const examples = command.examples.map(([line, purpose]) => [`  ${line}`, purpose] as const)
  return [
    `Usage: postern ${command.name} ${command.operands}`.trimEnd() +
      (flags.length > 0 ? ' [FLAG…]' : ''),
    '',
    ...wrap(command.summary, width),
    '',
    ...command.description.flatMap((paragraph) => [...wrap(paragraph, width), '']),
    'Examples:',
    ...renderPairs(examples, { width, leftMax: Math.floor(width * 0.6) }),
    '',
    'Flags, with the default in brackets:',
    ...renderPairs(flags, { width, leftMax: FLAG_COLUMN }),
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
