/**
 * The line that `postern dev` prints for each call: when, what, how it ended, which route took it, and where the time
 * went. Made for people at a terminal; access logs are for programs.
 */

import type { ContextSource } from '../../expression/context-source.ts'
import { escapePlain } from './escape.ts'

export interface DevLineOptions {
  readonly colours: boolean
  /** Why the gateway itself answered, in words; undefined when the integration did. */
  readonly reason?: string | undefined
}

const METHOD_WIDTH = 7
/** Paths and routes up to here stand in columns; longer ones push the rest of their line. */
const PATH_WIDTH = 24
const ROUTE_WIDTH = 22
const STATUS_COLOURS: Readonly<Record<number, number>> = { 1: 36, 2: 32, 3: 36, 4: 33, 5: 31 }
const DIM = 2

export function formatDevLine(source: ContextSource, options: DevLineOptions): string {
  const paint = options.colours ? paintAnsi : paintNothing
  const parts = [
    paint(DIM, timeOfDay(source.requestTimeEpoch)),
    paint(STATUS_COLOURS[Math.floor(source.status / 100)] ?? DIM, statusText(source.status)),
    `${escapePlain(source.httpMethod).padEnd(METHOD_WIDTH)} ${escapePlain(source.path).padEnd(PATH_WIDTH)}`,
    paint(DIM, `→ ${routeText(source.routeKey).padEnd(ROUTE_WIDTH)}`),
    latencyText(source),
  ]
  const trouble = [options.reason ?? '', source.integrationError].filter(Boolean).join(' ')
  if (trouble !== '') parts.push(paint(STATUS_COLOURS[5]!, escapePlain(trouble)))
  return parts.join('  ')
}

function routeText(routeKey: string): string {
  return routeKey === '' ? 'no route' : escapePlain(routeKey)
}

function timeOfDay(epochMs: number): string {
  const date = new Date(epochMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const seconds = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
  return `${two(date.getHours())}:${two(date.getMinutes())}:${seconds}`
}

/** `---` for a call that ended without an answer. */
function statusText(status: number): string {
  return status === 0 ? '---' : String(status)
}

function latencyText({ responseLatencyMs, integrationLatencyMs }: ContextSource): string {
  if (responseLatencyMs < 0) return 'unfinished'
  const whole = milliseconds(responseLatencyMs)
  if (integrationLatencyMs < 0) return whole
  const gateway = milliseconds(Math.max(0, responseLatencyMs - integrationLatencyMs))
  return `${whole} (gateway ${gateway}, integration ${milliseconds(integrationLatencyMs)})`
}

function milliseconds(ms: number): string {
  return ms < 100 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

function paintAnsi(colour: number, text: string): string {
  return `\x1b[${colour}m${text}\x1b[0m`
}

function paintNothing(_colour: number, text: string): string {
  return text
}
