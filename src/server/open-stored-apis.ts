/** Opens the store and puts around it what serving needs. */

import { systemClock } from '../base/clock.ts'
import type { TruststorePlace } from '../certificates/truststore.ts'
import type { Limits } from '../domain/limits.ts'
import type { ServedApis } from '../domain/served-apis.ts'
import type { Sealer } from '../identity/installation-key.ts'
import { apiGatewayV2Stages } from '../services/apigatewayv2/going-live/live-stages.ts'
import { sealStoredKeys } from '../services/iam/seal-stored-keys.ts'
import { openSqliteStore } from '../storage/sqlite/sqlite-store.ts'
import type { Store } from '../storage/store.ts'
import { StoreUnusable } from '../storage/store-unusable.ts'
import { apiEndpoint, type BoundPorts } from './api-list.ts'
import { localPairIn } from './certificates/local-pair.ts'
import { removeControlFile } from './control/control-file.ts'
import { DefinitionFiles } from './definition-files.ts'
import { failure } from './failure.ts'
import { installationSecret } from './installation-secret.ts'
import { withSharedDocuments } from './live-documents.ts'
import type { ProgramLog } from './program-log.ts'
import type { Publisher } from './publisher.ts'
import type { Settings } from './settings/settings.ts'
import { StoredApis } from './stored-apis.ts'
import type { StageMemory } from './usage/stage-memory.ts'
import { StoredUsage } from './usage/stored-usage.ts'

export interface StoredApisInput {
  readonly settings: Settings
  readonly limits: Limits
  readonly files: readonly string[]
  readonly version: string
  readonly publisher: Publisher
  readonly memory: StageMemory
  readonly served: () => ServedApis
  /** What is bound by now. */
  readonly ports: () => BoundPorts
  readonly log: ProgramLog
}

/** Throws a Failure when the store cannot be used. */
export async function openStoredApis(input: StoredApisInput): Promise<StoredApis> {
  const { settings, limits, files, version, publisher, served, ports, log } = input
  const serviceSettings = {
    limitProfile: settings.limits,
    limits,
    apiEndpoint: (apiId: string) => apiEndpoint(apiId, ports()),
    readTruststore: async (place: TruststorePlace) => {
      const { openTruststores } = await import('./certificates/truststores.ts')
      return openTruststores(settings, limits, process.env).read(place)
    },
    instances: settings.instance ?? {},
  }
  const now = () => new Date(systemClock.epochMs())
  const store = await openStore(settings.data)
  const openSealer = installationSecret({ settings, environment: process.env, store })
  await sealOlder(store, openSealer, log)
  const usage = new StoredUsage({ store, tables: input.memory.clients, limits, log })
  publisher.restoreUsage = () => usage.restore()
  return new StoredApis({
    store,
    usage,
    openSealer,
    stages: withSharedDocuments(apiGatewayV2Stages(serviceSettings), {
      settings: serviceSettings,
      now,
      tls: { openSealer, localPair: localPairIn(settings.data) },
      served: () => publisher.served.stages,
    }),
    publisher,
    files: new DefinitionFiles(files, settings, version),
    settings: serviceSettings,
    served,
    now,
    log,
  })
}

/** Secrets of a store from before they were sealed. */
async function sealOlder(
  store: Store,
  openSealer: () => Promise<Sealer>,
  log: ProgramLog,
): Promise<void> {
  const sealed = await sealStoredKeys(store, openSealer).catch(async (thrown: unknown) => {
    // Nobody else has the store yet who could let go of its folder.
    await store.close()
    throw thrown
  })
  if (sealed === 0) return
  const copies = 'Backups from before (postern.db.v1.*.bak) still hold them as they were.'
  log.warn(`Secrets of access keys are sealed from now on: ${sealed}. ${copies}`)
}

async function openStore(folder: string): Promise<Store> {
  try {
    const store = await openSqliteStore({ folder, clock: systemClock })
    removeControlFile(folder)
    return store
  } catch (thrown) {
    if (!(thrown instanceof StoreUnusable)) throw thrown
    throw failure(thrown.message, thrown.mend)
  }
}
