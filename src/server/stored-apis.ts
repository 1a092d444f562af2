/**
 * The control plane's half that serving needs: the store, what of it is live, and the definition files of the command.
 *
 * It is there before the first request; the management APIs, which need more code, are loaded when the data ports are
 * open (`control-calls.ts`).
 */

import { ServiceError } from '../aws/service-error.ts'
import { resourceId } from '../base/resource-id.ts'
import type { OpenSealer } from '../certificates/tls-records.ts'
import type { ServedApis } from '../domain/served-apis.ts'
import type { LiveStages } from '../services/live-stages.ts'
import type { ServiceSettings } from '../services/service.ts'
import { type CallParts, WriteCalls } from '../services/write-calls.ts'
import { WriteQueue } from '../services/write-queue.ts'
import type { Store } from '../storage/store.ts'
import { StoreUnusable } from '../storage/store-unusable.ts'
import type { DefinitionFiles, ReadFiles } from './definition-files.ts'
import type { ProgramLog } from './program-log.ts'
import type { Publisher } from './publisher.ts'

export interface StoredApisParts {
  readonly store: Store
  readonly stages: LiveStages
  readonly openSealer: OpenSealer
  readonly usage: { close(): Promise<void> }
  readonly publisher: Publisher
  readonly files: DefinitionFiles
  readonly settings: ServiceSettings
  readonly served: () => ServedApis
  readonly now: () => Date
  readonly log: ProgramLog
}

export class StoredApis {
  readonly store: Store
  readonly publisher: Publisher
  /** For whatever calls besides the files. */
  readonly callParts: CallParts
  readonly writes: WriteCalls
  /** Opens the key that seals secrets at rest, once. */
  readonly openSealer: OpenSealer
  readonly #parts: StoredApisParts

  constructor(parts: StoredApisParts) {
    const { store, publisher, settings, served, now } = parts
    this.#parts = parts
    this.store = store
    this.openSealer = parts.openSealer
    this.publisher = publisher
    this.callParts = { store, settings, served, now, newId: resourceId }
    const queue = new WriteQueue({ ...parts, newId: resourceId })
    this.writes = new WriteCalls(this.callParts, queue)
  }

  /** What the store says is live. Nothing is compiled before the first deployment. */
  async begin(): Promise<void> {
    const { store, stages, publisher, log } = this.#parts
    const { live, refused, shared } = await store.read((reader) => stages.all(reader))
    for (const { apiId, stageName, reasons } of refused) {
      log.error(`stage ${stageName} of API ${apiId} is not served: ${reasons.join('; ')}`)
    }
    publisher.begin(live, shared)
  }

  readFiles(): Promise<ReadFiles> {
    return this.#parts.files.read(this.store)
  }

  /** Makes the files live, together. Returns why not; empty when it is done. The first time, everything is deployed. */
  async deployFiles(
    read: NonNullable<ReadFiles['files']>,
    { first }: { first: boolean },
  ): Promise<readonly string[]> {
    const { files, log } = this.#parts
    const { scope } = files
    const caller = { ...scope, accessKeyId: 'command line', readOnly: false, sourceIp: '' }
    const facts = { scope, caller, requestId: '', action: 'postern:Up' }
    try {
      const notes = await this.writes.run(
        facts,
        (context, transaction) => files.deploy(read, context, transaction),
        { publishAlways: first },
      )
      for (const note of notes) log.warn(note)
      return []
    } catch (thrown) {
      if (thrown instanceof ServiceError) return [thrown.message]
      if (thrown instanceof StoreUnusable) return [`${thrown.message} ${thrown.mend}`]
      throw thrown
    }
  }

  async hasUserPools(): Promise<boolean> {
    return (await this.store.read((reader) => reader.everywhere('user-pool'))).length > 0
  }

  async hasAgentLinks(): Promise<boolean> {
    return (await this.store.read((reader) => reader.everywhere('vpc-link-reach'))).length > 0
  }

  /** `writes` are closed before. */
  async close(): Promise<void> {
    await this.#parts.usage.close()
    await this.store.close()
  }
}
