/**
 * The main thread's half of explain: finds calls in the memory of all workers and tells what became of them.
 *
 * Reading asks nothing of a worker. A record names its stage by a number; what the stage's steps went by is read from the
 * document that it ran by, which is kept for a while after it was replaced.
 */

import type { Clock } from '../../base/clock.ts'
import type { HttpApiStage } from '../../domain/http-api.ts'
import type { Limits } from '../../domain/limits.ts'
import { type CallMemory, FLAG } from '../../observability/explain/call-memory.ts'
import {
  allRecords,
  findRecord,
  type RecordedCall,
} from '../../observability/explain/call-reader.ts'
import { type CallText, splitCallText } from '../../observability/explain/call-text.ts'
import type {
  ExplainAnswer,
  ExplainedCall,
  ExplainQuery,
} from '../../observability/explain/explained-call.ts'
import { REASON_CODES, REASONS, type ReasonCode } from '../../observability/explain/reasons.ts'
import { STEP_NAMES } from '../../observability/explain/steps.ts'
import type { StageNumbers } from '../usage/stage-numbers.ts'
import { explainedSteps } from './explained-steps.ts'

export interface ExplainedCallsParts {
  readonly memory: {
    /** One for each worker. */
    readonly calls: readonly CallMemory[]
    readonly numbers: Pick<StageNumbers, 'stageOf' | 'latestRevision'>
  }
  /** The one that all threads share. */
  readonly clock: Clock
  readonly limits: Limits
}

interface Found {
  readonly worker: number
  readonly record: RecordedCall
}

export class ExplainedCalls {
  readonly #parts: ExplainedCallsParts

  constructor(parts: ExplainedCallsParts) {
    this.#parts = parts
  }

  answer(query: ExplainQuery): ExplainAnswer {
    const { requestId, count } = query
    let kept = 0
    let oldestMs = Number.POSITIVE_INFINITY
    const fitting: Found[] = []
    for (const [worker, memory] of this.#parts.memory.calls.entries()) {
      if (requestId !== undefined) {
        const record = findRecord(memory, requestId)
        if (record !== undefined && this.#fits(record, query)) return this.#one({ worker, record })
      }
      for (const record of allRecords(memory)) {
        kept++
        oldestMs = Math.min(oldestMs, record.startedMs)
        if (requestId === undefined && this.#fits(record, query)) fitting.push({ worker, record })
      }
    }
    fitting.sort((one, other) => other.record.startedMs - one.record.startedMs)
    const keptSince = kept === 0 ? 0 : this.#epochMs(oldestMs)
    const calls = fitting.slice(0, count).map((found) => this.#explain(found))
    return { calls, kept, keptSince }
  }

  #one(found: Found): ExplainAnswer {
    return { calls: [this.#explain(found)], kept: 0, keptSince: 0 }
  }

  #fits(record: RecordedCall, query: ExplainQuery): boolean {
    const { statuses, apiId, routeKey, accountId } = query
    if (statuses !== undefined && !statuses.some((wanted) => fitsStatus(record.status, wanted))) {
      return false
    }
    if (apiId === undefined && routeKey === undefined && accountId === undefined) return true
    const stage = this.#parts.memory.numbers.stageOf(record.stageNumber)
    if (stage === undefined) return false
    if (accountId !== undefined && stage.accountId !== accountId) return false
    if (apiId !== undefined && stage.apiId !== apiId) return false
    return routeKey === undefined || stage.routes[record.routeIndex]?.routeKey === routeKey
  }

  #explain({ worker, record }: Found): ExplainedCall {
    const { memory, limits } = this.#parts
    const stage = memory.numbers.stageOf(record.stageNumber)
    const text = record.text === undefined ? undefined : splitCallText(record.text)
    const step = STEP_NAMES[record.step]!
    const code = REASON_CODES[record.reason - 1]
    return {
      requestId: record.requestId,
      time: this.#epochMs(record.startedMs),
      worker,
      status: record.status,
      ...(code === undefined ? {} : reasonOf(code)),
      step,
      totalMs: Math.max(record.totalUs, 0) / 1_000,
      protocol: (record.flags & FLAG.http2) === 0 ? 'HTTP/1' : 'HTTP/2',
      summary: summaryOf(record, code, text),
      steps: explainedSteps({ record, step, stage, limits }),
      ...(stage === undefined ? {} : this.#placeOf(stage, record)),
      ...(record.integrationStatus === 0 ? {} : { integrationStatus: record.integrationStatus }),
      responseBytes: record.responseBytes,
      ...(text === undefined ? {} : given(text)),
    }
  }

  #placeOf(stage: HttpApiStage, record: RecordedCall): Partial<ExplainedCall> {
    const { accountId, apiId, apiName, stageName, revision } = stage
    const revisionNow = this.#parts.memory.numbers.latestRevision(stage)
    return {
      ...{ accountId, apiId, apiName, stage: stageName, revision },
      ...(revisionNow === undefined || revisionNow === revision ? {} : { revisionNow }),
      routeKey: stage.routes[record.routeIndex]?.routeKey ?? '',
    }
  }

  /** The wall time of a moment that all threads have measured alike. */
  #epochMs(monotonicMs: number): number {
    const { clock } = this.#parts
    return Math.round(clock.epochMs() - (clock.now() - monotonicMs))
  }
}

function reasonOf(code: ReasonCode): Partial<ExplainedCall> {
  const { sentence, side } = REASONS[code]
  return { reasonCode: code, reason: sentence, side }
}

/** Parts that say something. */
function given(text: CallText): Partial<ExplainedCall> {
  return Object.fromEntries(Object.entries(text).filter(([, value]) => value !== ''))
}

function summaryOf(
  record: RecordedCall,
  code: ReasonCode | undefined,
  text: CallText | undefined,
): string {
  if (code !== undefined) return REASONS[code].sentence
  if ((record.flags & FLAG.preflight) !== 0) {
    return text === undefined
      ? 'A CORS preflight, answered by the gateway.'
      : 'A CORS preflight that the browser will not be content with.'
  }
  if ((record.flags & FLAG.cut) !== 0) {
    return 'The response broke off after it had begun; the client saw a broken connection.'
  }
  if (record.integrationStatus !== record.status && record.integrationStatus !== 0) {
    return `The integration answered ${record.integrationStatus}; a response mapping made it ${record.status}.`
  }
  return `The integration itself answered ${record.status}; the gateway only passed it on.`
}

/** `5xx`, `404`. */
function fitsStatus(status: number, wanted: string): boolean {
  return wanted.endsWith('xx')
    ? Math.floor(status / 100) === Number(wanted[0])
    : status === Number(wanted)
}
