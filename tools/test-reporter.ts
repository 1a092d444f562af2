/**
 * What `npm test` prints: one line a test file, failures in full, and node's own summary at the end.
 *
 * With CI=true a skipped test fails the run: nothing is silently left out where nobody looks.
 */

import { relative } from 'node:path'

interface FileTally {
  tests: number
  failed: number
  /** Shown when something in the file fails. */
  stderr: string
}

/** The part of node's events (https://nodejs.org/api/test.html#class-testsstream) that is told. */
export interface TestEvent {
  readonly type: string
  readonly data: {
    readonly file?: string | undefined
    readonly nesting?: number
    readonly line?: number | undefined
    readonly name?: string
    readonly message?: string
    readonly skip?: string | boolean | undefined
    readonly duration_ms?: number
    readonly details?: { readonly type?: string | undefined; readonly error?: Error }
  }
}

/** Where a skipped test fails the run. */
export interface ReporterOptions {
  readonly ci: boolean
  readonly root: string
  readonly failRun: () => void
}

export async function* report(
  events: AsyncIterable<TestEvent>,
  options: ReporterOptions,
): AsyncGenerator<string> {
  const files = new Map<string, FileTally>()
  const skipped: string[] = []
  const failures: string[] = []
  const summary: string[] = []
  for await (const { type, data } of events) {
    const file = relative(options.root, data.file ?? '')
    if (type === 'test:pass' || type === 'test:fail') {
      const tally = tallyOf(files, file)
      if (isLeaf(data)) tally.tests++
      if (data.skip !== undefined && data.skip !== false) skipped.push(`${file}: ${data.name}`)
      if (type === 'test:fail' && isLeaf(data)) {
        tally.failed++
        failures.push(failureText(file, data))
      }
    } else if (type === 'test:summary' && data.file !== undefined) {
      yield fileLine(file, tallyOf(files, file), data.duration_ms ?? 0)
    } else if (type === 'test:stderr') {
      tallyOf(files, file).stderr += data.message ?? ''
    } else if (type === 'test:diagnostic' && data.nesting === 0 && data.file === undefined) {
      summary.push(`ℹ ${data.message}\n`)
    }
  }
  for (const [file, { failed, stderr }] of files) {
    if (failed > 0 && stderr !== '') yield `\n${file} wrote to stderr:\n${stderr}\n`
  }
  yield* failures
  if (skipped.length > 0) yield `Skipped:\n  ${skipped.join('\n  ')}\n`
  if (skipped.length > 0 && options.ci) {
    yield 'With CI=true nothing may be skipped: this run has failed.\n'
    options.failRun()
  }
  yield* summary
}

function tallyOf(files: Map<string, FileTally>, file: string): FileTally {
  const tally = files.get(file) ?? { tests: 0, failed: 0, stderr: '' }
  files.set(file, tally)
  return tally
}

/** A suite fails because a test in it does; the test is told, not the suite. */
function isLeaf(data: TestEvent['data']): boolean {
  if (data.details?.type === 'suite') return false
  const failure = data.details?.error as { failureType?: string } | undefined
  return failure?.failureType !== 'subtestsFailed'
}

function fileLine(file: string, tally: FileTally, durationMs: number): string {
  const mark = tally.failed === 0 ? '✔' : '✖'
  const tests = `${tally.tests} ${tally.tests === 1 ? 'test' : 'tests'}`
  const failed = tally.failed === 0 ? '' : `, ${tally.failed} failed`
  return `${mark} ${file} (${tests}${failed}, ${Math.round(durationMs)} ms)\n`
}

function failureText(file: string, data: TestEvent['data']): string {
  const error = data.details?.error
  const cause = error?.cause ?? error
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  const lines = text.split('\n').filter((line) => !/^ +at .*\bnode:internal\//.test(line))
  // A file that ended by itself: a crash has a signal.
  const { exitCode, signal } = (error ?? {}) as { exitCode?: number | null; signal?: string | null }
  if (typeof exitCode === 'number') lines.push(`exit code ${exitCode}`)
  if (typeof signal === 'string') lines.push(`ended by ${signal}`)
  return `\n✖ ${file}:${data.line} ${data.name}\n  ${lines.join('\n  ')}\n\n`
}

/** The shape that `node --test --test-reporter` asks for. */
export default async function* testReporter(
  events: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  yield* report(events, {
    ci: process.env['CI'] === 'true',
    root: process.cwd(),
    failRun: () => {
      process.exitCode = 1
    },
  })
}
