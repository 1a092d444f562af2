/**
 * The AWS command line, loaded once for many calls (`warm-aws.py`): each call is a process of its own all the same, which
 * runs the unchanged program, but four fifths of its time were those of loading Python's modules.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Outcome } from './outside-clients.ts'

const PROGRAM = resolve(import.meta.dirname, 'warm-aws.py')
const SHEBANG = /^#!(\/\S*python3?) *\n/

export interface WarmOptions {
  /** The whole of it; nothing else reaches the client. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

/** The Python that a command is written for; undefined where it is no program in Python. */
export function pythonOf(command: string): string | undefined {
  return SHEBANG.exec(readFileSync(command, 'latin1').slice(0, 128))?.[1]
}

/** Calls wait for one another. The process ends with ours. */
export class WarmAws {
  readonly #child: ChildProcess
  readonly #pipes: readonly Socket[]
  readonly #waiting: PromiseWithResolvers<Outcome>[] = []
  #said = ''

  constructor(command: string, python: string, { env, timeoutMs }: WarmOptions) {
    const words = [PROGRAM, command, String(Math.ceil(timeoutMs / 1_000))]
    this.#child = spawn(python, words, { env, stdio: ['pipe', 'pipe', 'pipe'] })
    const { stdin, stdout, stderr } = this.#child
    this.#pipes = [stdin, stdout, stderr] as unknown as Socket[]
    createInterface({ input: stdout! }).on('line', (line) => this.#answer(line))
    stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text
    })
    stdin!.on('error', () => undefined)
    this.#child.on('error', (error) => this.#end(error.message))
    this.#child.on('close', (code, signal) => this.#end(`it has ended by ${signal ?? code}`))
    this.#rest()
  }

  run(words: readonly string[]): Promise<Outcome> {
    const outcome = Promise.withResolvers<Outcome>()
    this.#waiting.push(outcome)
    this.#child.ref()
    for (const pipe of this.#pipes) pipe.ref()
    this.#child.stdin!.write(`${JSON.stringify(words)}\n`)
    return outcome.promise
  }

  #answer(line: string): void {
    const [status, stdout, stderr] = JSON.parse(line) as [number, string, string]
    const outcome = this.#waiting.shift()!
    if (this.#waiting.length === 0) this.#rest()
    if (status >= 0) outcome.resolve({ status, stdout, stderr })
    else outcome.reject(new Error(`aws was ended by signal ${-status}\n${stderr}`))
  }

  /** Nobody waits for it, so it holds nobody up. */
  #rest(): void {
    this.#child.unref()
    for (const pipe of this.#pipes) pipe.unref()
  }

  #end(what: string): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(`${what}\n${this.#said}`))
  }
}
