/** By which number one worker names a stage in its explain records: see `stage-numbers.ts`, the main thread's side. */

import type { HttpApiStage } from '../../domain/http-api.ts'
import type { Deployment } from '../messages.ts'

export class WorkerStageNumbers {
  #ofStage: ReadonlyMap<HttpApiStage, number> = new Map()

  use({ configuration, stageNumbers }: Pick<Deployment, 'configuration' | 'stageNumbers'>): void {
    this.#ofStage = new Map(configuration.stages.map((stage, i) => [stage, stageNumbers[i]!]))
  }

  /** `stage` is one of the configuration's own. */
  of(stage: HttpApiStage): number {
    return this.#ofStage.get(stage) ?? -1
  }
}
