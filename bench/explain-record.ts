/**
 * What explain costs a call: `node bench/explain-record.ts` prints nanoseconds for the record of a call that ended well, of
 * one that was refused with its reason in words, and of one beyond `explainTextsPerSecond`.
 */

import { requestId } from '../src/base/ids.ts'
import { limitsOf } from '../src/domain/limits.ts'
import type { Invocation } from '../src/invocation/invocation.ts'
import { allocateCallMemory } from '../src/observability/explain/call-memory.ts'
import { REASONS } from '../src/observability/explain/reasons.ts'
import { CallRecorder } from '../src/runtime/explain/call-recorder.ts'

const CALLS = 400_000
const ROUNDS = 7
const IDS = 1_000

const ids = Array.from({ length: IDS }, requestId)
let now = 0
const clock = { now: () => now, epochMs: () => now }

/** What the recorder reads of an invocation. */
function call(requestIdOf: string, reasonCode: keyof typeof REASONS | undefined): Invocation {
  const reason = reasonCode === undefined ? undefined : REASONS[reasonCode]
  return {
    ...{ requestId: requestIdOf, status: reason?.status ?? 200, reason, reasonCode, detail: '' },
    ...{ startedMs: 1_234_567.891, integrationStatus: 200, integrationStartedMs: 1_234_567.95 },
    ...{ integrationLatencyMs: 1.25, responseLatencyMs: 1.5, waitedMs: 0, responseLength: 512 },
    ...{ replyBodiless: false, refusedAt: 2, httpMethod: 'GET', path: '/pets/7' },
    plan: { routeIndex: 3 },
    stageContext: { stageNumber: 1 },
    exchange: { connection: { tls: undefined }, request: { authority: 'api.test' } },
    because: () => ({ rule: 'a token bucket', seen: 'nothing', passes: 'the same call later' }),
  } as unknown as Invocation
}

/** `ticks`: a new second begins so often that every text is kept. */
function nanoseconds(recorder: CallRecorder, calls: readonly Invocation[], ticks: boolean): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now()
    for (let i = 0; i < CALLS; i++) {
      if (ticks && i % 50 === 0) now += 1_000
      recorder.keep(calls[i % IDS]!)
    }
    best = Math.min(best, ((performance.now() - begun) / CALLS) * 1e6)
  }
  return best
}

const limits = limitsOf('extended')
const recorder = new CallRecorder({ memory: allocateCallMemory(limits), clock, limits })
const good = ids.map((id) => call(id, undefined))
const refused = ids.map((id) => call(id, 'ROUTE_THROTTLED'))
console.log(`ended well               ${Math.round(nanoseconds(recorder, good, false))} ns`)
console.log(`refused, in words        ${Math.round(nanoseconds(recorder, refused, true))} ns`)
console.log(`refused, beyond the bound ${Math.round(nanoseconds(recorder, refused, false))} ns`)
