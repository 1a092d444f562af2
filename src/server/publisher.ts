/**
 * What is served, as the main thread knows it: every live stage, and how a change of some of them reaches the workers.
 *
 * A change is two-phased like everything that the supervisor deploys; `begin` and every commit move the base that the
 * next change builds on. What is served under one revision of a stage never changes.
 */

import type { Configuration, HttpApiStage } from '../domain/http-api.ts'
import { type IamDocument, NO_IDENTITIES } from '../domain/iam.ts'
import { SHARED_DOCUMENTS, type SharedDocuments } from '../domain/shared-documents.ts'
import type { StageChanges } from '../services/live-stages.ts'
import type { PrepareOutcome, StagePublisher } from '../services/write-queue.ts'
import type { Supervisor } from './supervisor.ts'
import type { StageMemory } from './usage/stage-memory.ts'

export interface PublisherParts {
  readonly supervisor: Pick<Supervisor, 'prepare'>
  readonly memory: Pick<StageMemory, 'findProblem' | 'deployment' | 'commit' | 'retain'>
}

export class Publisher implements StagePublisher {
  /** Runs before workers count the clients of a limit; set by whoever has the store. */
  restoreUsage: () => Promise<void> = async () => {}
  /** Hears what every worker serves from now on. */
  onServed: (configuration: Configuration) => void = () => {}
  readonly #parts: PublisherParts
  #served: Configuration = { revision: 0, stages: [] }
  #shared: SharedDocuments = {}

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  get served(): Configuration {
    return this.#served
  }

  /** What keys and policies are looked up in, on the control port as well. */
  get identities(): IamDocument {
    return this.#shared.identities ?? NO_IDENTITIES
  }

  begin(stages: readonly HttpApiStage[], shared: SharedDocuments = {}): void {
    // Numbered from 1, so that a worker that has compiled none sees that there is one.
    this.#shared = sharedAfter({}, { live: [], gone: [], shared })
    this.#served = configurationOf(0, stages, this.#shared)
  }

  async prepare(changes: StageChanges): Promise<PrepareOutcome> {
    const { supervisor, memory } = this.#parts
    const shared = sharedAfter(this.#shared, changes)
    const stages = stagesAfter(this.#served.stages, changes)
    const configuration = configurationOf(this.#served.revision + 1, stages, shared)
    const problem = memory.findProblem(configuration)
    if (problem !== undefined) return { kind: 'refused', reasons: [problem] }
    const deployment = memory.deployment(configuration)
    if (deployment.clients !== undefined) await this.restoreUsage()
    const outcome = await supervisor.prepare(deployment)
    if (outcome.kind !== 'prepared') {
      memory.retain(this.#served)
      return outcome
    }
    return {
      kind: 'prepared',
      discard: () => {
        outcome.discard()
        memory.retain(this.#served)
      },
      commit: async () => {
        this.#served = configuration
        this.#shared = shared
        memory.commit(configuration)
        await outcome.commit()
        memory.retain(configuration)
        this.onServed(configuration)
      },
    }
  }
}

/** Those that have changed get the next revision. */
function sharedAfter(before: SharedDocuments, { shared }: StageChanges): SharedDocuments {
  const after: Record<string, unknown> = { ...before }
  for (const name of SHARED_DOCUMENTS) {
    const document = shared?.[name]
    if (document === undefined) continue
    after[name] = { ...document, revision: (before[name]?.revision ?? 0) + 1 }
  }
  return after
}

/** Workers get identities only where a route asks for them. */
function configurationOf(
  revision: number,
  stages: readonly HttpApiStage[],
  shared: SharedDocuments,
): Configuration {
  const { identities, ...others } = shared
  return identities !== undefined && stages.some(asksForIam)
    ? { revision, stages, ...others, identities }
    : { revision, stages, ...others }
}

function asksForIam({ routes }: HttpApiStage): boolean {
  return routes.some(({ authorization }) => authorization?.authorizationType === 'AWS_IAM')
}

/** Stages keep their order; new ones come last. */
export function stagesAfter(
  before: readonly HttpApiStage[],
  { live, gone }: StageChanges,
): HttpApiStage[] {
  const served = new Map(before.map((stage) => [nameOf(stage), stage]))
  const stages = new Map(served)
  for (const key of gone) stages.delete(nameOf(key))
  for (const stage of live) {
    const name = nameOf(stage)
    stages.set(name, revised(stage, served.get(name)))
  }
  return [...stages.values()]
}

/**
 * Workers go on with what they have compiled of a stage while its revision is the same. The revision that a service has
 * counted lives with its record; a stage that is deleted and made again, perhaps in another account, begins anew.
 */
function revised(stage: HttpApiStage, before: HttpApiStage | undefined): HttpApiStage {
  return { ...stage, revision: Math.max(stage.revision, (before?.revision ?? 0) + 1) }
}

function nameOf({ apiId, stageName }: { apiId: string; stageName: string }): string {
  return `${apiId}/${stageName}`
}
