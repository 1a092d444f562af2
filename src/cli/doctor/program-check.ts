/** The Node that runs, and how many connections the system lets a process have. */

import { readFileSync } from 'node:fs'
import { type Finding, ok, problem, warning } from './finding.ts'

const NODE_LEAST = 24
/** Each connection is an open file, on both sides of the gateway. */
const FILES_WANTED = 4_096

export function checkProgram(): readonly Finding[] {
  return [checkNode(process.versions.node), ...checkFiles(readLimits())]
}

export function checkNode(version: string): Finding {
  const major = Number.parseInt(version, 10)
  return major >= NODE_LEAST
    ? ok('node', `version ${version}`)
    : problem(
        'node',
        `version ${version} is too old`,
        `Run Postern with Node ${NODE_LEAST} or later.`,
      )
}

/** `limits`: `/proc/self/limits` of Linux; '' elsewhere. */
export function checkFiles(limits: string): readonly Finding[] {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1]
  if (soft === undefined) return []
  const isEnough = soft === 'unlimited' || Number(soft) >= FILES_WANTED
  const subject = 'open files'
  return isEnough
    ? [ok(subject, `${soft} for each process`)]
    : [
        warning(
          subject,
          `only ${soft} for each process, so about ${Math.floor(Number(soft) / 2)} calls at once`,
          'Raise it: ulimit -n 65536, or LimitNOFILE= in the unit of systemd.',
        ),
      ]
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1')
  } catch {
    return ''
  }
}
