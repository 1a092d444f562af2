/** One live request as a line: when, how it ended, what was asked, which route of which API, where the time went. */

import type { TailLine } from '../domain/tail-line.ts'
import type { Color, Paint } from './paint.ts'
import { printable } from './text-table.ts'

const METHOD_WIDTH = 7
const WHY_WIDTH = 12
/** Paths up to here stand in columns; longer ones push the rest of their line. */
const PATH_WIDTH = 24
const COLORS: readonly Color[] = ['dim', 'cyan', 'green', 'cyan', 'yellow', 'red']

export function tailText(line: TailLine, paint: Paint): string {
  const { status, method, path, routeKey, apiId, stage } = line
  const route = routeKey === '' ? 'no route' : printable(routeKey)
  const place = stage === '$default' ? apiId : `${apiId}/${stage}`
  const parts = [
    paint('dim', timeOfDay(line.time)),
    paint(COLORS[Math.floor(status / 100)] ?? 'dim', status === 0 ? '---' : String(status)),
    `${printable(method).padEnd(METHOD_WIDTH)} ${printable(path).padEnd(PATH_WIDTH)}`,
    paint('dim', `→ ${route} (${printable(place)})`),
    latencyText(line),
  ]
  const { reasonCode, reason, reasonDetail, integrationError } = line
  const trouble = [reasonCode, reason, reasonDetail, integrationError].filter(Boolean).join(' ')
  if (trouble !== '') parts.push(paint('red', printable(trouble)))
  return parts.join('  ')
}

/** Local: whoever watches live looks at the clock on the wall. */
function timeOfDay(epochMs: number): string {
  const date = new Date(epochMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const seconds = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
  return `${two(date.getHours())}:${two(date.getMinutes())}:${seconds}`
}

function latencyText({ latencyMs, integrationLatencyMs }: TailLine): string {
  if (latencyMs < 0) return 'unfinished'
  if (integrationLatencyMs < 0) return milliseconds(latencyMs)
  return `${milliseconds(latencyMs)} (integration ${milliseconds(integrationLatencyMs)})`
}

function milliseconds(ms: number): string {
  return ms < 100 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

/** What `--why` adds below a call that was refused. */
export function whyLines({ rule, seen, passes }: TailLine, paint: Paint): string[] {
  const rows = [
    ['rule', rule],
    ['seen', seen],
    ['would pass', passes],
  ] as const
  return rows.flatMap(([label, text]) =>
    text === undefined || text === ''
      ? []
      : [`    ${paint('dim', label.padEnd(WHY_WIDTH))}${printable(text)}`],
  )
}
