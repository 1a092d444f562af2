import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createProgramLog } from './program-log.ts'

function logOf(json: boolean) {
  const lines: string[] = []
  const clock = { now: () => 0, epochMs: () => 0 }
  return { log: createProgramLog({ write: (text) => lines.push(text), json, clock }), lines }
}

test('a line has time, level and message', () => {
  const { log, lines } = logOf(false)
  log.warn('worker 1\n  is back')
  assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z warn  worker 1 is back\n'])
})

const PROBLEM = {
  severity: 'error',
  code: 'path-invalid',
  message: 'The path "e\u001b" does not begin with a slash.',
  mend: 'Write a slash before it.',
  file: 'api.yaml',
  ...{ line: 3, column: 5, pointer: '/paths/e' },
} as const

test('a problem of a definition begins with its place', () => {
  const { log, lines } = logOf(false)
  log.problem(PROBLEM)
  assert.deepEqual(lines, [
    'api.yaml:3:5: error: The path "e\\x1b" does not begin with a slash. (at /paths/e)\n' +
      '  → Write a slash before it. [path-invalid]\n',
  ])
})

test('for programs it is an object with its parts', () => {
  const { log, lines } = logOf(true)
  log.problem(PROBLEM)
  const { severity: level, ...rest } = PROBLEM
  const time = '1970-01-01T00:00:00.000Z'
  assert.deepEqual(JSON.parse(lines[0]!), { time, level, event: 'problem', ...rest })
})

test('for programs every line is one JSON object', () => {
  const { log, lines } = logOf(true)
  log.error('bad "thing"')
  log.event('ready', { workers: 2 }, ['for people'])
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      { time: '1970-01-01T00:00:00.000Z', level: 'error', message: 'bad "thing"' },
      { time: '1970-01-01T00:00:00.000Z', level: 'info', event: 'ready', workers: 2 },
    ],
  )
})

test('no message forges a line or speaks to a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (message, json) => {
      const { log, lines } = logOf(json)
      log.info(message)
      const [line = ''] = lines
      return lines.length === 1 && /^[^\x00-\x1f\x7f-\x9f]*\n$/.test(line)
    }),
  )
})
