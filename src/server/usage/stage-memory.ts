/**
 * The main thread's hold on the memory that threads share for each stage: its figures, its token buckets, and the
 * tables of clients.
 *
 * Both outlive deployments and workers: what a deployment leaves as it is goes on in the same memory.
 */

import { processClock } from '../../base/clock.ts'
import type { Configuration } from '../../domain/http-api.ts'
import type { Limits } from '../../domain/limits.ts'
import { accountThrottle } from '../../domain/throttle.ts'
import { BucketRegister } from '../../features/throttle/bucket-register.ts'
import { allocateCallMemory, type CallMemory } from '../../observability/explain/call-memory.ts'
import type { MetricsRegistry } from '../../observability/metrics/metrics-registry.ts'
import { TargetRegister } from '../balancing/target-register.ts'
import type { Deployment } from '../messages.ts'
import { ClientTables } from './client-memory.ts'
import { StageNumbers } from './stage-numbers.ts'

export class StageMemory {
  readonly clients: ClientTables
  readonly targets: TargetRegister
  readonly #figures: Pick<MetricsRegistry, 'share' | 'retain'>
  readonly #buckets: BucketRegister
  /** What each worker keeps of its calls for explain, and how it names their stages. */
  readonly calls: CallMemory[] = []
  readonly numbers = new StageNumbers()
  readonly #limits: Limits

  constructor(figures: Pick<MetricsRegistry, 'share' | 'retain'>, limits: Limits, workers: number) {
    this.#figures = figures
    this.#limits = limits
    this.#buckets = new BucketRegister(processClock, accountThrottle(limits))
    this.clients = new ClientTables(processClock, limits)
    this.targets = new TargetRegister(limits, workers, processClock)
  }

  /** Of one worker; the next in its place goes on in the same. */
  callMemory(workerIndex: number): CallMemory {
    this.calls[workerIndex] ??= allocateCallMemory(this.#limits)
    return this.calls[workerIndex]
  }

  /** Why there is no memory for it; undefined: there is. */
  findProblem(configuration: Configuration): string | undefined {
    return this.clients.findProblem(configuration.stages) ?? this.targets.findProblem(configuration)
  }

  /** A worker has ended; what it was about to write is free. */
  release(workerIndex: number): void {
    this.clients.release(workerIndex)
    this.targets.release(workerIndex)
  }

  /** A configuration that workers are about to compile, with its memory. */
  deployment(configuration: Configuration): Deployment {
    const { stages } = configuration
    const deployment = {
      configuration,
      shares: stages.map((stage) => this.#figures.share(stage)),
      buckets: stages.map((stage) => this.#buckets.share(stage)),
      clients: this.clients.share(stages),
      targets: this.targets.share(configuration),
      stageNumbers: stages.map((stage) => this.numbers.numberOf(stage)),
    }
    this.numbers.settle()
    return deployment
  }

  /** Every worker has compiled it, and is about to serve it. */
  commit({ stages }: Configuration): void {
    this.#buckets.commit(stages)
  }

  /** Every worker serves it. */
  retain(configuration: Configuration): void {
    this.#figures.retain(configuration.stages)
    this.targets.retain(configuration)
  }
}
