/**
 * Installs the programs of other people that the tests run and npm does not bring: AWS's command line,
 * boto3, Chromium, Pebble, OpenSSL.
 *
 * Debian's packages, by apt-get, as root or through a sudo that asks nothing. Where that is not possible this says what
 * to do; the tests that need them then fail, so that nothing is left out unnoticed.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { findChromium } from '../test/harness/browser.ts'
import { findIp } from '../test/harness/network-hosts.ts'
import { findOpenSsl } from '../test/harness/openssl.ts'
import { findAwsCli, findPython } from '../test/harness/outside-clients.ts'
import { findPebble } from '../test/harness/pebble.ts'

/** A test file that runs one of them imports its module. */
const CLIENTS = 'harness/outside-clients.ts'
const BROWSER = 'harness/browser.ts'
const ACME_SERVER = 'harness/pebble.ts'
const OPENSSL = 'harness/openssl.ts'
const HOSTS = 'harness/network-hosts.ts'

/** Whoever takes a type from such a module runs nothing. */
const TYPES_ONLY = /^import type .*$/gm

interface OutsidePackage {
  /** Its name in Debian. */
  readonly name: string
  readonly harness: string
  readonly elsewhere: string
  readonly isThere: () => boolean
}

const PACKAGES: readonly OutsidePackage[] = [
  {
    name: 'awscli',
    harness: CLIENTS,
    elsewhere: 'the AWS command line, version 2',
    isThere: () => findAwsCli() !== undefined,
  },
  {
    name: 'python3-boto3',
    harness: CLIENTS,
    elsewhere: 'python3 with boto3',
    isThere: () => findPython() !== undefined,
  },
  {
    name: 'chromium',
    harness: BROWSER,
    elsewhere: 'Chromium',
    isThere: () => findChromium() !== undefined,
  },
  {
    name: 'pebble',
    harness: ACME_SERVER,
    elsewhere: "Pebble, Let's Encrypt's ACME server for tests",
    isThere: () => findPebble() !== undefined,
  },
  {
    name: 'openssl',
    harness: OPENSSL,
    elsewhere: 'the command openssl',
    isThere: findOpenSsl,
  },
  {
    name: 'iproute2',
    harness: HOSTS,
    elsewhere: 'the command ip',
    isThere: findIp,
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

/** Names of the packages that these test files run. */
export function packagesFor(files: readonly string[]): string[] {
  const texts = files.map((file) => readFileSync(file, 'utf8').replaceAll(TYPES_ONLY, ''))
  return PACKAGES.filter(({ harness }) => texts.some((text) => text.includes(harness))).map(
    ({ name }) => name,
  )
}

/** Installs what is missing of these and says so; what is missing still is said too. */
export function ensureOutsidePackages(wanted: readonly string[]): void {
  const missing = PACKAGES.filter(({ name, isThere }) => wanted.includes(name) && !isThere())
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
