/**
 * What `up` and `dev` do: boot the program, say that it is ready, obey signals, end with its exit code.
 *
 * Signals are listened to from the beginning, because the first requests may be in flight before everything is ready,
 * and SIGHUP would end a program that does not listen.
 */

import { systemClock } from '../base/clock.ts'
import { messageOf } from '../base/message-of.ts'
import { failure } from '../server/failure.ts'
import { type FileWatch, watchFiles } from '../server/file-watch.ts'
import type { Program } from '../server/program.ts'
import { createProgramLog, type ProgramLog } from '../server/program-log.ts'
import { readyFacts, readyLines } from '../server/ready-lines.ts'
import { Reloader } from '../server/reload.ts'
import { untilShutdown } from '../server/shutdown.ts'
import { createProgram } from '../server/wire.ts'
import type { CommandInput } from './command.ts'
import { namedFiles } from './definition-files.ts'

/** Resolves to the exit code when the program has ended. */
export async function serve(command: string, input: CommandInput): Promise<number> {
  const { settings, terminal } = input
  const files =
    command === 'up' ? [...new Set(input.operands)] : namedFiles(command, input.operands)
  const log = createProgramLog({
    write: (text) => terminal.err(text),
    json: settings.json,
    clock: systemClock,
  })
  const gaveUp = Promise.withResolvers<never>()
  const program = await createProgram({
    settings,
    files,
    log,
    colors: terminal.colors,
    onGiveUp: (reason) => gaveUp.reject(failure(`Workers crash again and again: ${reason}`)),
  })
  const run = new Run(program, log)
  try {
    return await Promise.race([
      run.untilSignal(),
      run.boot(settings.watch ? files : []),
      gaveUp.promise,
    ])
  } catch (thrown) {
    await program.stop()
    throw thrown
  } finally {
    run.close()
  }
}

/** One program and whoever asks it to deploy again or to end. */
class Run {
  readonly #program: Program
  readonly #log: ProgramLog
  readonly #reloader: Reloader
  readonly #booted = Promise.withResolvers<void>()
  #watch: FileWatch | undefined

  constructor(program: Program, log: ProgramLog) {
    this.#program = program
    this.#log = log
    this.#reloader = new Reloader(async () => {
      await this.#booted.promise
      await this.#program.reload()
    })
    process.on('SIGHUP', this.#onHangup)
    process.on('SIGUSR1', this.#onReopen)
  }

  /** Never resolves: what is booted goes on until something else ends it. Rejects when it cannot boot. */
  async boot(watched: readonly string[]): Promise<never> {
    // Before the files are read, so that no change is missed; what it asks for waits until all is booted.
    const watch = watched.length === 0 ? undefined : this.#watchForChanges(watched)
    const report = await this.#program.boot()
    await watch
    this.#log.event('ready', readyFacts(report), ['', ...readyLines(report), ''])
    this.#booted.resolve()
    return new Promise<never>(() => {})
  }

  /** Resolves to the exit code after SIGTERM or SIGINT. */
  untilSignal(): Promise<number> {
    const drain = () => {
      this.#reloader.close()
      this.#watch?.close()
      return this.#program.drain()
    }
    return untilShutdown({ signals: process, drain, log: this.#log, clock: systemClock })
  }

  close(): void {
    this.#reloader.close()
    this.#watch?.close()
    process.off('SIGHUP', this.#onHangup)
    process.off('SIGUSR1', this.#onReopen)
  }

  readonly #onHangup = () => this.#reloader.request()
  readonly #onReopen = () => this.#program.reopenLog()

  /** Where files cannot be watched, this says so, and SIGHUP remains. */
  async #watchForChanges(files: readonly string[]): Promise<void> {
    const warn = (reason: string) =>
      this.#log.warn(`changes of files are not noticed (${reason}); SIGHUP still reloads`)
    try {
      this.#watch = await watchFiles(files, () => this.#reloader.request(), warn)
    } catch (thrown) {
      warn(messageOf(thrown))
    }
  }
}
