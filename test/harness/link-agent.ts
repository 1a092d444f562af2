/** Agents of VPC links in processes of their own, as `postern link` starts them, and the commands about links. */

import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { LinkView } from '../../src/services/postern/link-messages.ts'
import { fileEnd } from './file-end.ts'
import { BARE_ENVIRONMENT } from './server.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
/** Where commands find their Postern, and agents their place. */
export interface DataFolder {
  readonly folder: string
}

/** Of a server that has links: its link port is a free one, for this machine only. */
export const LINK_FLAGS = ['--link', '0', '--link-host', '127.0.0.1']
const PATIENCE_MS = 10_000
const LOOK_AGAIN_MS = 50

export interface CommandEnd {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What a command says; it talks to the Postern of that folder. */
export function postern(folder: string, ...words: string[]): Promise<CommandEnd> {
  return new Promise((resolveEnd) => {
    const options = { cwd: folder, env: BARE_ENVIRONMENT }
    execFile(process.execPath, [MAIN, ...words], options, (error, stdout, stderr) =>
      resolveEnd({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

/** The answer of a command that has to work. */
export async function posternJson<T>(server: DataFolder, ...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await postern(
    server.folder,
    ...[...words, '--data', server.folder, '--json'],
  )
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout) as T
}

export interface MadeLink {
  readonly VpcLinkId: string
  readonly Token: string
  readonly LinkPort: number
}

export function makeLink(server: DataFolder, name: string, ...allow: string[]): Promise<MadeLink> {
  const flags = allow.flatMap((each) => ['--allow', each])
  return posternJson(server, 'links', 'create', name, ...flags)
}

/** The link as soon as it is so. */
export async function untilLink(
  server: DataFolder,
  link: string,
  isSo: (view: LinkView) => boolean,
): Promise<LinkView> {
  for (let leftMs = PATIENCE_MS; ; leftMs -= LOOK_AGAIN_MS) {
    const view = await posternJson<LinkView>(server, 'links', 'show', link)
    if (isSo(view)) return view
    if (leftMs <= 0) return assert.fail(`the link stays ${JSON.stringify(view)}`)
    await setTimeout(LOOK_AGAIN_MS)
  }
}

export class TestAgent {
  readonly child: ChildProcess
  readonly state: string
  readonly lines: string[] = []
  readonly ended: Promise<number>
  readonly #waiting = new Set<() => void>()

  constructor(child: ChildProcess, state: string) {
    this.child = child
    this.state = state
    this.ended = once(child, 'exit').then(([code]) => Number(code))
    createInterface({ input: child.stderr! }).on('line', (line) => {
      this.lines.push(line)
      for (const wake of this.#waiting) wake()
    })
  }

  /** As soon as it has said so. */
  async said(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => pattern.test(line))
      if (found !== undefined) return found
      const more = new Promise<void>((wake) => this.#waiting.add(wake))
      const late = setTimeout(PATIENCE_MS, 'late', { ref: false })
      const first = await Promise.race([more, late, this.ended.then(() => 'ended')])
      if (first !== undefined && !this.lines.some((line) => pattern.test(line))) {
        return assert.fail(`the agent (${first}) has only said:\n${this.lines.join('\n')}`)
      }
    }
  }
}

export interface AgentWish {
  readonly port: number
  readonly token?: string
  /** A name for its state file. */
  readonly name?: string
  readonly words?: readonly string[]
}

/** It ends with the test. */
export function startAgent(t: TestContext, server: DataFolder, wish: AgentWish): TestAgent {
  const { port, token, name = 'agent', words = [] } = wish
  const state = join(server.folder, `${name}.json`)
  const flags = ['--gateway', `https://127.0.0.1:${port}`, '--state', state, '--label', name]
  const env = {
    ...BARE_ENVIRONMENT,
    ...(token === undefined ? {} : { POSTERN_TOKEN: token }),
  }
  const child = spawn(process.execPath, [MAIN, 'link', ...flags, '--json', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: server.folder,
    env,
  })
  fileEnd.after(() => child.kill('SIGKILL'))
  const agent = new TestAgent(child, state)
  t.after(async () => {
    child.kill('SIGKILL')
    await agent.ended
  })
  return agent
}
