/** The machine and the versions that a result was measured with; results of different machines are never mixed. */
import { cpus, release, totalmem } from 'node:os'
import { peerVersions } from '../peers/install.ts'
import type { Cores } from '../process/cores.ts'

export interface Machine {
  readonly processor: string
  readonly coreCount: number
  readonly memoryGb: number
  readonly kernel: string
  readonly cores: Cores
  readonly versions: Readonly<Record<string, string>>
}

export function describeMachine(cores: Cores): Machine {
  const all = cpus()
  return {
    processor: all[0]?.model.trim() ?? 'unknown',
    coreCount: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `Linux ${release().split('-')[0]}`,
    cores,
    versions: peerVersions(),
  }
}
