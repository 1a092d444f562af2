/**
 * What the program says about itself, on standard error, one line each; only what is wrong with a definition has two,
 * as `postern lint` prints it.
 *
 * Levels go by outcome: error, something failed because of us or cannot be served; warn, we recovered; info, start,
 * stop, deployment. Mistakes of clients are metrics and never lines here.
 */

import type { Clock } from '../base/clock.ts'
import { formatProblem, type Problem } from '../domain/problem.ts'

export type LogLevel = 'info' | 'warn' | 'error'

export interface ProgramLog {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
  /** For people the place comes first, so that terminals and editors can jump to it. */
  problem(problem: Problem): void
  /** A fact for people as lines, for programs as one object. */
  event(name: string, facts: object, lines: readonly string[]): void
}

export interface ProgramLogOptions {
  readonly write: (text: string) => void
  /** One JSON object a line. */
  readonly json: boolean
  readonly clock: Clock
}

export function createProgramLog(options: ProgramLogOptions): ProgramLog {
  const line = options.json ? jsonLine : textLine
  const say = (level: LogLevel, message: string) =>
    options.write(line(new Date(options.clock.epochMs()).toISOString(), level, message))
  return {
    info: (message) => say('info', message),
    warn: (message) => say('warn', message),
    error: (message) => say('error', message),
    problem: (problem) => {
      const time = new Date(options.clock.epochMs()).toISOString()
      options.write(options.json ? jsonProblem(time, problem) : textProblem(problem))
    },
    event: (name, facts, lines) => {
      const time = new Date(options.clock.epochMs()).toISOString()
      options.write(
        options.json
          ? `${JSON.stringify({ time, level: 'info', event: name, ...facts })}\n`
          : `${lines.join('\n')}\n`,
      )
    },
  }
}

function jsonLine(time: string, level: LogLevel, message: string): string {
  return `${JSON.stringify({ time, level, message: oneLine(message) })}\n`
}

function jsonProblem(time: string, { severity, ...rest }: Problem): string {
  const level: LogLevel = severity === 'error' ? 'error' : 'warn'
  return `${JSON.stringify({ time, level, event: 'problem', ...rest })}\n`
}

function textProblem(problem: Problem): string {
  return `${formatProblem(problem).split('\n').map(withoutControls).join('\n')}\n`
}

function textLine(time: string, level: LogLevel, message: string): string {
  return `${time} ${level.padEnd(5)} ${oneLine(message)}\n`
}

/** Messages may quote file names and definitions: no control byte reaches a terminal or forges a line. */
function oneLine(message: string): string {
  return withoutControls(message.replace(/\s*\n\s*/g, ' '))
}

function withoutControls(text: string): string {
  return text.replace(
    /[\x00-\x1f\x7f-\x9f]/g,
    (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
