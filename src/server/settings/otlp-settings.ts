/**
 * Where OTLP goes: the settings of Postern, and behind them the variables that all of OpenTelemetry knows.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 *
 * Pure. Postern speaks OTLP over HTTP in its JSON form, which every receiver of OTLP/HTTP takes.
 */

import { isFieldValue } from '../../http/message/characters.ts'
import { usageFailure } from '../failure.ts'
import type { Settings } from './settings.ts'

export type Signal = 'traces' | 'metrics' | 'logs'
export type Environment = Readonly<Record<string, string | undefined>>

export interface OtlpTarget {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly gzip: boolean
  readonly timeoutMs: number
}

const TIMEOUT_MS = 10_000

/** Undefined: nothing says where this signal goes, or something says that it goes nowhere. */
export function otlpTarget(
  signal: Signal,
  settings: Pick<Settings, 'otlpEndpoint' | 'otlpHeader'>,
  environment: Environment,
): OtlpTarget | undefined {
  const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_`
  const read = (name: string) => environment[`${own}${name}`] || general(environment, name)
  const url = settings.otlpEndpoint === undefined ? undefined : under(settings.otlpEndpoint, signal)
  const found = url ?? endpointOf(signal, environment)
  if (found === undefined) return undefined
  if (url === undefined) checkProtocol(read('PROTOCOL'))
  return {
    url: found,
    headers: checkHeaders({ ...headersOf(read('HEADERS')), ...settings.otlpHeader }),
    gzip: read('COMPRESSION') === 'gzip',
    timeoutMs: timeoutOf(read('TIMEOUT')),
  }
}

/** Names and values that would break the head they stand in; the message has no value in it. */
export function checkHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name) && isFieldValue(value)) continue
    throw usageFailure(`The header ${JSON.stringify(name)} for a collector cannot be sent`)
  }
  return { ...headers }
}

function general(environment: Environment, name: string): string | undefined {
  return environment[`OTEL_EXPORTER_OTLP_${name}`] || undefined
}

function under(base: string, signal: Signal): string {
  return `${base.replace(/\/+$/, '')}/v1/${signal}`
}

function endpointOf(signal: Signal, environment: Environment): string | undefined {
  if (environment['OTEL_SDK_DISABLED'] === 'true') return undefined
  if (environment[`OTEL_${signal.toUpperCase()}_EXPORTER`] === 'none') return undefined
  const variable = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`
  const own = environment[variable]
  if (own) return checkUrl(variable, own)
  const base = general(environment, 'ENDPOINT')
  return base === undefined
    ? undefined
    : under(checkUrl('OTEL_EXPORTER_OTLP_ENDPOINT', base), signal)
}

function checkUrl(variable: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '') return text
  throw usageFailure(
    `${variable} must be a URL such as http://localhost:4318`,
    'Secrets belong into OTEL_EXPORTER_OTLP_HEADERS.',
  )
}

function checkProtocol(protocol: string | undefined): void {
  if (protocol === undefined || protocol.startsWith('http/')) return
  throw usageFailure(
    `OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}, and Postern speaks OTLP over HTTP`,
    'Name the HTTP port of the collector, usually 4318: --otlp-endpoint http://localhost:4318',
  )
}

/** `name=value,name=value`, both percent-encoded. */
function headersOf(text: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const pair of (text ?? '').split(',')) {
    const equals = pair.indexOf('=')
    if (equals < 1) continue
    headers[pair.slice(0, equals).trim().toLowerCase()] = decoded(pair.slice(equals + 1).trim())
  }
  return headers
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function timeoutOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,7}$/.test(text) ? Math.max(1, Number(text)) : TIMEOUT_MS
}

/** Who is speaking, for all signals. */
export function resourceOf(environment: Environment, version: string): Record<string, string> {
  const given = headersOf(environment['OTEL_RESOURCE_ATTRIBUTES'])
  return {
    'service.name': 'postern',
    'service.version': version,
    'telemetry.sdk.name': 'postern',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': version,
    ...given,
    ...(environment['OTEL_SERVICE_NAME']
      ? { 'service.name': environment['OTEL_SERVICE_NAME'] }
      : {}),
  }
}
