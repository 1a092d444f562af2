/**
 * The token buckets of one worker: which memory belongs to which stage, of the deployment that was prepared last, the
 * tables of clients, and the rows of targets. The main thread's side is `features/throttle/bucket-register.ts` and `client-memory.ts`.
 */

import type { HttpApiStage } from '../../domain/http-api.ts'
import type { StageBuckets } from '../../features/throttle/bucket-register.ts'
import type { Deployment } from '../messages.ts'
import { type ClientShare, type DeployedClients, ownerOf } from '../usage/client-memory.ts'

export class WorkerBuckets {
  readonly #owner: number
  #ofStage: ReadonlyMap<HttpApiStage, StageBuckets> = new Map()
  #clients: DeployedClients | undefined
  /** What is shared about targets of load balancers. */
  targets: Deployment['targets']

  constructor(workerIndex: number) {
    this.#owner = ownerOf(workerIndex)
  }

  /** From now on limits are kept in the memory that comes with this deployment. */
  use({ configuration, buckets, clients, targets }: Omit<Deployment, 'shares'>): void {
    this.targets = targets
    this.#clients = clients ?? this.#clients
    this.#ofStage = new Map(configuration.stages.map((stage, i) => [stage, buckets[i]!]))
  }

  /** `stage` is one of the configuration's own. */
  of(stage: HttpApiStage): StageBuckets | undefined {
    return this.#ofStage.get(stage)
  }

  /** Undefined: no client has a limit. */
  clients(): ClientShare | undefined {
    if (this.#clients === undefined) return undefined
    const { memory } = this.#clients
    return { memory, owner: this.#owner, meters: () => this.#clients!.meters }
  }
}
