/**
 * The debug header: who sends a debug key in `x-postern-debug` is told in `x-postern-why` which step decided and why.
 *
 * Off while no key is set. Keys are known by their SHA-256 only, and compared in constant time. The request's field never
 * reaches an origin, a mapping or a log; `vary` keeps an answer with the field from those who hold no key.
 */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Exchange } from '../../http/exchange.ts'
import { X_POSTERN_DEBUG } from '../../http/message/known-headers.ts'
import { hopText } from '../../invocation/hop-text.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import type { Evidence } from '../../observability/explain/evidence.ts'
import { REASONS, type ReasonCode } from '../../observability/explain/reasons.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { decidingStepOf } from './deciding-step.ts'
import { exchangeEvidence } from './early-evidence.ts'

/** A key is no longer than this, so that hashing one is cheap. */
const KEY_CHARACTERS_MAX = 256
const VALUE_CHARACTERS_MAX = 900

export class DebugKeys {
  readonly #hashes: readonly Buffer[]

  /** SHA-256 of each key, in hexadecimal digits. */
  constructor(hashes: readonly string[]) {
    this.#hashes = hashes.map((hash) => Buffer.from(hash, 'hex'))
  }

  /** The lines for the answer to this call; '' for who has no key. */
  fieldsOf(x: Invocation): string {
    if (!this.#holds(x.exchange)) return ''
    const { clock } = x.stageContext.services
    x.evidence ??= x.because?.(x)
    const gatewayMs = clock.now() - x.startedMs - Math.max(0, x.integrationLatencyMs)
    const times = `gateway=${gatewayMs.toFixed(2)}ms${
      x.integrationLatencyMs < 0 ? '' : `; integration=${x.integrationLatencyMs.toFixed(2)}ms`
    }`
    const code = x.reasonCode === undefined ? '' : `; reason=${x.reasonCode}`
    return linesOf(`step=${decidingStepOf(x)}${code}${told(x.evidence)}${wayOf(x)}; ${times}`)
  }

  /** The same for an answer before there was a stage. */
  earlyFieldsOf(exchange: Exchange, code: ReasonCode, snapshot: Snapshot): string {
    if (!this.#holds(exchange)) return ''
    const evidence = exchangeEvidence(code, exchange, snapshot)
    return linesOf(`step=${REASONS[code].step}; reason=${code}${told(evidence)}`)
  }

  #holds({ request }: Exchange): boolean {
    const { fields } = request
    const at = fields.find(X_POSTERN_DEBUG)
    if (at === -1 || fields.find(X_POSTERN_DEBUG, at + 1) !== -1) return false
    const key = fields.value(at)
    if (key.length > KEY_CHARACTERS_MAX) return false
    const hash = createHash('sha256').update(key, 'latin1').digest()
    let holds = false
    // All of them, so that the time says nothing about which one was near.
    for (const known of this.#hashes) holds = timingSafeEqual(known, hash) || holds
    return holds
  }
}

function wayOf(x: Invocation): string {
  const hop = hopText(x)
  return hop === '' ? '' : `; hop=${quoted(hop)}`
}

function told(evidence: Evidence | undefined): string {
  if (evidence === undefined) return ''
  const { rule, seen, passes } = evidence
  return `; rule=${quoted(rule)}; seen=${quoted(seen)}; passes=${quoted(passes)}`
}

/** What may stand in a quoted string of a field (RFC 9110 §5.6.4), and no more of it than one needs. */
function quoted(text: string): string {
  return `"${text.slice(0, 240).replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')}"`
}

function linesOf(value: string): string {
  return `x-postern-why: ${value.slice(0, VALUE_CHARACTERS_MAX)}\r\nvary: x-postern-debug\r\n`
}
