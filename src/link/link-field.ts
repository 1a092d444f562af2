/**
 * The field `postern-link`: what hub and agent tell each other about one request, besides the request
 * (`docs/link-protocol.md`). Parts are separated by `;`; a part that is not known is skipped.
 */

import type { OriginTls } from '../http/client/origin-tls.ts'
import { isFieldValue } from '../http/message/characters.ts'
import {
  type WireError,
  type WireErrorKind,
  type WireErrorRetry,
  wireError,
} from '../http/wire-error.ts'
import type { LinkTarget } from './contract.ts'

const DETAIL_CHARACTERS_MAX = 500

export interface RequestTerms {
  readonly responseTimeoutMs: number
  readonly idleTimeoutMs: number
}

/** What does not change from one request to the next. Encoded, since an author of an API has a say in it. */
export function targetTerms({ address, stage }: LinkTarget): string {
  const { host, port, tls } = address
  const name = tls?.serverName ?? ''
  const server = name === '' ? '' : `;sni=${encodeURIComponent(name)}`
  const insecure = tls?.verify === false ? ';insecure' : ''
  const to = host.includes(':') ? `[${host}]` : encodeURIComponent(host)
  return `to=${to}:${port};stage=${encodeURIComponent(stage)}${server}${insecure}`
}

export function requestTerms(target: string, terms: RequestTerms): string {
  const { responseTimeoutMs, idleTimeoutMs } = terms
  return `${target};timeout=${responseTimeoutMs};idle=${idleTimeoutMs}`
}

export interface ReadTerms extends RequestTerms {
  readonly host: string
  readonly port: number
  readonly stage: string
  readonly tls: OriginTls
}

const TARGET = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.~-]+)):(\d{1,5})$/

/** Undefined when it does not say where to, or says something twice. */
export function readTerms(text: string): ReadTerms | undefined {
  const parts = readParts(text)
  const target = TARGET.exec(parts?.get('to') ?? '')
  const port = Number(target?.[3])
  if (parts === undefined || target === null || port < 1 || port > 65_535) return undefined
  const responseTimeoutMs = Number(parts.get('timeout') ?? 30_000)
  const idleTimeoutMs = Number(parts.get('idle') ?? 30_000)
  if (!(responseTimeoutMs > 0) || !(idleTimeoutMs > 0)) return undefined
  return {
    host: (target[1] ?? target[2]!).toLowerCase(),
    port,
    stage: parts.get('stage') ?? '',
    tls: { serverName: parts.get('sni') ?? '', verify: !parts.has('insecure') },
    responseTimeoutMs,
    idleTimeoutMs,
  }
}

function readParts(text: string): ReadonlyMap<string, string> | undefined {
  const parts = new Map<string, string>()
  for (const part of text.split(';')) {
    const equals = part.indexOf('=')
    const name = equals === -1 ? part : part.slice(0, equals)
    if (parts.has(name)) return undefined
    try {
      parts.set(name, equals === -1 ? '' : decodeURIComponent(part.slice(equals + 1)))
    } catch {
      return undefined
    }
  }
  return parts
}

/** Kinds that an agent may report; another one, of a later release, is `closed`. */
const KINDS: readonly WireErrorKind[] = [
  'connect-refused',
  'connect-timeout',
  'name-not-resolved',
  'tls-handshake',
  'head-invalid',
  'head-too-large',
  'too-many-headers',
  'body-framing',
  'response-timeout',
  'idle-timeout',
  'pool-exhausted',
  'overloaded',
  'not-allowed',
  'closed',
]

/** What an agent may say of asking again; anything else is `never`. */
const RETRIES: readonly WireErrorRetry[] = ['always', 'elsewhere']

export function errorTerms(error: WireError): string {
  const words = error.detail.slice(0, DETAIL_CHARACTERS_MAX)
  const detail = isFieldValue(words) ? words : 'unprintable'
  return `error=${error.kind};retry=${error.retry};detail=${detail}`
}

/** The agent's reason why there is no answer; undefined: there is one. */
export function readError(text: string): WireError | undefined {
  if (text === 'ok') return undefined
  const parts = /^error=([\w-]+);retry=([\w-]+);detail=(.*)$/.exec(text)
  const kind = KINDS.find((known) => known === parts?.[1]) ?? 'closed'
  const retry = RETRIES.find((known) => known === parts?.[2]) ?? 'never'
  return wireError(kind, 'origin', retry, `agent: ${parts?.[3] ?? 'an answer without a meaning'}`)
}
