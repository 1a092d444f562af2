/**
 * From the words of a command line to an exit code.
 *
 * The one place where failures are caught: each becomes its sentence on standard error and its exit code. Anything
 * else that is thrown is a bug and keeps its stack.
 */

import { nearestName } from '../expression/did-you-mean.ts'
import { Failure, usageFailure } from '../server/failure.ts'
import {
  type CommandLine,
  checkFlagsOf,
  parseCommandLine,
} from '../server/settings/command-line.ts'
import { readSettings } from '../server/settings/settings-sources.ts'
import { type Command, printJson, type Terminal } from './command.ts'
import { COMMANDS, commandOf } from './commands.ts'

/** Runs one command to its end. `words` come without node and script. */
export async function runCli(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(parseCommandLine(words), terminal)
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    printFailure(thrown, terminal, asksForJson(words, terminal.environment))
    return thrown.exitCode
  }
}

/** The words themselves: a failure may be that they, or postern.yaml, cannot be read. */
function asksForJson(words: readonly string[], environment: Terminal['environment']): boolean {
  const word = words.findLast((each) => /^--(?:no-)?json(?:=|$)/.test(each))
  const text = word === undefined ? environment['POSTERN_JSON'] : JSON_WORDS[word]
  return text === 'true' || text === '1'
}

const JSON_WORDS: Readonly<Record<string, string>> = {
  '--json': 'true',
  '--json=true': 'true',
  '--json=1': 'true',
}

async function dispatch(line: CommandLine, terminal: Terminal): Promise<number> {
  if (line.version || line.help || line.command === '') return answerAbout(line, terminal)
  const command = commandOf(line.command)
  if (command === undefined) throw unknownCommand(line.command)
  checkFlagsOf(command.name, line)
  checkOperandsOf(command, line.operands)
  const { environment } = terminal
  const settings = await readSettings({ command: command.name, line, environment })
  const run = await command.load()
  return run({ settings, operands: line.operands, terminal })
}

/** `--version`, `--help`, or nothing at all. */
async function answerAbout(line: CommandLine, terminal: Terminal): Promise<number> {
  if (line.version) {
    const { readVersion } = await import('../server/version.ts')
    const version = readVersion()
    if (line.flags.has('json')) printJson(terminal, { version })
    else terminal.out(`${version}\n`)
    return 0
  }
  const { textOf } = await import('./help.ts')
  const command = commandOf(line.command)
  if (line.command !== '' && command === undefined) throw unknownCommand(line.command)
  const text = textOf(command, terminal.columns)
  // Asked for, help is a result; without any command it is the answer to a mistake.
  if (line.help) terminal.out(text)
  else terminal.err(text)
  return line.help ? 0 : 2
}

/** What would be ignored is refused. */
function checkOperandsOf({ name, operands, operandsMax }: Command, given: readonly string[]): void {
  if (operandsMax === undefined || given.length <= operandsMax) return
  throw usageFailure(
    `postern ${name} does not know what to do with ${given[operandsMax]}`,
    `Usage: postern ${name} ${operands}`.trimEnd(),
  )
}

function unknownCommand(name: string): Failure {
  const near = nearestName(
    name,
    COMMANDS.map((command) => command.name),
  )
  const mend = near === undefined ? 'postern help lists them.' : `Did you mean postern ${near}?`
  return usageFailure(`There is no command ${name}`, mend)
}

function printFailure(failure: Failure, terminal: Terminal, json: boolean): void {
  const { message, mend, details } = failure
  if (json) {
    terminal.err(`${JSON.stringify({ level: 'error', message, mend, details })}\n`)
    return
  }
  for (const detail of details) terminal.err(`${detail}\n`)
  terminal.err(`postern: ${message}\n`)
  if (mend !== undefined) terminal.err(`  → ${mend}\n`)
}
