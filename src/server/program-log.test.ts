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
