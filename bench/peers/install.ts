/**
 * Makes sure that the programs the bench compares with are there.
 *
 * Debian packages are installed with apt-get when the bench runs as root and one is missing; the Node proxies with npm
 * into `bench/peers/node_modules`. Everything that is installed is said first. Nothing is removed afterwards.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Program → Debian package. */
const PROGRAMS: Readonly<Record<string, string>> = {
  nginx: 'nginx',
  haproxy: 'haproxy',
  caddy: 'caddy',
  wrk: 'wrk',
  h2load: 'nghttp2-client',
  taskset: 'util-linux',
  chrt: 'util-linux',
  curl: 'curl',
  openssl: 'openssl',
}
const HERE = fileURLToPath(new URL('.', import.meta.url))

export function installPeers(say: (line: string) => void): void {
  const missing = Object.keys(PROGRAMS).filter((program) => !isInstalled(program))
  const packages = [...new Set(missing.map((program) => PROGRAMS[program]!))]
  if (packages.length > 0) installDebian(packages, say)
  if (!areNodePeersInstalled()) {
    say('bench: installing the Node peers into bench/peers/node_modules with npm')
    run(['npm', 'install', '--no-audit', '--no-fund', '--no-package-lock'], HERE)
  }
}

/** First line of what each peer says about its version, for the report. */
export function peerVersions(): Readonly<Record<string, string>> {
  const ask: Readonly<Record<string, readonly string[]>> = {
    nginx: ['nginx', '-v'],
    haproxy: ['haproxy', '-v'],
    caddy: ['caddy', 'version'],
    wrk: ['wrk', '-v'],
    h2load: ['h2load', '--version'],
  }
  const versions: Record<string, string> = { node: process.version }
  for (const [name, command] of Object.entries(ask)) {
    const { stdout, stderr } = spawnSync(command[0]!, command.slice(1), { encoding: 'utf8' })
    const found = /\d+\.\d+[\w.+~-]*/.exec(stdout + stderr)
    versions[name] = found?.[0] ?? 'unknown'
  }
  return versions
}

function installDebian(packages: readonly string[], say: (line: string) => void): void {
  const command = ['apt-get', 'install', '--yes', '--no-install-recommends', ...packages]
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    throw new Error(
      `bench: missing ${packages.join(', ')}. Install them first, as root: ${command.join(' ')}`,
    )
  }
  say(`bench: installing ${packages.join(', ')} with apt-get`)
  run(['apt-get', 'update'], HERE)
  // Debian starts nginx, haproxy and caddy as services on installation; this answer forbids it for this run.
  run(command, HERE, { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' })
}

/** All of them, in the versions that `package.json` names. */
function areNodePeersInstalled(): boolean {
  const { dependencies } = readPackage(HERE)
  return Object.entries(dependencies ?? {}).every(([name, version]) => {
    const folder = `${HERE}node_modules/${name}/`
    return existsSync(folder) && readPackage(folder).version === version
  })
}

interface Package {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

function readPackage(folder: string): Package {
  return JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as Package
}

function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}

function run(command: readonly string[], folder: string, environment: Record<string, string> = {}) {
  const { status, stderr } = spawnSync(command[0]!, command.slice(1), {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status !== 0) throw new Error(`bench: ${command.join(' ')} failed: ${stderr}`)
}
