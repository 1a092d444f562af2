#!/usr/bin/env node
/** Where the program begins: the words behind the command, to cli/, to an exit code. */

import { runCli } from './cli/cli.ts'

const { stdout, stderr, env } = process

// `postern routes … | head` is no problem, and a gateway goes on serving when nobody reads what it says.
stdout.on('error', () => process.exit(0))
stderr.on('error', () => {})

const exitCode = await runCli(process.argv.slice(2), {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  environment: env,
  colors: stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '',
  columns: stdout.isTTY === true ? stdout.columns : undefined,
})

// Worker threads and idle sockets must not keep a program alive that has said it is done; results that still wait for
// a slow reader must be written first.
stdout.write('', () => process.exit(exitCode))
