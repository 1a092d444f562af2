/**
 * From definition files to a configuration, or to the list of everything that is wrong with them.
 *
 * Reads each file once; a file whose content is the same as before keeps its stage and the revision of its stage, so a
 * reload of ten definitions deploys the one that has changed. Problems of all files are collected before any is shown.
 */

import { open } from 'node:fs/promises'
import { messageOf } from '../base/message-of.ts'
import type { Configuration, HttpApiStage } from '../domain/http-api.ts'
import { limitsOf } from '../domain/limits.ts'
import type { Problem } from '../domain/problem.ts'
import { codeOf } from './failure.ts'
import type { Settings } from './settings/settings.ts'

/** What is asked of a file at a time. */
const READ_BYTES = 65_536

export interface LoadedDefinitions {
  /** Undefined when any definition has an error. */
  readonly configuration: Configuration | undefined
  /** Errors and warnings, file by file. */
  readonly problems: readonly Problem[]
}

/** The settings that decide how a definition is read. */
export type ReadingSettings = Pick<
  Settings,
  'limits' | 'limit' | 'target' | 'accountId' | 'region' | 'stageVariable'
>

interface Remembered {
  readonly text: string
  readonly stage: HttpApiStage
  readonly problems: readonly Problem[]
}

interface Loaded {
  readonly stage: HttpApiStage | undefined
  readonly problems: readonly Problem[]
}

export class DefinitionLoader {
  readonly #files: readonly string[]
  readonly #settings: ReadingSettings
  /** What was deployed last, by file. */
  readonly #before = new Map<string, Remembered>()
  #revision = 0

  constructor(files: readonly string[], settings: ReadingSettings) {
    this.#files = files
    this.#settings = settings
  }

  /** A new revision of everything; what is broken takes no number. Never throws for what is wrong with a file. */
  async load(): Promise<LoadedDefinitions> {
    const revision = this.#revision + 1
    const loaded = await Promise.all(this.#files.map((file) => this.#loadOne(file, revision)))
    const problems = loaded.flatMap((each) => each.problems)
    const stages = loaded.flatMap((each) => each.stage ?? [])
    problems.push(...this.#collisions(loaded))
    const broken = problems.some((problem) => problem.severity === 'error')
    if (broken) return { configuration: undefined, problems }
    this.#revision = revision
    return { configuration: { revision, stages }, problems }
  }

  async #loadOne(file: string, revision: number): Promise<Loaded> {
    const { limits: profile, limit, target, accountId, region, stageVariable } = this.#settings
    const limits = limitsOf(profile, limit)
    const text = await readDefinition(file, limits.definitionBytes)
    if (typeof text !== 'string') return { stage: undefined, problems: [text] }
    const before = this.#before.get(file)
    if (before?.text === text) return before
    const { importOpenApi } = await import('../definitions/open-api/open-api.ts')
    const { stage, problems } = importOpenApi(
      { file, text },
      {
        profile,
        limits,
        accountId,
        region,
        stageVariables: stageVariable,
        revision,
        ...(target === undefined ? {} : { target }),
      },
    )
    if (stage !== undefined) this.#before.set(file, { text, stage, problems })
    return { stage, problems }
  }

  /** One id is one address: two definitions cannot share it. */
  #collisions(loaded: readonly Loaded[]): Problem[] {
    const files = new Map<string, string>()
    const problems: Problem[] = []
    for (const [i, { stage }] of loaded.entries()) {
      const file = this.#files[i]!
      const other = stage === undefined ? undefined : files.get(stage.apiId)
      if (stage !== undefined && other !== undefined) problems.push(collision(file, other, stage))
      else if (stage !== undefined) files.set(stage.apiId, file)
    }
    return problems
  }
}

function collision(file: string, other: string, stage: HttpApiStage): Problem {
  return fileProblem(file, {
    code: 'api-id-duplicate',
    message: `The API id ${stage.apiId} belongs to ${other} already.`,
    mend: 'Give one of them another info.title, or an id of its own with x-postern-api-id.',
  })
}

/** The text, or why there is none. */
export async function readDefinition(file: string, bytesMax: number): Promise<string | Problem> {
  try {
    const bytes = await readAtMost(file, bytesMax)
    if (bytes === undefined) return tooLarge(file, bytesMax)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (thrown) {
    return unreadable(file, thrown)
  }
}

/** The content; undefined when there is more of it. A pipe or a device does not say before how much it has. */
async function readAtMost(file: string, bytesMax: number): Promise<Buffer | undefined> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    if (size > bytesMax) return undefined
    const chunks: Buffer[] = []
    for (let bytes = 0; bytes <= bytesMax; ) {
      const { bytesRead, buffer } = await handle.read({ buffer: Buffer.allocUnsafe(READ_BYTES) })
      if (bytesRead === 0) return Buffer.concat(chunks, bytes)
      bytes += bytesRead
      chunks.push(buffer.subarray(0, bytesRead))
    }
    return undefined
  } finally {
    await handle.close()
  }
}

function tooLarge(file: string, bytesMax: number): Problem {
  return fileProblem(file, {
    code: 'definition-too-large',
    message: `The definition has more than ${bytesMax} bytes.`,
    mend: 'Split it, or raise --limit definitionBytes.',
  })
}

function unreadable(file: string, thrown: unknown): Problem {
  if (thrown instanceof TypeError) {
    return fileProblem(file, {
      code: 'definition-not-utf-8',
      message: 'The definition is not UTF-8 text.',
      mend: 'Save it as UTF-8.',
    })
  }
  const known = /^https?:/.test(file) ? ADDRESS : UNREADABLE.get(codeOf(thrown))
  return fileProblem(file, {
    code: 'definition-unreadable',
    message: known?.message ?? `The definition cannot be read: ${messageOf(thrown)}.`,
    mend: known?.mend ?? 'Check the path and its permissions.',
  })
}

const ADDRESS = {
  message: 'This is an address; definitions are read from files only.',
  mend: 'Download it first, and name the file.',
}

const UNREADABLE = new Map([
  [
    'ENOENT',
    {
      message: 'There is no such file.',
      mend: 'Check the path; it is relative to the working directory.',
    },
  ],
  [
    'EACCES',
    { message: 'The file may not be read.', mend: 'Give this user the right to read it.' },
  ],
  ['EISDIR', { message: 'This is a folder.', mend: 'Name the definition file in it.' }],
])

export function fileProblem(
  file: string,
  text: Pick<Problem, 'code' | 'message' | 'mend'>,
): Problem {
  return { severity: 'error', ...text, file, line: 0, column: 0, pointer: '' }
}
