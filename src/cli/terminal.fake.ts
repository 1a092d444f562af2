/** A terminal that remembers what was said, for tests of commands. */

import { runCli } from './cli.ts'
import type { Terminal } from './command.ts'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Run extends Partial<Pick<Terminal, 'environment' | 'columns' | 'ask'>> {
  readonly words: readonly string[]
}

/** Runs the command line to its end. */
export async function runWords({ words, environment = {}, columns, ask }: Run): Promise<Said> {
  let out = ''
  let err = ''
  const code = await runCli(words, {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    environment,
    colors: false,
    columns,
    ...(ask === undefined ? {} : { ask }),
  })
  return { code, out, err }
}
