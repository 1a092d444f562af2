/**
 * `npm run build`: JavaScript in dist/, the form in which the package is published.
 *
 * Development and tests run the TypeScript sources; Node does not strip types below node_modules, so an installed
 * package needs this. Any diagnostic fails the build. dist/ is replaced at the end, in one step, and stays as it was
 * when the build fails.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'

function build(root: string): number {
  const made = resolve(root, 'node_modules/.cache/dist')
  rmSync(made, { recursive: true, force: true })
  const compiler = resolve(root, 'node_modules/.bin/tsc')
  const project = resolve(root, 'tools/build.tsconfig.json')
  const { status, error } = spawnSync(compiler, ['-p', project, '--outDir', made], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) {
    console.error(error?.message ?? 'build: the compiler found errors; dist/ is as it was')
    return 1
  }
  replace(resolve(root, 'dist'), made)
  return 0
}

function replace(folder: string, made: string): void {
  const before = `${made}.before`
  rmSync(before, { recursive: true, force: true })
  mkdirSync(resolve(made, '..'), { recursive: true })
  if (existsSync(folder)) renameSync(folder, before)
  renameSync(made, folder)
  rmSync(before, { recursive: true, force: true })
}

process.exitCode = build(resolve(import.meta.dirname, '..'))
