#!/usr/bin/env node
/** Where the program begins: the words behind the command, to cli/, to an exit code. */

import { runCli } from './cli/cli.ts'

const { stdin, stdout, stderr, env } = process

// `postern routes … | head` is no problem, and a gateway goes on serving when nobody reads what it says. A result that
// could not be written whole is one: `postern export > api.yaml` on a full disk.
stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit(0)
  stderr.write(`postern: The result cannot be written: ${message}\n`, () => process.exit(1))
})
stderr.on('error', () => {})

const exitCode = await runCli(process.argv.slice(2), {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  environment: env,
  colors: stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '',
  columns: stdout.isTTY === true ? stdout.columns : undefined,
  ...(stdin.isTTY === true && stderr.isTTY === true ? { ask } : {}),
})

// Worker threads and idle sockets must not keep a program alive that has said it is done; results that still wait for
// a slow reader must be written first.
stdout.write('', (error) => {
  if (error == null) process.exit(exitCode)
})

/** On standard error, so that results can be sent elsewhere. The end of the input is no answer. */
async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: stdin, output: stderr })
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('\n')))
  try {
    const answer = await Promise.race([lines.question(question), ended])
    // What is said next begins on a line of its own.
    if (answer === '\n') stderr.write('\n')
    return answer.trim()
  } finally {
    lines.close()
  }
}
