/**
 * Definition files to APIs of the store: what `postern up FILE` and a reload do.
 *
 * Each file is one API in the account and region of the settings. A file whose text is as it was when its API was
 * deployed last is not deployed again, so what was changed by other means since survives a restart; a file that has
 * changed replaces all of it. All files of a command go live together or not at all. APIs of files that the command no
 * longer names stay in the store and are not served; where the same file is for another account or region now, its API
 * moves there.
 */

import { createHash } from 'node:crypto'
import { ServiceError } from '../aws/service-error.ts'
import { apiIdOf } from '../definitions/open-api/identifiers.ts'
import type { HttpApiImport } from '../definitions/open-api/open-api.ts'
import { limitsOf } from '../domain/limits.ts'
import type { Problem } from '../domain/problem.ts'
import type { ApiRecord, StageRecord } from '../services/apigatewayv2/records.ts'
import type { WriteContext } from '../services/service.ts'
import type { Scope, Store, Transaction } from '../storage/store.ts'
import { fileProblem, type ReadingSettings, readDefinition } from './load-definitions.ts'

/** One file, ready to be deployed. */
export interface DefinitionFile {
  readonly file: string
  readonly digest: string
  /** Undefined: the store has it already. */
  readonly definition: HttpApiImport | undefined
  readonly apiId: string
}

export interface ReadFiles {
  /** Undefined when any file has an error. */
  readonly files: readonly DefinitionFile[] | undefined
  readonly problems: readonly Problem[]
}

export class DefinitionFiles {
  readonly scope: Scope
  readonly #files: readonly string[]
  readonly #settings: ReadingSettings
  readonly #version: string

  constructor(files: readonly string[], settings: ReadingSettings, version: string) {
    this.scope = { accountId: settings.accountId, region: settings.region }
    this.#files = files
    this.#settings = settings
    this.#version = version
  }

  /** Reads every file; changes nothing. */
  async read(store: Store): Promise<ReadFiles> {
    const stored = await this.#stored(store)
    const read = await Promise.all(this.#files.map((file) => this.#readOne(file, stored)))
    const files = read.flatMap(({ file }) => file ?? [])
    const problems = [...read.flatMap((each) => each.problems), ...collisions(files)]
    const broken = problems.some((problem) => problem.severity === 'error')
    return { files: broken ? undefined : files, problems }
  }

  /** Brings the store in step with the files. Returns what whoever started the program should know. */
  async deploy(
    files: readonly DefinitionFile[],
    context: WriteContext,
    transaction: Transaction,
  ): Promise<readonly string[]> {
    for (const each of files) await checkStillSo(each, context)
    const notes = await this.#parkOthers(files, transaction)
    const changed = files.filter(({ definition }) => definition !== undefined)
    if (changed.length === 0) return notes
    const { deployDefinition } = await import('../services/apigatewayv2/draft/deploy-definition.ts')
    for (const each of changed) {
      const note = await noteOnDrift(each, context)
      if (note !== undefined) notes.push(note)
      const { definition, stage } = each.definition!
      const { apiId, deploymentId } = await deployDefinition(context, {
        definition: definition!,
        stageSettings: stage,
        apiId: each.apiId,
        stageName: stage.StageName ?? '$default',
      })
      await this.#remember(context, apiId, { file: each.file, digest: each.digest, deploymentId })
    }
    return notes
  }

  async #remember(
    { records }: WriteContext,
    apiId: string,
    source: NonNullable<ApiRecord['source']>,
  ): Promise<void> {
    const key = { kind: 'api', parent: '', id: apiId }
    const { body } = (await records.get<ApiRecord>(key))!
    await records.put(key, { ...body, source })
  }

  async #stored(store: Store): Promise<ReadonlyMap<string, ApiRecord>> {
    const page = await store.read((reader) => reader.in(this.scope).list<ApiRecord>('api', ''))
    return new Map(page.records.map(({ id, body }) => [id, body]))
  }

  async #readOne(
    file: string,
    stored: ReadonlyMap<string, ApiRecord>,
  ): Promise<{ file?: DefinitionFile; problems: readonly Problem[] }> {
    const { limits: profile, limit, target, accountId, region, stageVariable } = this.#settings
    const limits = limitsOf(profile, limit)
    const text = await readDefinition(file, limits.definitionBytes)
    if (typeof text !== 'string') return { problems: [text] }
    const digest = this.#digestOf(text)
    for (const [apiId, { source }] of stored) {
      if (source?.file !== file || source.digest !== digest) continue
      return { file: { file, digest, apiId, definition: undefined }, problems: [] }
    }
    const { importHttpApi } = await import('../definitions/open-api/open-api.ts')
    const definition = importHttpApi(
      { file, text },
      {
        ...{ profile, limits, accountId, region, stageVariables: stageVariable },
        ...(target === undefined ? {} : { target }),
        enforce: 'everything',
      },
    )
    const { problems } = definition
    if (definition.definition === undefined) return { problems }
    const apiId = definition.apiId ?? apiIdOf(definition.definition.api.Name ?? '')
    if (stored.has(apiId) && stored.get(apiId)!.source === undefined) {
      return { problems: [...problems, notFromFile(file, apiId)] }
    }
    return { file: { file, digest, apiId, definition }, problems }
  }

  /** Stands for the text and for everything else that decides what becomes of it. */
  #digestOf(text: string): string {
    const { limits, limit, target, stageVariable } = this.#settings
    const surroundings = JSON.stringify([this.#version, limits, limit, target, stageVariable])
    return createHash('sha256').update(surroundings).update('\0').update(text).digest('base64url')
  }

  /**
   * APIs that came from files which the command does not name are not served and stay in the store. A command without
   * files serves all that it holds.
   */
  async #parkOthers(files: readonly DefinitionFile[], transaction: Transaction): Promise<string[]> {
    const named = new Set(files.map(({ apiId }) => apiId))
    const notes: string[] = []
    for (const { scope, id, body } of await transaction.everywhere<ApiRecord>('api')) {
      if (body.source === undefined) continue
      const records = transaction.in(scope)
      const isServed = files.length === 0 || (this.#isOwn(scope) && named.has(id))
      if (!isServed && named.has(id)) {
        // One id is one address: it is made anew where files belong now.
        await records.deleteChildren(id)
        await records.delete({ kind: 'api', parent: '', id })
        notes.push(this.#movedNote(scope, nameOf(id, body)))
      } else if (isServed === (body.source.parked === true)) {
        const { parked: _parked, ...source } = body.source
        const kept = isServed ? source : { ...source, parked: true }
        await records.put({ kind: 'api', parent: '', id }, { ...body, source: kept })
        if (!isServed) notes.push(parkedNote(nameOf(id, body), source.file))
      }
    }
    return notes
  }

  #movedNote(scope: Scope, name: string): string {
    return `${name} of account ${scope.accountId} in ${scope.region} is gone: its file is for ${this.#place} now`
  }

  get #place(): string {
    return `account ${this.scope.accountId} in ${this.scope.region}`
  }

  #isOwn({ accountId, region }: Scope): boolean {
    return accountId === this.scope.accountId && region === this.scope.region
  }
}

function nameOf(id: string, { Name }: ApiRecord): string {
  return `${Name ?? id} (${id})`
}

function parkedNote(name: string, file: string): string {
  return `${name} is not served: it came from ${file}, which this command does not name. Name it, or start without files, to serve it again`
}

/** Since the files were read other calls may have had their turn. Throws a ServiceError. */
async function checkStillSo(
  { file, digest, definition, apiId }: DefinitionFile,
  { records }: WriteContext,
): Promise<void> {
  const api = (await records.get<ApiRecord>({ kind: 'api', parent: '', id: apiId }))?.body
  const isStillSo =
    definition === undefined
      ? api?.source?.digest === digest
      : api === undefined || api.source !== undefined
  if (isStillSo) return
  const message = `${file}: another call has changed its API ${apiId} at the same time. Try again`
  throw new ServiceError('ConflictException', message)
}

/** The file wins over what was changed by other means; that must not happen silently. */
async function noteOnDrift(
  { file, apiId, definition }: DefinitionFile,
  { records }: WriteContext,
): Promise<string | undefined> {
  const api = await records.get<ApiRecord>({ kind: 'api', parent: '', id: apiId })
  const stageName = definition?.stage.StageName ?? '$default'
  const stage = await records.get<StageRecord>({ kind: 'stage', parent: apiId, id: stageName })
  const deployed = api?.body.source?.deploymentId
  if (deployed === undefined || stage?.body.DeploymentId === deployed) return undefined
  const name = api?.body.Name ?? apiId
  return `${name} (${apiId}) is as ${file} says again: changes made by other means are replaced`
}

function collisions(files: readonly DefinitionFile[]): Problem[] {
  const first = new Map<string, string>()
  return files.flatMap(({ file, apiId }) => {
    const other = first.get(apiId)
    if (other === undefined) first.set(apiId, file)
    return other === undefined
      ? []
      : fileProblem(file, {
          code: 'api-id-duplicate',
          message: `The API id ${apiId} belongs to ${other} already.`,
          mend: 'Give one of them another info.title, or an id of its own with x-postern-api-id.',
        })
  })
}

function notFromFile(file: string, apiId: string): Problem {
  return fileProblem(file, {
    code: 'api-id-taken',
    message: `The API ${apiId} exists and was not made from a file: it would be replaced.`,
    mend: `Deploy the file to it with postern deploy ${file} --api ${apiId}, or give the file an id of its own with x-postern-api-id.`,
  })
}
