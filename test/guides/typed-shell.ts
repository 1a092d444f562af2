/** The commands of a guide, typed into a shell: only ports are others, and `postern` is the one of this checkout. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { freePorts } from '../harness/free-ports.ts'

const ROOT = resolve(import.meta.dirname, '../..')
/** As the guides have them: of the gateway, the service, the control port, the pools, HTTPS, links. */
const PORTS = ['8080', '3000', '9080', '9090', '8443', '8444'] as const

export function readGuide(name: string): Promise<string> {
  return readFile(join(ROOT, 'docs/guide', name), 'utf8')
}

/** The commands of a text, in order. */
export function commandsIn(text: string): string[] {
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map((found) => found[1]!)
}

/** Until commands find Postern; the reader of a guide sees that it is ready. */
export const UNTIL_READY = 'until postern apis > /dev/null 2>&1; do sleep 0.2; done\n'

export interface Typing {
  readonly script: string
  /** Folders in front of the PATH. */
  readonly path?: readonly string[]
}

/** What the shell prints, with the ports of the guide. Whatever it leaves running ends with the test. */
export async function typed(t: TestContext, { script, path = [] }: Typing): Promise<string> {
  const free = await freePorts(PORTS.length)
  const folder = await mkdtemp(join(tmpdir(), 'postern-guide-'))
  const text = `postern() { node ${join(ROOT, 'src/main.ts')} "$@"; }\n${script}`
  const [http, , control, identity, https, link] = free
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', replaced(text, PORTS, free)], {
    ...{ cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
    env: {
      ...withoutAws(process.env),
      PATH: [dirname(process.execPath), ...path, process.env['PATH']].join(':'),
      ...{ POSTERN_HTTP: `${http}`, POSTERN_HTTPS: `${https}`, POSTERN_LINK: `${link}` },
      ...{ POSTERN_CONTROL: `${control}`, POSTERN_IDENTITY: `${identity}` },
    },
  })
  t.after(async () => {
    process.kill(-shell.pid!, 'SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  let output = ''
  let errors = ''
  shell.stdout!.setEncoding('utf8').on('data', (part: string) => {
    output += part
  })
  shell.stderr!.setEncoding('utf8').on('data', (part: string) => {
    errors += part
  })
  const [code] = (await once(shell, 'exit')) as [number | null]
  assert.equal(code, 0, output + errors)
  return replaced(output, free, PORTS)
}

function replaced(
  text: string,
  from: readonly (string | number)[],
  to: readonly (string | number)[],
): string {
  const ports = new Map(from.map((port, i) => [`${port}`, `${to[i]}`]))
  return text.replace(
    /(?<=localhost:|127\.0\.0\.1:|listen\()\d+/g,
    (port) => ports.get(port) ?? port,
  )
}

/** Of the machine that the test runs on, no configuration counts. */
function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('AWS_'))
  return { ...Object.fromEntries(kept), AWS_CONFIG_FILE: '/dev/null', AWS_PAGER: '' }
}
