/**
 * One call as a staircase: what was asked, which step decided, why, what would have passed, and where the time went.
 */

import type { ExplainedCall, ExplainedStep } from '../observability/explain/explained-call.ts'
import type { Color, Paint } from './paint.ts'
import { printable, timeText, wrap } from './text-table.ts'

const COLORS: readonly Color[] = ['dim', 'cyan', 'green', 'cyan', 'yellow', 'red']
const STEP_WIDTH = 14
const LABEL_WIDTH = 14
const WIDTH_MIN = 40
const WIDTH_MAX = 120

const GUIDE = 'docs/guide/explain.md'
const ERRORS = 'docs/reference/errors.md'

export function explainLines(call: ExplainedCall, paint: Paint, columns: number): string[] {
  const width = Math.max(WIDTH_MIN, Math.min(columns, WIDTH_MAX))
  return [
    ...heading(call, paint),
    '',
    ...staircase(call, paint, width),
    '',
    ...cause(call, paint, width),
  ]
}

function heading(call: ExplainedCall, paint: Paint): string[] {
  const { status, method, host, path, requestId, apiName, stage, revision, revisionNow } = call
  const color = COLORS[Math.floor(status / 100)] ?? 'dim'
  const asked =
    method === undefined ? (call.routeKey ?? '') : `${method} ${host ?? ''}${path ?? ''}`
  const shown = status === 0 ? '---' : String(status)
  const place = apiName === undefined ? '' : `  ${apiName}, stage ${stage}, revision ${revision}`
  const since = revisionNow === undefined ? '' : ` (now ${revisionNow})`
  return [
    `${paint(color, shown)}  ${printable(asked || 'a request that could not be read')}  ${milliseconds(call.totalMs)}`,
    paint(
      'dim',
      printable(`${timeText(call.time)}  ${requestId}  ${call.protocol}${place}${since}`),
    ),
  ]
}

function staircase({ steps }: ExplainedCall, paint: Paint, width: number): string[] {
  const shown = steps.filter(({ outcome }) => outcome === 'passed' || outcome === 'decided')
  return [
    ...shown.map((step) => stair(step, paint, width)),
    ...theRest('not reached', 'unreached', steps, paint),
    ...theRest('not configured', 'absent', steps, paint),
  ]
}

function stair({ step, outcome, what, ms }: ExplainedStep, paint: Paint, width: number): string {
  const time = ms === undefined ? '' : milliseconds(ms)
  const room = width - STEP_WIDTH - time.length - 8
  const left = `${step.padEnd(STEP_WIDTH)}${printable(what).slice(0, Math.max(room, 10))}`
  const gap = time === '' ? '' : ' '.repeat(Math.max(2, width - left.length - time.length - 4))
  const [sign, color] = outcome === 'decided' ? DECIDED : PASSED
  return `  ${paint(color, sign)} ${outcome === 'decided' ? paint(color, left) : left}${gap}${time}`.trimEnd()
}

const PASSED = ['✓', 'green'] as const
const DECIDED = ['▶', 'yellow'] as const

function theRest(
  label: string,
  wanted: ExplainedStep['outcome'],
  steps: readonly ExplainedStep[],
  paint: Paint,
): string[] {
  const names = steps.filter(({ outcome }) => outcome === wanted).map(({ step }) => step)
  return names.length === 0 ? [] : [paint('dim', `  · ${label}: ${names.join(', ')}`)]
}

function cause(call: ExplainedCall, paint: Paint, width: number): string[] {
  const { reasonCode, summary, detail, rule, seen, passes, routeKey, hop } = call
  const rows: readonly (readonly [label: string, text: string | undefined])[] = [
    ['because', reasonCode === undefined ? summary : `${reasonCode}: ${summary}`],
    ['route', call.method === undefined || routeKey === '' ? undefined : routeKey],
    ['rule', rule],
    ['seen', seen],
    ['detail', detail === seen ? undefined : detail],
    ['would pass', passes],
    ['way', hop],
    ['see', `${reasonCode === undefined ? GUIDE : ERRORS}`],
  ]
  const lines = rows.flatMap(([label, text]) =>
    text === undefined || text === '' ? [] : row(label, printable(text), paint, width),
  )
  return call.method === undefined && call.status >= 400 && call.reasonCode !== undefined
    ? [...lines, ...untold(call, paint)]
    : lines
}

function row(label: string, text: string, paint: Paint, width: number): string[] {
  const [first = '', ...rest] = wrap(text, width - LABEL_WIDTH)
  const color: Color = label === 'would pass' ? 'green' : 'cyan'
  return [
    `${paint(color, label.padEnd(LABEL_WIDTH))}${first}`,
    ...rest.map((line) => `${' '.repeat(LABEL_WIDTH)}${line}`),
  ]
}

/** A request that never had a head has no values either. */
function untold({ rule }: ExplainedCall, paint: Paint): string[] {
  if (rule !== undefined) return []
  const text = 'Its values were not kept: too many calls of this kind came in the same second.'
  return [paint('dim', text)]
}

function milliseconds(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1_000)} µs`
  return ms < 100 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}
