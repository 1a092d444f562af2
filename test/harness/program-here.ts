/** A whole Postern in this process, so that a test can have one of its workers crash; it serves what its store holds. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Program } from '../../src/server/program.ts'
import type { Settings } from '../../src/server/settings/settings.ts'
import { resolveSettings } from '../../src/server/settings/settings-sources.ts'
import { createProgram } from '../../src/server/wire.ts'
import type { Endpoint } from './outside-clients.ts'
import { endpointOf } from './server.ts'

export interface ProgramHere {
  readonly program: Program
  readonly folder: string
  readonly endpoint: Endpoint
  /** The data port, on 127.0.0.1. */
  readonly port: number
  /** What it has said so far. */
  readonly lines: readonly string[]
  metrics(): string
}

/** It ends with the test. */
export async function startHere(t: TestContext, wanted: Partial<Settings>): Promise<ProgramHere> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-here-'))
  const lines: string[] = []
  const add = (line: string) => void lines.push(line)
  const ports = { http: 0, https: undefined, control: 0 }
  const settings = { ...resolveSettings('up', []), ...ports, data: folder, ...wanted }
  const program = await createProgram({
    settings,
    files: [],
    log: { info: add, warn: add, error: add, problem: ({ message }) => add(message), event: add },
    colors: false,
    onGiveUp: add,
  })
  t.after(async () => {
    await program.stop()
    rmSync(folder, { recursive: true })
  })
  const bound = (await program.boot()).ports
  const endpoint = await endpointOf(folder)
  return { program, folder, endpoint, port: bound.http!, lines, metrics: () => program.metrics() }
}
