/**
 * The field `postern-link`: what hub and agent tell each other about one request, besides the request
 * (`docs/link-protocol.md`). Parts are separated by `;`; a part that is not known is skipped.
 */

import type { OriginTls } from '../http/client/origin-pool.ts'
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

/** What does not change from one request to the next. */
export function targetTerms({ address, stage }: LinkTarget): string {
  const { host, port, tls } = address
  const server = tls === undefined || tls.serverName === '' ? '' : `;sni=${tls.serverName}`
  const insecure = tls?.verify === false ? ';insecure' : ''
  return `to=${host.includes(':') ? `[${host}]` : host}:${port};stage=${stage}${server}${insecure}`
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

/** Undefined when it does not say where to. */
export function readTerms(text: string): ReadTerms | undefined {
  const parts = new Map(
    text.split(';').map((part): [string, string] => {
      const equals = part.indexOf('=')
      return equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
    }),
  )
  const target = TARGET.exec(parts.get('to') ?? '')
  const port = Number(target?.[3])
  const responseTimeoutMs = Number(parts.get('timeout') ?? 30_000)
  const idleTimeoutMs = Number(parts.get('idle') ?? 30_000)
  if (target === null || port < 1 || port > 65_535) return undefined
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
  const retry: WireErrorRetry = parts?.[2] === 'always' ? 'always' : 'never'
  return wireError(kind, 'origin', retry, `agent: ${parts?.[3] ?? 'an answer without a meaning'}`)
}
