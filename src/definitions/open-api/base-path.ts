/**
 * The base path of the servers, and what becomes of it: `ignore` (the default, as in ImportApi), `prepend` to every
 * path, or `split`, which drops the first segment and prepends the rest.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html
 */

import { type LocatedValue, memberOf } from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { ImportRun } from './import-run.ts'

export type BasePathMode = 'ignore' | 'prepend' | 'split'

const MODES: readonly string[] = ['ignore', 'prepend', 'split']

interface BasePath {
  readonly path: string
  readonly pointer: string
}

/** What to put before every path: '' or `/a/b`. */
export function readPathPrefix(run: ImportRun): string {
  const mode = readMode(run)
  const found = mode === 'ignore' ? undefined : findBasePath(run)
  if (found === undefined) return ''
  const segments = found.path.split('/').filter((segment) => segment !== '')
  if (segments.some((segment) => !/^[A-Za-z0-9_.~,:+-]+$/.test(segment))) {
    run.problems.error(found.pointer, {
      code: 'base-path-invalid',
      message: `The base path ${preview(found.path)} is not made of plain segments.`,
      mend: 'Use letters, digits and _ . ~ , : + - between slashes, or x-postern-base-path: ignore.',
    })
    return ''
  }
  if (mode === 'split') segments.shift()
  return segments.map((segment) => `/${segment}`).join('')
}

function readMode(run: ImportRun): BasePathMode {
  const node = memberOf(run.root, 'x-postern-base-path')
  if (node === undefined) return run.options.basePath ?? 'ignore'
  if (typeof node.value === 'string' && MODES.includes(node.value))
    return node.value as BasePathMode
  run.problems.error(node.pointer, {
    code: 'base-path-mode',
    message: `${preview(node.value)} is not a way to treat the base path.`,
    mend: 'Write ignore, prepend or split.',
  })
  return 'ignore'
}

/** The variable `basePath` of any server, the first one counting; else the path of the first server's URL. */
function findBasePath(run: ImportRun): BasePath | undefined {
  const servers = run.read.list(memberOf(run.root, 'servers')) ?? []
  for (const server of servers) {
    const variable = variableOf(server, 'basePath')
    if (variable !== undefined) return { path: String(variable.value), pointer: variable.pointer }
  }
  const url = servers[0] && memberOf(servers[0], 'url')
  if (typeof url?.value !== 'string') return undefined
  return { path: pathOf(url.value, servers[0]!), pointer: url.pointer }
}

function variableOf(server: LocatedValue, name: string): LocatedValue | undefined {
  const variables = memberOf(server, 'variables')
  const variable = variables && memberOf(variables, name)
  return variable && memberOf(variable, 'default')
}

function pathOf(url: string, server: LocatedValue): string {
  const filled = url.replace(/\{([^{}]+)\}/g, (written, name: string) => {
    const variable = variableOf(server, name)
    return variable === undefined ? written : String(variable.value)
  })
  return filled.replace(/^(?:[A-Za-z][A-Za-z0-9+.-]*:)?\/\/[^/?#]*/, '').replace(/[?#].*$/s, '')
}
