/**
 * AWS's own command line and Python SDK, as other people run them: found on this machine, cut off from its
 * configuration, pointed at a Postern.
 *
 * `npm test` installs Debian's packages where they are missing (`tools/outside-packages.ts`). Where that is not
 * possible the tests that need them fail and say what to install; nothing is skipped.
 */

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pythonOf, WarmAws } from './warm-aws.ts'

/** Where a client finds a Postern, and who it is: what `postern env` prints. */
export interface Endpoint {
  readonly url: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface FoundClient {
  readonly command: string
  readonly version: string
}

export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** How long one run may take; a Python interpreter alone needs a second on a busy machine. */
const CALL_TIMEOUT_MS = 60_000
const OUTPUT_BYTES_MAX = 16_777_216
/** A `FoundClient`, as JSON. */
const KNOWN_AWS = 'POSTERN_TEST_AWS'
/** The first `aws` that obeys AWS_ENDPOINT_URL. */
const KNOWS_ENDPOINT_URL = [2, 13]

/**
 * The AWS command line, version 2: Debian's, else the first on PATH. Others are passed over: version 1 is another
 * program, and version managers put wrappers of it in front.
 */
export function findAwsCli(): FoundClient | undefined {
  const known = process.env[KNOWN_AWS]
  if (known !== undefined) return JSON.parse(known)
  return firstFound(places('aws'), ['--version'], /^aws-cli\/(2\.[\d.]+) /)
}

/** Variables that spare the tests of a run the look: each of them takes a second. */
export function awsCliIsKnown(): Record<string, string> {
  const found = findAwsCli()
  return found === undefined ? {} : { [KNOWN_AWS]: JSON.stringify(found) }
}

/** A Python that can import boto3. */
export function findPython(): FoundClient | undefined {
  const program = 'import boto3; print(boto3.__version__)'
  return firstFound(places('python3'), ['-c', program], /^(\d+\.[\d.]+)$/m)
}

/** The AWS command line against one Postern. */
export class AwsCli {
  readonly #run: (words: readonly string[]) => Promise<Outcome>

  /** `home`: the folder of its user, where it finds `.aws/models`. */
  constructor(endpoint: Endpoint, home?: string) {
    const found = demand(findAwsCli(), 'the AWS command line, version 2', 'awscli')
    const env = environmentOf(endpoint)
    if (home !== undefined) env['HOME'] = home
    const flags = obeysEndpointUrl(found.version) ? [] : ['--endpoint-url', endpoint.url]
    const run = runnerOf(found.command, env)
    this.#run = (words) => run([...flags, ...words])
  }

  run(...words: string[]): Promise<Outcome> {
    return this.#run(words)
  }

  /** The answer of a call that succeeds; undefined where it prints none. */
  async call<T = Record<string, unknown>>(...words: string[]): Promise<T> {
    const { status, stdout, stderr } = await this.run(...words)
    assert.equal(status, 0, `aws ${words.join(' ')}\n${stderr}`)
    return (stdout.trim() === '' ? undefined : JSON.parse(stdout)) as T
  }

  /** What a call that is refused says on standard error. */
  async refused(...words: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...words)
    assert.notEqual(status, 0, `aws ${words.join(' ')} succeeded: ${stdout}`)
    return stderr.trim()
  }
}

/** Where it is a program in Python it is loaded once only. */
function runnerOf(command: string, env: Readonly<Record<string, string>>) {
  const python = pythonOf(command)
  if (python === undefined) {
    return (words: readonly string[]) => runIsolated(command, words, env)
  }
  const warm = new WarmAws(command, python, { env, timeoutMs: CALL_TIMEOUT_MS })
  return (words: readonly string[]) => warm.run(words)
}

/** Runs a Python file that uses boto3; it finds the endpoint in AWS_ENDPOINT_URL. */
export function runBoto3(file: string, words: readonly string[], to: Endpoint): Promise<Outcome> {
  const { command } = demand(findPython(), 'a Python with boto3', 'python3-boto3')
  return runIsolated(command, [file, ...words], environmentOf(to))
}

function demand(found: FoundClient | undefined, what: string, debian: string): FoundClient {
  if (found !== undefined) return found
  throw new Error(`This test needs ${what}; on Debian: apt-get install ${debian}`)
}

function places(program: string): string[] {
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)]
  return [...new Set(folders)].map((folder) => join(folder, program)).filter(existsSync)
}

function firstFound(
  commands: readonly string[],
  words: readonly string[],
  version: RegExp,
): FoundClient | undefined {
  for (const command of commands) {
    const { stdout } = spawnSync(command, words, { encoding: 'utf8', timeout: CALL_TIMEOUT_MS })
    const found = version.exec(stdout ?? '')
    if (found !== null) return { command, version: found[1]! }
  }
  return undefined
}

function obeysEndpointUrl(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [sinceMajor = 0, sinceMinor = 0] = KNOWS_ENDPOINT_URL
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor)
}

function runIsolated(
  command: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const options = {
      env,
      timeout: CALL_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: OUTPUT_BYTES_MAX,
      encoding: 'utf8',
    } as const
    execFile(command, words, options, (error, stdout, stderr) => {
      if (error === null) resolve({ status: 0, stdout, stderr })
      else if (typeof error.code === 'number') resolve({ status: error.code, stdout, stderr })
      else reject(new Error(`${command} ${words.join(' ')}: ${error.message}\n${stderr}`))
    })
  })
}

/** Nothing of the machine's own environment reaches the client: no profile, no proxy, no credentials. */
function environmentOf(to: Endpoint): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    AWS_ENDPOINT_URL: to.url,
    AWS_REGION: to.region,
    AWS_DEFAULT_REGION: to.region,
    AWS_ACCESS_KEY_ID: to.accessKeyId,
    AWS_SECRET_ACCESS_KEY: to.secretAccessKey,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_DEFAULT_OUTPUT: 'json',
    AWS_PAGER: '',
    // A retry would hide an answer that should not have been given.
    AWS_MAX_ATTEMPTS: '1',
  }
}
