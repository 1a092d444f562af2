/**
 * What a worker writes: access-log lines to their sink, and its own rare lines to standard error.
 *
 * It is the `accessLog` of a data plane. There is always a sink, because a stage may have access-log settings of its
 * own where the program has none.
 */

import { writeSync } from 'node:fs'
import { systemClock } from '../base/clock.ts'
import type { ContextSource } from '../expression/context-source.ts'
import { Invocation } from '../invocation/invocation.ts'
import {
  compileAccessLogFormat,
  type FormatLine,
} from '../observability/access-log/access-log-format.ts'
import { formatDevLine } from '../observability/access-log/dev-line.ts'
import { LogSink } from '../observability/access-log/log-sink.ts'
import { createProgramLog, type ProgramLog } from './program-log.ts'
import type { AccessLogBirth, WorkerBirth } from './worker-birth.ts'

const STDERR = 2

export class WorkerLog {
  readonly sink: LogSink
  /** The line of every call; undefined: none is asked for. */
  readonly format: FormatLine | undefined
  /** Compiles the format of a stage's own settings. */
  readonly compile: (format: string) => FormatLine
  readonly write: (line: string) => void
  readonly #program: ProgramLog

  constructor({ accessLog, limits, json }: WorkerBirth) {
    this.sink = new LogSink(
      accessLog?.file === undefined ? { kind: 'stdout' } : { kind: 'file', path: accessLog.file },
      { bytesMax: limits.accessLogBufferBytes },
    )
    this.compile = (format) => compileAccessLogFormat(format, limits.accessLogFormatBytes)
    this.format = accessLog === undefined ? undefined : this.#formatOf(accessLog)
    this.write = (line) => this.sink.write(line)
    this.#program = createProgramLog({ write: writeToStderr, json, clock: systemClock })
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
