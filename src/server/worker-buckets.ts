/**
 * The token buckets of one worker: which memory belongs to which stage, of the deployment that was prepared last. The
 * main thread's side is `features/throttle/bucket-register.ts`.
 */

import type { HttpApiStage } from '../domain/http-api.ts'
import type { StageBuckets } from '../features/throttle/bucket-register.ts'
import type { Deployment } from './messages.ts'

export class WorkerBuckets {
  #ofStage: ReadonlyMap<HttpApiStage, StageBuckets> = new Map()

  /** From now on limits are kept in the memory that comes with this deployment. */
  use({ configuration, buckets }: Pick<Deployment, 'configuration' | 'buckets'>): void {
    this.#ofStage = new Map(configuration.stages.map((stage, i) => [stage, buckets[i]!]))
  }

  /** `stage` is one of the configuration's own. */
  of(stage: HttpApiStage): StageBuckets | undefined {
    return this.#ofStage.get(stage)
  }
}
