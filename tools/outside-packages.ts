/**
 * Installs the programs of other people that the tests run and npm does not bring: AWS's command line and boto3.
 *
 * Debian's packages, by apt-get, as root or through a sudo that asks nothing. Where that is not possible this says what
 * to do; the tests that need them then fail, so that nothing is left out unnoticed.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { findAwsCli, findPython } from '../test/harness/outside-clients.ts'

/** A test file that runs one of them imports this module. */
const HARNESS = 'harness/outside-clients.ts'

interface OutsidePackage {
  /** Its name in Debian. */
  readonly name: string
  readonly elsewhere: string
  readonly isThere: () => boolean
}

const PACKAGES: readonly OutsidePackage[] = [
  {
    name: 'awscli',
    elsewhere: 'the AWS command line, version 2',
    isThere: () => findAwsCli() !== undefined,
  },
  {
    name: 'python3-boto3',
    elsewhere: 'python3 with boto3',
    isThere: () => findPython() !== undefined,
  },
]

/** What decides how something can be installed. */
export interface Machine {
  readonly aptGet: boolean
  readonly root: boolean
  /** sudo runs without asking for a password. */
  readonly sudo: boolean
}

export type InstallPlan =
  | { readonly kind: 'run'; readonly commands: readonly (readonly string[])[] }
  | { readonly kind: 'impossible'; readonly reason: string; readonly mend: string }

export function needsOutsidePackages(files: readonly string[]): boolean {
  return files.some((file) => readFileSync(file, 'utf8').includes(HARNESS))
}

/** Installs what is missing and says so; what is missing still is said too. */
export function ensureOutsidePackages(): void {
  const missing = PACKAGES.filter((each) => !each.isThere())
  if (missing.length === 0) return
  const names = missing.map((each) => each.name)
  const plan = planInstall(missing, thisMachine())
  if (plan.kind === 'run') {
    console.log(`npm test: installing ${names.join(' and ')} with apt-get`)
    const failed = plan.commands.find((command) => !runs(command))
    if (failed === undefined && missing.every((each) => each.isThere())) return
    console.error(`npm test: ${(failed ?? plan.commands.at(-1)!).join(' ')} did not bring them.`)
  } else {
    console.error(`npm test: ${names.join(' and ')} cannot be installed: ${plan.reason}.`)
    console.error(`  → ${plan.mend}`)
  }
  console.error('  Tests that drive Postern with them will fail.')
}

export function planInstall(
  missing: readonly Pick<OutsidePackage, 'name' | 'elsewhere'>[],
  machine: Machine,
): InstallPlan {
  const names = missing.map((each) => each.name)
  if (!machine.aptGet) {
    const mend = `Install ${missing.map((each) => each.elsewhere).join(' and ')}, and try again.`
    return { kind: 'impossible', reason: 'there is no apt-get on this machine', mend }
  }
  if (!machine.root && !machine.sudo) {
    const mend = `Run: sudo apt-get install ${names.join(' ')}`
    return { kind: 'impossible', reason: 'you are not root, and sudo asks for a password', mend }
  }
  const before = machine.root ? [] : ['sudo', '-n']
  const install = ['install', '--yes', '--quiet', '--no-install-recommends', ...names]
  return {
    kind: 'run',
    commands: [
      [...before, 'apt-get', 'update', '--quiet'],
      [...before, 'apt-get', ...install],
    ],
  }
}

function thisMachine(): Machine {
  const root = process.getuid?.() === 0
  return {
    aptGet: spawnSync('apt-get', ['--version']).status === 0,
    root,
    sudo: !root && spawnSync('sudo', ['-n', 'true']).status === 0,
  }
}

function runs(command: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(command[0]!, command.slice(1), { stdio: 'inherit', env }).status === 0
}
