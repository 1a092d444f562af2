/** The ports: free for a Postern that is to start, or answering where one runs. */

import { messageOf } from '../../base/message-of.ts'
import { Failure } from '../../server/failure.ts'
import { checkPortsFree, type WantedPort } from '../../server/ports.ts'
import type { Settings } from '../../server/settings/settings.ts'
import { readControlFile } from '../data-folder.ts'
import { type Finding, ok, problem } from './finding.ts'

export type PortSettings = Pick<
  Settings,
  'data' | 'http' | 'https' | 'control' | 'host' | 'controlHost'
>

const TIMEOUT_MS = 3_000

export async function checkPorts(settings: PortSettings): Promise<readonly Finding[]> {
  const url = await runningAt(settings.data)
  return url === undefined ? checkFree(settings) : checkRunning(url)
}

/** Where the Postern of this folder listens; undefined: none runs. */
async function runningAt(folder: string): Promise<string | undefined> {
  try {
    const { url, pid } = await readControlFile(folder)
    process.kill(pid, 0)
    return url
  } catch (thrown) {
    // Somebody else's process is one, too.
    const { code } = thrown as NodeJS.ErrnoException
    return code === 'EPERM' ? (await readControlFile(folder)).url : undefined
  }
}

async function checkRunning(url: string): Promise<readonly Finding[]> {
  const subject = `Postern at ${url}`
  try {
    const response = await fetch(new URL('readyz', url), {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (response.ok) return [ok(subject, 'runs and is ready')]
    const mend = 'It is starting or ending, or its workers die: read its log.'
    return [problem(subject, `is not ready: /readyz answers ${response.status}`, mend)]
  } catch (thrown) {
    const mend = 'Read its log, and start it again.'
    return [problem(subject, `does not answer: ${causeOf(thrown)}`, mend)]
  }
}

async function checkFree(settings: PortSettings): Promise<readonly Finding[]> {
  const { http, https, control, host, controlHost } = settings
  const wanted: readonly (readonly [
    WantedPort['setting'],
    number | undefined,
    string | undefined,
  ])[] = [
    ['http', http, host],
    ['https', https, host],
    ['control', control, controlHost],
  ]
  const findings: Finding[] = []
  for (const [setting, port, address] of wanted) {
    if (port === undefined || port === 0) continue
    const subject = `port ${port} (--${setting})`
    try {
      await checkPortsFree([{ setting, port, host: address }])
      findings.push(ok(subject, 'is free; no Postern runs with this data folder'))
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown
      const { message, mend = '' } = thrown
      findings.push(problem(subject, message, mend))
    }
  }
  return findings
}

function causeOf(thrown: unknown): string {
  const { cause } = thrown as { cause?: unknown }
  return messageOf(cause ?? thrown)
}
