/**
 * Every place that a worker's log lines go to: files and standard output that it writes itself, and channels to the
 * main thread. A place is opened when the first stage needs it.
 */

import type { Limits } from '../../domain/limits.ts'
import type { ContextSource } from '../../expression/context-source.ts'
import { Invocation } from '../../invocation/invocation.ts'
import { LogSink } from '../../observability/access-log/log-sink.ts'
import { attribute, unixNanos } from '../../observability/export/otlp-json.ts'
import { keyOfPlace, type LogPlace } from '../settings/log-destinations.ts'
import type { WorkerOutlet } from './worker-outlet.ts'

/** Takes one line and the call that it is about. */
export type WriteLine = (line: string, source: ContextSource) => void

type Outlet = Pick<WorkerOutlet, 'put' | 'dropped'>

export class WorkerSinks {
  readonly #limits: Limits
  readonly #outlet: Outlet | undefined
  readonly #sinks = new Map<string, LogSink>()
  readonly #channels = new Set<string>()

  constructor(limits: Limits, outlet: Outlet | undefined) {
    this.#limits = limits
    this.#outlet = outlet
  }

  /** Throws Node's error when a file cannot be opened. */
  writerTo(place: LogPlace): WriteLine {
    if (place.kind === 'channel') return this.#channelWriter(place.channel, place.form)
    const key = keyOfPlace(place)
    const sink = this.#sinks.get(key) ?? this.#open(place)
    this.#sinks.set(key, sink)
    return (line) => sink.write(line)
  }

  /** Lines that this worker could not bring out. */
  get dropped(): number {
    let sum = 0
    for (const sink of this.#sinks.values()) sum += sink.dropped
    for (const channel of this.#channels) sum += this.#outlet?.dropped(channel) ?? 0
    return sum
  }

  /** Rejects when a file cannot be opened anew; that one, and it alone, goes on in the old one. */
  async reopen(): Promise<void> {
    const outcomes = await Promise.allSettled([...this.#sinks.values()].map((one) => one.reopen()))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sinks.values()].map((sink) => sink.close()))
  }

  #open(target: Exclude<LogPlace, { kind: 'channel' }>): LogSink {
    return new LogSink(target, { bytesMax: this.#limits.accessLogBufferBytes })
  }

  #channelWriter(channel: string, form: 'line' | 'otlp'): WriteLine {
    const outlet = this.#outlet
    if (outlet === undefined) throw new Error('a channel needs an outlet')
    this.#channels.add(channel)
    if (form === 'line') return (line) => void outlet.put(channel, line)
    return (line, source) => void outlet.put(channel, logRecord(line, source))
  }
}

const SEVERITIES = [
  { from: 500, number: 17, text: 'ERROR' },
  { from: 400, number: 13, text: 'WARN' },
  { from: 0, number: 9, text: 'INFO' },
] as const

/** https://opentelemetry.io/docs/specs/otel/logs/data-model/ */
function logRecord(line: string, source: ContextSource): string {
  const severity = SEVERITIES.find(({ from }) => source.status >= from) ?? SEVERITIES[2]
  const trace = source instanceof Invocation ? source.trace : undefined
  const ids =
    trace === undefined
      ? ''
      : `,"traceId":"${trace.traceId}","spanId":"${trace.spanId}","flags":${trace.sampled ? 1 : 0}`
  const attributes = [
    attribute('aws.request_id', source.requestId),
    attribute('aws.apigateway.api_id', source.apiId),
    attribute('aws.apigateway.stage', source.stage),
  ]
  return (
    `{"timeUnixNano":"${unixNanos(source.requestTimeEpoch)}","severityNumber":${severity.number},` +
    `"severityText":"${severity.text}","body":{"stringValue":${JSON.stringify(line.toWellFormed())}},` +
    `"attributes":[${attributes.join(',')}]${ids}}`
  )
}
