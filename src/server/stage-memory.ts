/**
 * The main thread's hold on the memory that threads share for each stage: its figures and its token buckets.
 *
 * Both outlive deployments and workers: what a deployment leaves as it is goes on in the same memory.
 */

import { processClock } from '../base/clock.ts'
import type { Configuration } from '../domain/http-api.ts'
import type { Limits } from '../domain/limits.ts'
import { accountThrottle } from '../domain/throttle.ts'
import { BucketRegister } from '../features/throttle/bucket-register.ts'
import type { MetricsRegistry } from '../observability/metrics/metrics-registry.ts'
import type { Deployment } from './messages.ts'

export class StageMemory {
  readonly #figures: Pick<MetricsRegistry, 'share' | 'retain'>
  readonly #buckets: BucketRegister

  constructor(figures: Pick<MetricsRegistry, 'share' | 'retain'>, limits: Limits) {
    this.#figures = figures
    this.#buckets = new BucketRegister(processClock, accountThrottle(limits))
  }

  /** A configuration that workers are about to compile, with its memory. */
  deployment(configuration: Configuration): Deployment {
    const { stages } = configuration
    return {
      configuration,
      shares: stages.map((stage) => this.#figures.share(stage)),
      buckets: stages.map((stage) => this.#buckets.share(stage)),
    }
  }

  /** Every worker has compiled it, and is about to serve it. */
  commit({ stages }: Configuration): void {
    this.#buckets.commit(stages)
  }

  /** Every worker serves it. */
  retain({ stages }: Configuration): void {
    this.#figures.retain(stages)
  }
}
