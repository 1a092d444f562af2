/**
 * `postern doctor`: looks at everything that keeps an installation from serving, now or soon, and says what to do.
 *
 * Reads only, whether Postern runs or not; calls nobody but the control port of this machine. Exit code 1 when there is a
 * problem; warnings alone end with 0.
 */

import { systemClock } from '../../base/clock.ts'
import { type CommandInput, printJson, printLines } from '../command.ts'
import { printable, renderTable } from '../text-table.ts'
import { checkClock } from './clock-check.ts'
import { checkDataFolder } from './data-folder-check.ts'
import type { Finding } from './finding.ts'
import { checkPorts } from './port-check.ts'
import { checkProgram } from './program-check.ts'
import { checkStore } from './store-check.ts'

const MARKS = { ok: 'ok', warning: 'WARNING', problem: 'PROBLEM' } as const

export async function doctor({ settings, terminal }: CommandInput): Promise<number> {
  const now = new Date(systemClock.epochMs())
  const findings: Finding[] = [
    ...checkProgram(),
    ...(await checkDataFolder(settings.data)),
    ...(await checkClock(settings.data, now)),
    ...(await checkPorts(settings)),
    ...(await checkStore({ settings, environment: terminal.environment, now })),
  ]
  const problems = findings.filter(({ level }) => level === 'problem').length
  if (settings.json) printJson(terminal, { healthy: problems === 0, findings })
  else printLines(terminal, linesOf(findings, problems))
  return problems === 0 ? 0 : 1
}

function linesOf(findings: readonly Finding[], problems: number): string[] {
  const rows = findings.map(({ level, subject, message, mend }) => {
    const text = mend === '' ? message : `${message}. ${mend}`
    return [MARKS[level], subject, text].map(printable)
  })
  const warnings = findings.filter(({ level }) => level === 'warning').length
  return [
    ...renderTable([], rows),
    '',
    `${count(problems, 'problem')}, ${count(warnings, 'warning')}`,
  ]
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
