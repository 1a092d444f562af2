/**
 * What is served, as the main thread knows it: every live stage, and how a change of some of them reaches the workers.
 *
 * A change is two-phased like everything that the supervisor deploys; `begin` and every commit move the base that the
 * next change builds on.
 */

import type { Configuration, HttpApiStage } from '../domain/http-api.ts'
import type { StageChanges } from '../services/live-stages.ts'
import type { PrepareOutcome, StagePublisher } from '../services/write-queue.ts'
import type { Deployment } from './messages.ts'
import type { Supervisor } from './supervisor.ts'

export interface PublisherParts {
  readonly supervisor: Pick<Supervisor, 'prepare'>
  /** Adds the memory for the figures of each stage. */
  readonly deployment: (configuration: Configuration) => Deployment
  /** The configuration is live in every worker. */
  readonly onDeployed: (configuration: Configuration) => void
}

export class Publisher implements StagePublisher {
  readonly #parts: PublisherParts
  #served: Configuration = { revision: 0, stages: [] }

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  get served(): Configuration {
    return this.#served
  }

  begin(stages: readonly HttpApiStage[]): void {
    this.#served = { revision: 0, stages }
  }

  async prepare(changes: StageChanges): Promise<PrepareOutcome> {
    const configuration = {
      revision: this.#served.revision + 1,
      stages: stagesAfter(this.#served.stages, changes),
    }
    const outcome = await this.#parts.supervisor.prepare(this.#parts.deployment(configuration))
    if (outcome.kind === 'refused') return outcome
    return {
      kind: 'prepared',
      discard: outcome.discard,
      commit: async () => {
        this.#served = configuration
        await outcome.commit()
        this.#parts.onDeployed(configuration)
      },
    }
  }
}

/** Stages keep their order; new ones come last. */
function stagesAfter(
  before: readonly HttpApiStage[],
  { live, gone }: StageChanges,
): HttpApiStage[] {
  const stages = new Map(before.map((stage) => [nameOf(stage), stage]))
  for (const key of gone) stages.delete(nameOf(key))
  for (const stage of live) stages.set(nameOf(stage), stage)
  return [...stages.values()]
}

function nameOf({ apiId, stageName }: { apiId: string; stageName: string }): string {
  return `${apiId}/${stageName}`
}
