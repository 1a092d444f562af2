/**
 * Where access-log lines go: the program's own lines, and those of stages whose settings name a log group or a delivery
 * stream, which Postern does not have. `--access-log-destination ARN=TARGET` says what stands in for one; only the
 * operator names files and addresses, never a management call.
 *
 * Without any such setting every stage writes to the program's own log. With one, an ARN that none fits is refused.
 */

import { usageFailure } from '../failure.ts'
import type { Settings } from './settings.ts'

/** `channel`: handed to the main thread, which sends it on. */
export type LogPlace =
  | { readonly kind: 'stdout' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'channel'; readonly channel: string; readonly form: 'line' | 'otlp' }

export interface LogDestination {
  /** An ARN; may hold `*` and `?`. */
  readonly pattern: string
  /** Undefined: the program's own log. */
  readonly place: LogPlace | undefined
}

export interface LogPlan {
  readonly own: LogPlace
  readonly destinations: readonly LogDestination[]
}

/** Name of the outlet's channel for log records in OTLP. */
export const OTLP_LOGS = 'logs'
const URL_CHANNEL = 'log '

/** Throws a Failure. */
export function planLogs(
  settings: Pick<Settings, 'accessLogFile' | 'accessLogUrl' | 'accessLogDestination'>,
): LogPlan {
  const { accessLogFile, accessLogUrl, accessLogDestination } = settings
  if (accessLogFile !== undefined && accessLogUrl !== undefined) {
    throw usageFailure(
      '--access-log-file and --access-log-url: lines go to one place',
      'Leave one of the two out.',
    )
  }
  const destinations = Object.entries(accessLogDestination).map(([pattern, target]) => ({
    pattern: checkedArn(pattern),
    place: placeOf(pattern, target),
  }))
  return { own: ownPlace(accessLogFile, accessLogUrl), destinations }
}

function ownPlace(file: string | undefined, url: string | undefined): LogPlace {
  if (file !== undefined) return { kind: 'file', path: file }
  return url === undefined ? { kind: 'stdout' } : channelOf(url)
}

function checkedArn(pattern: string): string {
  if (/^(?:arn:[a-z*-]+:(?:logs|firehose|\*):.+|\*)$/.test(pattern)) return pattern
  throw usageFailure(
    `--access-log-destination: ${JSON.stringify(pattern)} is no ARN of a log group or a delivery stream`,
    'Write ARN=TARGET, such as arn:aws:logs:*:*:log-group:shop=file:/var/log/shop.log',
  )
}

function placeOf(pattern: string, target: string): LogPlace | undefined {
  if (target === 'log') return undefined
  if (target === 'stdout') return { kind: 'stdout' }
  if (target.startsWith('file:') && target.length > 'file:'.length) {
    return { kind: 'file', path: target.slice('file:'.length).replace(/^\/\/(?=\/)/, '') }
  }
  const place = target === 'otlp' || isUrl(target) ? channelOf(target) : undefined
  if (place !== undefined) return place
  throw usageFailure(
    `--access-log-destination: ${pattern} leads nowhere`,
    'A target is log, stdout, otlp, file:PATH, or a URL without user, ? and #.',
  )
}

function isUrl(text: string): boolean {
  return /^https?:\/\/[^/@?#]+(?:\/[^?#]*)?$/.test(text) && URL.canParse(text)
}

function channelOf(target: string): LogPlace {
  if (target === 'otlp') return { kind: 'channel', channel: OTLP_LOGS, form: 'otlp' }
  return { kind: 'channel', channel: `${URL_CHANNEL}${target}`, form: 'line' }
}

/** Every place that lines may go to, each once. */
export function placesOf({ own, destinations }: LogPlan): readonly LogPlace[] {
  const all = [own, ...destinations.map(({ place }) => place)]
  const byKey = new Map(all.filter((one) => one !== undefined).map((one) => [keyOfPlace(one), one]))
  return [...byKey.values()]
}

export function keyOfPlace(place: LogPlace): string {
  if (place.kind === 'channel') return place.channel
  return place.kind === 'file' ? `file ${place.path}` : 'stdout'
}

/** The URL that a channel's lines are sent to; undefined: they are OTLP. */
export function urlOfChannel(channel: string): string | undefined {
  return channel.startsWith(URL_CHANNEL) ? channel.slice(URL_CHANNEL.length) : undefined
}
