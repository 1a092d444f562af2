/**
 * A child process of the bench: pinned to a core, remembered, and ended by its id whatever happens.
 *
 * Every process that the bench starts goes through `startChild`. `stopAll` ends what is left; it runs on the normal
 * way out, on failure and on Ctrl-C, and a last synchronous sweep runs when the runner itself exits.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { tree } from './process-tree.ts'

const TAIL_CHARACTERS_MAX = 4_096
const OUTPUT_CHARACTERS_MAX = 1 << 22
const STOP_MS = 5_000

export interface ChildOptions {
  readonly name: string
  readonly command: readonly string[]
  readonly core: number
  readonly environment?: Readonly<Record<string, string>>
  /** Keep standard output, for a load generator that prints its result. */
  readonly capture?: boolean
}

export interface Child {
  readonly name: string
  readonly pid: number
  readonly process: ChildProcess
  /** Resolves with the exit code, or -1 after a signal. */
  readonly ended: Promise<number>
  output: string
  /** The last of what it wrote to standard error: the reason when something fails. */
  tail: string
}

const living = new Set<Child>()

process.on('exit', () => {
  for (const child of living) for (const { pid } of tree(child.pid)) signal(pid, 'SIGKILL')
})

/** Starts a pinned child. `taskset` replaces itself by the command, so `pid` is the command's. */
export function startChild(options: ChildOptions): Child {
  const spawned = spawn('taskset', ['-c', String(options.core), ...options.command], {
    stdio: ['ignore', options.capture ? 'pipe' : 'ignore', 'pipe'],
    env: { ...process.env, ...options.environment },
  })
  if (spawned.pid === undefined) throw new Error(`bench: taskset cannot start ${options.name}`)
  const child: Child = {
    name: options.name,
    pid: spawned.pid,
    process: spawned,
    ended: new Promise((resolve) => spawned.once('close', (code) => resolve(code ?? -1))),
    output: '',
    tail: '',
  }
  living.add(child)
  child.ended.then(() => living.delete(child))
  spawned.stderr?.setEncoding('utf8').on('data', (text: string) => {
    child.tail = (child.tail + text).slice(-TAIL_CHARACTERS_MAX)
  })
  spawned.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (child.output.length < OUTPUT_CHARACTERS_MAX) child.output += text
  })
  return child
}

/** Runs a child to its end and returns what it printed; any exit code but 0 is an error. */
export async function runChild(options: ChildOptions): Promise<string> {
  const child = startChild({ ...options, capture: true })
  const code = await child.ended
  if (code !== 0) {
    throw new Error(`bench: ${options.name} ended with code ${code}: ${child.tail || child.output}`)
  }
  return child.output
}

export function isLiving(child: Child): boolean {
  return living.has(child)
}

/** Asks a child to end; what is left of its tree after five seconds is killed. */
export async function stopChild(child: Child): Promise<void> {
  if (!living.has(child)) return
  child.process.kill('SIGTERM')
  const timer = setTimeout(() => {
    for (const { pid } of tree(child.pid)) signal(pid, 'SIGKILL')
  }, STOP_MS)
  await child.ended
  clearTimeout(timer)
}

export async function stopAll(): Promise<void> {
  await Promise.all([...living].map(stopChild))
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself in between.
  }
}
