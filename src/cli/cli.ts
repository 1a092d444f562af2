/**
 * From the words of a command line to an exit code.
 *
 * The one place where failures are caught: each becomes its sentence on standard error and its exit code. Anything
 * else that is thrown is a bug and keeps its stack.
 */

import { nearestName } from '../expression/did-you-mean.ts'
import { type CommandLine, checkFlagsOf, parseCommandLine } from '../server/command-line.ts'
import { Failure, usageFailure } from '../server/failure.ts'
import { readSettings } from '../server/settings-sources.ts'
import type { Terminal } from './command.ts'
import { COMMANDS, commandOf } from './commands.ts'

/** Runs one command to its end. `words` come without node and script. */
export async function runCli(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(parseCommandLine(words), terminal)
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    printFailure(thrown, terminal, words.includes('--json'))
    return thrown.exitCode
  }
}

async function dispatch(line: CommandLine, terminal: Terminal): Promise<number> {
  if (line.version || line.help || line.command === '') return answerAbout(line, terminal)
  const command = commandOf(line.command)
  if (command === undefined) throw unknownCommand(line.command)
  checkFlagsOf(command.name, line)
  const { environment } = terminal
  const settings = await readSettings({ command: command.name, line, environment })
  const run = await command.load()
  return run({ settings, operands: line.operands, terminal })
}

/** `--version`, `--help`, or nothing at all. */
async function answerAbout(line: CommandLine, terminal: Terminal): Promise<number> {
  if (line.version) {
    const { readVersion } = await import('../server/version.ts')
    terminal.out(`${readVersion()}\n`)
    return 0
  }
  const { renderHelp, renderOverview } = await import('./help.ts')
  const command = commandOf(line.command)
  if (line.command !== '' && command === undefined) throw unknownCommand(line.command)
  const text = command === undefined ? renderOverview() : renderHelp(command)
  // Asked for, help is a result; without any command it is the answer to a mistake.
  if (line.help) terminal.out(text)
  else terminal.err(text)
  return line.help ? 0 : 2
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
