/**
 * `control.json` in the data folder: where the control port listens, for other processes of the same user.
 *
 * It is there while the control port is open. One that a killed process has left is removed by the next that has locked
 * the folder, so nobody is sent to a port where something else may listen by now.
 */

import { rmSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'

export interface ControlFacts {
  readonly url: string
  readonly pid: number
  /** That the definition files of the command belong to. */
  readonly region: string
}

/** There as a whole or not at all, for whoever reads it at this moment. */
export async function writeControlFile(folder: string, facts: ControlFacts): Promise<void> {
  const file = fileIn(folder)
  const unfinished = `${file}.unfinished`
  await writeFile(unfinished, JSON.stringify(facts), { mode: 0o600 })
  await rename(unfinished, file)
}

export function removeControlFile(folder: string): void {
  rmSync(fileIn(folder), { force: true })
}

function fileIn(folder: string): string {
  return path.join(folder, 'control.json')
}
