/** Postern as a user starts it: `node dist/main.js up DEFINITION --target ORIGIN …`, with its own kind of certificate. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../process/free-port.ts'
import { BARE_DEFINITION } from './definition.ts'
import type { Gateway } from './gateway.ts'

const ROOT = new URL('../../', import.meta.url)

export interface PosternOptions {
  readonly name?: string
  readonly workers?: number
  /** The definition's text; the bare routes by default. */
  readonly definition?: string
  /** Path of the definition, to rewrite it while Postern runs. */
  readonly definitionPath?: string
  readonly accessLog?: 'none' | 'json'
}

export function postern(options: PosternOptions = {}): Gateway {
  return {
    name: options.name ?? 'postern',
    async launch({ folder, port, tlsPort, originPort }) {
      const definition = options.definitionPath ?? join(folder, 'api.yaml')
      writeFileSync(definition, options.definition ?? BARE_DEFINITION)
      const flags: Readonly<Record<string, string | number>> = {
        target: `http://127.0.0.1:${originPort}`,
        http: port,
        https: tlsPort === 0 ? 'off' : tlsPort,
        control: await freePort(),
        workers: options.workers ?? 1,
        data: posternData(folder),
        limits: 'extended',
        'access-log': options.accessLog ?? 'none',
      }
      const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
      return { command: [process.execPath, posternProgram(), 'up', definition, ...words] }
    },
  }
}

/** The data folder of a Postern whose own folder is this. */
export function posternData(folder: string): string {
  return join(folder, 'data')
}

/** The built program; the sources where nothing has been built, which Node then strips of types at start. */
export function posternProgram(): string {
  const built = fileURLToPath(new URL('dist/main.js', ROOT))
  return existsSync(built) ? built : fileURLToPath(new URL('src/main.ts', ROOT))
}
