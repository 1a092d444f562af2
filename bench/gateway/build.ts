/** Builds Postern before it is measured, so that what runs is what is published. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export function buildPostern(say: (line: string) => void): void {
  if (!existsSync(`${ROOT}tools/build.ts`)) {
    say('bench: there is no tools/build.ts; Postern runs from its sources, which start more slowly')
    return
  }
  const built = spawnSync(process.execPath, ['tools/build.ts'], { cwd: ROOT, encoding: 'utf8' })
  if (built.status !== 0)
    throw new Error(`bench: the build failed: ${built.stderr || built.stdout}`)
}
