/** `postern tail`: live requests, one line each, until Ctrl-C. */

import type { TailLine } from '../domain/tail-line.ts'
import { failure } from '../server/failure.ts'
import type { CommandInput, Terminal } from './command.ts'
import { type ControlClient, connect } from './control-client.ts'
import { chooseApi } from './named-api.ts'
import { type Paint, painter } from './paint.ts'
import { tailText, whyLines } from './tail-text.ts'

export async function tail({ settings, terminal }: CommandInput): Promise<number> {
  const client = await connect(settings, terminal.environment)
  const { api, route, status } = settings
  const apiId = api === undefined ? undefined : (await chooseApi(client, api)).ApiId
  const stop = new AbortController()
  const onInterrupt = () => stop.abort()
  process.once('SIGINT', onInterrupt)
  try {
    const path = tailPath({ api: apiId, route, status })
    return await follow({
      client,
      path,
      terminal,
      json: settings.json,
      explains: settings.why,
      signal: stop.signal,
    })
  } finally {
    process.off('SIGINT', onInterrupt)
  }
}

interface Following {
  readonly client: Pick<ControlClient, 'lines'>
  readonly path: string
  readonly terminal: Pick<Terminal, 'out' | 'err' | 'colors'>
  readonly json: boolean
  /** Refused calls are told on what grounds. */
  readonly explains?: boolean
  /** Whoever watches has seen enough. */
  readonly signal: AbortSignal
}

/** Resolves to 0 when `signal` says so. Throws a failure when the server ends first. */
export async function follow(following: Following): Promise<number> {
  const { client, path, terminal, signal } = following
  const paint = painter(terminal.colors)
  try {
    for await (const line of client.lines(path, signal)) show(line, following, paint)
  } catch (thrown) {
    if (!signal.aborted) throw thrown
  }
  if (signal.aborted) return 0
  throw failure('Postern has ended, or has closed this stream', 'Is it still running? postern apis')
}

function show(line: string, { terminal, json, explains = false }: Following, paint: Paint): void {
  if (json) {
    terminal.out(`${line}\n`)
    return
  }
  const read = JSON.parse(line) as TailLine | { readonly omitted: number }
  if ('omitted' in read) {
    terminal.err(`${read.omitted} requests are not shown: there were too many\n`)
  } else {
    const why = explains ? whyLines(read, paint) : []
    terminal.out(`${[tailText(read, paint), ...why].join('\n')}\n`)
  }
}

function tailPath(filter: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${encodeURIComponent(value)}`,
  )
  return `_postern/tail${given.length === 0 ? '' : `?${given.join('&')}`}`
}
