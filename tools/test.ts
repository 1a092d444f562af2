/**
 * `npm test`: the checks, then every test under the Node that Postern ships with, then again under the next one.
 *
 *   npm test               everything
 *   npm test -- PATTERN…   only test files whose path holds one of the words, under the present Node
 *
 * What a program of other people drives (but for openssl, which asks Node's TLS), guides that are typed, the package and the soaks
 * run under the first Node only: most of their time says nothing of Node.
 *
 * What a test needs that `npm ci` did not bring is installed, which is said: the next Node under node_modules/.cache,
 * AWS's command line, boto3 and Chromium as packages of the system. With CI=true nothing is left out. The exit code is 0 only
 * when every part passed.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, resolve } from 'node:path'
import { awsCliIsKnown } from '../test/harness/outside-clients.ts'
import { ensureOutsidePackages, packagesFor } from './outside-packages.ts'

const ROOT = resolve(import.meta.dirname, '..')
const BIN = resolve(ROOT, 'node_modules/.bin')
const NEXT_NODE = '26'
/** Most of the time of a test file is that of loading TypeScript: every process finds it compiled by the first. */
const COMPILE_CACHE = resolve(ROOT, 'node_modules/.cache/compiled')
const TEST_TIMEOUT_MS = 180_000
/** Test files beside those that keep the processors busy: most of them wait for a third of their time. */
const WAITING = 1

const TESTS = ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts']
/** Under one Node only. */
const ONCE = ['test/soak/', 'test/guides/', 'test/package.test.ts', 'test/adversarial/47-']
/** Part of the checks, which run first. */
const CHECK_TESTS = ['test/tidy.test.ts']

interface Step {
  readonly name: string
  readonly command: string
  readonly parameters: readonly string[]
  /** A folder that comes first in PATH. */
  readonly path?: string
}

function main(patterns: readonly string[]): number {
  const files = testFiles(patterns)
  if (patterns.length > 0 && files.length === 0) {
    console.error(`No test file's path holds ${patterns.join(' or ')}.`)
    return 1
  }
  const wanted = packagesFor(files.map((file) => resolve(ROOT, file)))
  ensureOutsidePackages(wanted)
  if (wanted.includes('awscli')) Object.assign(process.env, awsCliIsKnown())
  if (patterns.length > 0) return run([suite(process.execPath, files)])
  const next = nextNode()
  if (next === undefined) return 1
  const again = files.filter(
    (file) =>
      !ONCE.some((start) => file.startsWith(start)) &&
      packagesFor([resolve(ROOT, file)]).every((name) => name === 'openssl'),
  )
  return run([...checks(), suite(process.execPath, files), suite(next, again)])
}

function testFiles(patterns: readonly string[]): string[] {
  const files = TESTS.flatMap((glob) => globSync(glob, { cwd: ROOT }))
    .filter((file) => !file.includes('node_modules'))
    .toSorted()
  return patterns.length === 0
    ? files.filter((file) => !CHECK_TESTS.includes(file))
    : files.filter((file) => patterns.some((pattern) => file.includes(pattern)))
}

/** The parts of `npm run check`, one by one, so that each is named. */
function checks(): Step[] {
  return [
    { name: 'biome', command: resolve(BIN, 'biome'), parameters: ['check', '.'] },
    { name: 'types', command: resolve(BIN, 'tsc'), parameters: ['--noEmit'] },
    { ...suite(process.execPath, CHECK_TESTS), name: 'tidy' },
  ]
}

function suite(node: string, files: readonly string[]): Step {
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
  return {
    name: `${files.length} test files under Node ${version}`,
    command: node,
    parameters: [
      '--test',
      `--test-concurrency=${availableParallelism() + WAITING}`,
      // A test that hangs is told by name instead of holding everything up.
      `--test-timeout=${TEST_TIMEOUT_MS}`,
      `--test-reporter=${resolve(ROOT, 'tools/test-reporter.ts')}`,
      '--test-reporter-destination=stdout',
      ...files,
    ],
    path: resolve(node, '..'),
  }
}

/** Runs every step, also after a failure, so that one run tells everything. */
function run(steps: readonly Step[]): number {
  const failed: string[] = []
  for (const step of steps) {
    console.log(`\nnpm test: ${step.name}`)
    const path = [step.path ?? BIN, process.env['PATH']].join(delimiter)
    const result = spawnSync(step.command, step.parameters, {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, PATH: path, NODE_COMPILE_CACHE: COMPILE_CACHE },
    })
    if (result.status !== 0) failed.push(step.name)
    if (result.error !== undefined) console.error(`${step.command}: ${result.error.message}`)
  }
  if (failed.length > 0) console.error(`\nnpm test: failed: ${failed.join('; ')}`)
  return failed.length === 0 ? 0 : 1
}

/** The next major version of Node, from the registry package that also brings the present one. */
function nextNode(): string | undefined {
  const folder = resolve(ROOT, `node_modules/.cache/node-${NEXT_NODE}`)
  const node = resolve(folder, 'node_modules/node/bin/node')
  if (existsSync(node)) return node
  console.log(`npm test: installing Node ${NEXT_NODE} into ${folder}`)
  mkdirSync(folder, { recursive: true })
  // npm runs the install script of a package only where the project allows it.
  const manifest = { private: true, allowScripts: { node: true } }
  writeFileSync(resolve(folder, 'package.json'), JSON.stringify(manifest))
  const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
  const install = ['install', '--prefix', folder, ...quiet, `node@${NEXT_NODE}`]
  const { status } = spawnSync('npm', install, { cwd: folder, stdio: 'inherit' })
  if (status === 0 && existsSync(node)) return node
  console.error(
    `npm test: Node ${NEXT_NODE} could not be installed; is the npm registry reachable?`,
  )
  return undefined
}

process.exitCode = main(process.argv.slice(2))
