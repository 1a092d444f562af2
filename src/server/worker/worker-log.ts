/**
 * What a worker writes: access-log lines to their sink, and its own rare lines to standard error.
 *
 * It is the `accessLog` of a data plane. There is always a sink, because a stage may have access-log settings of its
 * own where the program has none.
 */

import { writeSync } from 'node:fs'
import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/message-of.ts'
import type { ContextSource } from '../../expression/context-source.ts'
import { Invocation } from '../../invocation/invocation.ts'
import {
  compileAccessLogFormat,
  type FormatLine,
} from '../../observability/access-log/access-log-format.ts'
import { formatDevLine } from '../../observability/access-log/dev-line.ts'
import { matchesWildcards } from '../../observability/tracing/wildcards.ts'
import { ENDPOINT_ID } from '../../runtime/snapshot/compile.ts'
import { LogDestinationError } from '../../runtime/snapshot/log-destination-error.ts'
import { createProgramLog, type ProgramLog } from '../program-log.ts'
import type { LogPlan } from '../settings/log-destinations.ts'
import type { AccessLogBirth, WorkerBirth } from './worker-birth.ts'
import type { WorkerOutlet } from './worker-outlet.ts'
import { WorkerSinks, type WriteLine } from './worker-sinks.ts'

const STDERR = 2

export class WorkerLog {
  readonly sinks: WorkerSinks
  /** The line of every call; undefined: none is asked for. */
  readonly format: FormatLine | undefined
  /** Compiles the format of a stage's own settings. */
  readonly compile: (format: string) => FormatLine
  readonly write: WriteLine
  readonly keepsEndpointIds: boolean
  readonly #plan: LogPlan
  readonly #program: ProgramLog

  constructor({ accessLog, logs, limits, json }: WorkerBirth, outlet: WorkerOutlet | undefined) {
    this.sinks = new WorkerSinks(limits, outlet)
    this.#plan = logs
    this.compile = (format) => compileAccessLogFormat(format, limits.accessLogFormatBytes)
    this.format = accessLog === undefined ? undefined : this.#formatOf(accessLog)
    this.keepsEndpointIds = accessLog?.format.includes(ENDPOINT_ID) === true
    this.write = this.sinks.writerTo(logs.own)
    this.#program = createProgramLog({ write: writeToStderr, json, clock: systemClock })
  }

  /** Where the lines of a stage go whose settings name `arn`. Throws LogDestinationError. */
  writerFor(arn: string | undefined): WriteLine {
    const { destinations } = this.#plan
    if (arn === undefined || destinations.length === 0) return this.write
    const found = destinations.find(({ pattern }) => matchesWildcards(pattern, arn, true))
    if (found === undefined) {
      throw new LogDestinationError(`no --access-log-destination says where ${arn} leads`)
    }
    if (found.place === undefined) return this.write
    try {
      return this.sinks.writerTo(found.place)
    } catch (thrown) {
      throw new LogDestinationError(`the destination ${arn} cannot be opened: ${messageOf(thrown)}`)
    }
  }

  /** A bug that cost one call. */
  fatal(error: unknown, requestId: string): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#program.error(`a bug ended request ${requestId || '(without id)'}: ${text}`)
  }

  warn(message: string): void {
    this.#program.warn(message)
  }

  #formatOf({ format, colors }: AccessLogBirth): FormatLine {
    return format === 'dev'
      ? (source) => formatDevLine(source, { colours: colors, reason: reasonOf(source) })
      : this.compile(format)
  }
}

/** Why the gateway itself answered, in the words for operators. */
function reasonOf(source: ContextSource): string | undefined {
  if (!(source instanceof Invocation) || source.reason === undefined) return undefined
  return [source.reason.sentence, source.refusalDetail].filter(Boolean).join(' ')
}

/** Written here and now: a worker's process.stderr would go through the main thread, which may be busy. */
function writeToStderr(text: string): void {
  try {
    writeSync(STDERR, text)
  } catch {
    // Nobody reads standard error: there is no other place to say so.
  }
}
