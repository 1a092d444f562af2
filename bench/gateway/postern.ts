/** Postern as a user starts it: `node dist/main.js up DEFINITION --target ORIGIN …`, with its own kind of certificate. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../process/free-port.ts'
import { BARE_DEFINITION } from './definition.ts'
import type { Gateway, Place } from './gateway.ts'

const ROOT = new URL('../../', import.meta.url)

export interface PosternOptions {
  readonly name?: string
  readonly workers?: number
  /** The definition's text; the bare routes by default. */
  readonly definition?: string | ((place: Place) => string)
  /** Path of the definition, to rewrite it while Postern runs. */
  readonly definitionPath?: string
  /** `json` goes to a file in its folder. */
  readonly accessLog?: 'none' | 'json'
  /** The `main.js` of another build; that of this folder by default. */
  readonly program?: string
  /** Further words of the command line. */
  readonly flags?: readonly string[]
  /** Fills its data folder before it starts. */
  readonly seed?: (data: string) => Promise<void>
}

export function postern(options: PosternOptions = {}): Gateway {
  return {
    name: options.name ?? 'postern',
    async launch(place) {
      const { folder, port, tlsPort, originPort } = place
      await options.seed?.(posternData(folder))
      const definition = options.definitionPath ?? join(folder, 'api.yaml')
      const text = options.definition ?? BARE_DEFINITION
      writeFileSync(definition, typeof text === 'string' ? text : text(place))
      const flags: Readonly<Record<string, string | number>> = {
        target: `http://127.0.0.1:${originPort}`,
        http: port,
        https: tlsPort === 0 ? 'off' : tlsPort,
        control: await freePort(),
        workers: options.workers ?? 1,
        data: posternData(folder),
        limits: 'extended',
        'access-log': options.accessLog ?? 'none',
        ...(options.accessLog === 'json' ? { 'access-log-file': accessLogPath(folder) } : {}),
      }
      const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
      const further = options.flags ?? []
      const program = options.program ?? posternProgram()
      return { command: [process.execPath, program, 'up', definition, ...words, ...further] }
    },
  }
}

/** The access log of a gateway whose own folder is this. */
export function accessLogPath(folder: string): string {
  return join(folder, 'access.log')
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
