// hot path — see STYLE §8
/**
 * Last but for the log: what a call was, in a few integers, into the memory that `postern explain` reads.
 *
 * A call that ended well costs the integers. One that did not has a text besides, with the grounds of its refusal, as
 * long as there are not too many of them: texts are counted by reason, so that a flood of one kind costs little and
 * drives out none of another kind.
 */

import type { Clock } from '../../base/clock.ts'
import type { Limits } from '../../domain/limits.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { WireError } from '../../http/wire-error.ts'
import { hopText } from '../../invocation/hop-text.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import type { ExplainRecords } from '../../invocation/stage-context.ts'
import { type CallMemory, FLAG } from '../../observability/explain/call-memory.ts'
import { joinCallText } from '../../observability/explain/call-text.ts'
import { CallFigures, CallWriter } from '../../observability/explain/call-writer.ts'
import type { Evidence } from '../../observability/explain/evidence.ts'
import { REASON_CODES, REASONS, type ReasonCode } from '../../observability/explain/reasons.ts'
import { STEP_NAMES } from '../../observability/explain/steps.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { decidingStepOf } from './deciding-step.ts'
import { exchangeEvidence, wireEvidence } from './early-evidence.ts'

export interface RecorderParts {
  readonly memory: CallMemory
  readonly clock: Clock
  readonly limits: Limits
}

/** A request that was refused before it had a stage. */
export interface RefusedExchange {
  readonly requestId: string
  readonly code: ReasonCode
  readonly exchange: Exchange
  readonly snapshot: Snapshot
}

const REASON_NUMBERS = new Map<ReasonCode, number>(REASON_CODES.map((code, i) => [code, i + 1]))
const STEP_NUMBERS = new Map(STEP_NAMES.map((step, i) => [step, i]))
/** Somebody who looks at single calls sees all of them; under load the memory stays that of troubles. */
const WAYS_PER_SECOND = 4
const INTEGRATE = STEP_NUMBERS.get('integrate')!

export class CallRecorder implements ExplainRecords {
  readonly #writer: CallWriter
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #figures = new CallFigures()
  /** Texts of the present second, by the number of their reason. */
  readonly #texts = new Uint32Array(REASON_CODES.length + 1)
  #second = 0

  constructor({ memory, clock, limits }: RecorderParts) {
    this.#writer = new CallWriter(memory)
    this.#clock = clock
    this.#limits = limits
  }

  keep(x: Invocation): void {
    const figures = this.#figures
    const { connection } = x.exchange
    figures.status = x.status
    figures.startedMs = x.startedMs
    figures.stageNumber = x.stageContext.stageNumber
    figures.routeIndex = x.plan.routeIndex
    figures.integrationStatus = x.integrationStatus
    figures.integrationStartedMs = x.integrationStartedMs
    figures.integrationLatencyMs = x.integrationLatencyMs
    figures.latencyMs = x.responseLatencyMs
    figures.waitedMs = x.waitedMs
    figures.responseBytes = x.responseLength
    figures.flags = connection.tls === undefined ? 0 : tlsFlags(x.exchange)
    if (x.reason !== undefined || x.status >= 400 || x.detail !== '' || x.replyBodiless) {
      this.#keepTrouble(x)
      return
    }
    figures.reason = 0
    figures.step = INTEGRATE
    const isIndirect = x.linked !== undefined || x.balanced !== undefined
    if (isIndirect && this.#mayTellWay()) this.#tell(x, NO_EVIDENCE)
    else this.#writer.writeCall(x.requestId, figures)
  }

  /** An exchange without a stage. */
  keepRefused(refused: RefusedExchange): void {
    const { requestId, code, exchange, snapshot } = refused
    const { request, connection } = exchange
    this.#beginEarly(code)
    this.#figures.flags = connection.tls === undefined ? 0 : tlsFlags(exchange)
    const text = this.#mayTell(this.#figures.reason)
      ? joinCallText({
          ...exchangeEvidence(code, exchange, snapshot),
          ...{ method: request.method, host: request.authority, path: request.path, detail: '' },
        })
      : ''
    this.#writer.writeTrouble(requestId, this.#figures, text)
  }

  /** A request that never became an exchange. */
  keepUnread(requestId: string, code: ReasonCode, error: WireError): void {
    this.#beginEarly(code)
    const text = this.#mayTell(this.#figures.reason)
      ? joinCallText({
          ...wireEvidence(error, this.#limits),
          ...{ method: '', host: '', path: '', detail: error.detail },
        })
      : ''
    this.#writer.writeTrouble(requestId, this.#figures, text)
  }

  #beginEarly(code: ReasonCode): void {
    const figures = this.#figures
    Object.assign(figures, EARLY)
    figures.startedMs = this.#clock.now()
    figures.status = REASONS[code].status
    figures.reason = REASON_NUMBERS.get(code)!
    figures.step = STEP_NUMBERS.get(REASONS[code].step)!
  }

  #keepTrouble(x: Invocation): void {
    const figures = this.#figures
    const { reasonCode } = x
    figures.reason = reasonCode === undefined ? 0 : REASON_NUMBERS.get(reasonCode)!
    figures.step = STEP_NUMBERS.get(decidingStepOf(x))!
    if (x.replyBodiless) figures.flags |= FLAG.preflight
    const isCut = reasonCode === undefined && x.detail !== ''
    if (isCut) figures.flags |= FLAG.cut
    // What cannot be told in words is worth no place among the troubles.
    if (!this.#mayTell(figures.reason)) this.#writer.writeCall(x.requestId, figures)
    else this.#tell(x, x.evidence ?? x.because?.(x))
  }

  #tell(x: Invocation, evidence: Evidence | undefined): void {
    // A preflight that was answered as it asked is no trouble.
    if (x.replyBodiless && evidence === undefined) {
      this.#writer.writeCall(x.requestId, this.#figures)
      return
    }
    x.evidence = evidence
    const { httpMethod: method, path, detail } = x
    const host = x.exchange.request.authority
    const text = joinCallText({
      ...(evidence ?? NO_EVIDENCE),
      ...{ method, host, path, detail, hop: hopText(x) },
    })
    this.#writer.writeTrouble(x.requestId, this.#figures, text)
  }

  /** Of calls that ended well: few, since each takes the place of a call that did not. */
  #mayTellWay(): boolean {
    return this.#mayTell(0) && this.#texts[0]! <= WAYS_PER_SECOND
  }

  /** One more text of this kind in this second. */
  #mayTell(reason: number): boolean {
    const second = Math.floor(this.#clock.now() / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#texts.fill(0)
    }
    this.#texts[reason]!++
    return this.#texts[reason]! <= this.#limits.explainTextsPerSecond
  }
}

const NO_EVIDENCE: Evidence = { rule: '', seen: '', passes: '' }

/** All figures of a request that had no stage. */
const EARLY: Readonly<CallFigures> = { ...new CallFigures(), latencyMs: 0 }

function tlsFlags(exchange: Exchange): number {
  return exchange.protocol === 'HTTP/2.0' ? FLAG.tls | FLAG.http2 : FLAG.tls
}
