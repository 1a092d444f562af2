/**
 * The end of the program: SIGTERM or SIGINT drains, a second one ends it at once.
 *
 * Draining means that the ports are closed, every request that has begun is answered, and log lines are written; then
 * the exit code is 0. When the drain timeout is over, what is left is cut and the exit code is 1.
 */

import type { Clock } from '../base/clock.ts'
import type { ProgramLog } from './program-log.ts'

export type EndSignal = 'SIGTERM' | 'SIGINT'

/** One Ctrl-C comes twice under npm: from the terminal, and handed on by npm. A person needs longer to press again. */
const SAME_PRESS_MS = 500
const SIGNALS: readonly EndSignal[] = ['SIGTERM', 'SIGINT']
/** 128 + the number of the signal, as shells report it. */
const EXIT_CODE: Readonly<Record<EndSignal, number>> = { SIGTERM: 143, SIGINT: 130 }

/** The part of `process` that gives signals. */
export interface SignalSource {
  on(signal: EndSignal, listener: (signal: EndSignal) => void): unknown
  off(signal: EndSignal, listener: (signal: EndSignal) => void): unknown
}

export interface ShutdownOptions {
  readonly signals: SignalSource
  /** False: the time was over before everything was answered. */
  readonly drain: () => Promise<boolean>
  readonly log: ProgramLog
  readonly clock: Clock
}

/** Resolves to the exit code, once a signal has come and the work is done or given up. */
export function untilShutdown(options: ShutdownOptions): Promise<number> {
  const { signals, log, clock } = options
  return new Promise((resolve) => {
    let firstMs: number | undefined
    const onSignal = (signal: EndSignal) => {
      if (firstMs !== undefined) {
        if (clock.now() - firstMs < SAME_PRESS_MS) return
        log.warn(`${signal} again: stopping at once`)
        finish(EXIT_CODE[signal])
        return
      }
      firstMs = clock.now()
      log.info(`${signal}: ending; waiting for requests in flight`)
      drainToExitCode(options).then(finish)
    }
    const finish = (exitCode: number) => {
      for (const signal of SIGNALS) signals.off(signal, onSignal)
      resolve(exitCode)
    }
    for (const signal of SIGNALS) signals.on(signal, onSignal)
  })
}

async function drainToExitCode({ drain, log }: ShutdownOptions): Promise<number> {
  if (await drain()) {
    log.info('everything was answered; stopped')
    return 0
  }
  log.warn('the drain timeout is over: requests still in flight were cut (--drain-timeout)')
  return 1
}
