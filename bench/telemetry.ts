/**
 * What telling about a call costs: `node bench/telemetry.ts` prints nanoseconds for a line of the access log, and for a
 * call's trace when it is not sampled, when it is (OTLP, X-Ray), and when the caller has named one.
 */

import { systemRandom } from '../src/base/random.ts'
import { fakeContext } from '../src/expression/context-source.fake.ts'
import { otlpSpans } from '../src/features/trace/otlp-spans.ts'
import { compileTrace, type TraceSink } from '../src/features/trace/trace.ts'
import { xraySegment } from '../src/features/trace/xray-segment.ts'
import { HeaderFields } from '../src/http/message/header-fields.ts'
import type { Invocation } from '../src/invocation/invocation.ts'
import { compileAccessLogFormat } from '../src/observability/access-log/access-log-format.ts'
import { rateRule } from '../src/observability/tracing/sampling-rules.ts'
import { stageOf } from '../test/harness/gateway.ts'

const CALLS = 200_000
const ROUNDS = 5
const STAGE = stageOf({ routes: {} }, 1)
const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'

function nanoseconds(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  let kept: unknown
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now()
    for (let i = 0; i < CALLS; i++) kept = work()
    best = Math.min(best, ((performance.now() - begun) / CALLS) * 1e6)
  }
  if (kept === undefined) throw new Error('nothing was done')
  return best
}

/** As much of an invocation as tracing reads. */
function callWith(...lines: readonly (readonly [string, string])[]): Invocation {
  const fields = new HeaderFields(16)
  for (const [name, value] of [['host', 'a'], ['accept', '*/*'], ...lines] as const) {
    fields.append(name, value)
  }
  const clock = { now: () => performance.now(), epochMs: () => Date.now() }
  const call = {
    ...fakeContext(),
    exchange: {
      request: { fields, host: 'a', method: 'GET' },
      connection: { remoteAddress: '192.0.2.1', tls: undefined },
      protocol: 'HTTP/1.1',
    },
    stageContext: { services: { clock } },
    plan: { origin: { host: 'origin', port: 80, secure: false, method: 'ANY' } },
    ...{ requestPath: '/pets/7', startedMs: 1, responseLatencyMs: 4, reason: undefined },
    ...{ integrationStartedMs: 2, authorizerLatencyMs: 0, trace: undefined },
  }
  return call as unknown as Invocation
}

function traced(rate: number, call: Invocation, sink?: TraceSink): number {
  const settings = {
    rules: [rateRule(rate)],
    reservoirs: new SharedArrayBuffer(4),
    trust: 'all',
    formats: 3,
  } as const
  const tracer = compileTrace(STAGE, settings, sink)
  return nanoseconds(() => {
    tracer.begin(call)
    const fields = call.trace!.fields(tracer.formats)
    tracer.end(call)
    return fields
  })
}

let written = ''
const format = compileAccessLogFormat('json')
const source = fakeContext()
const bare = callWith()
const named = callWith(['traceparent', PARENT])
const print = (what: string, ns: number) => console.log(`${what.padEnd(40)}${Math.round(ns)} ns`)

print('random number', nanoseconds(systemRandom))
print(
  'line of the access log (json)',
  nanoseconds(() => format(source)),
)
print('trace, not sampled', traced(0, bare))
print('trace of the caller, not sampled', traced(0, named))
print('trace, sampled, kept nowhere', traced(1, bare))
print(
  'trace, sampled, OTLP spans',
  traced(1, bare, (x, trace, stage) => {
    written = otlpSpans(x, trace, stage)
  }),
)
print(
  'trace, sampled, X-Ray segment',
  traced(1, bare, (x, trace, stage) => {
    written = xraySegment(x, trace, stage)
  }),
)
if (written === '') throw new Error('nothing was written')
