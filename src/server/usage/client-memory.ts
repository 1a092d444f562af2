/**
 * The main thread's side of the limits of clients: the tables that threads share, and which meter counts for which limit.
 *
 * The tables are made with the first stage that needs them, and stay: they outlive deployments and workers. Meters are
 * numbered as they come and keep their numbers.
 */

import { randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { HashKey } from '../../base/keyed-hash.ts'
import { SharedSlots } from '../../base/shared-slots.ts'
import type { HttpApiStage } from '../../domain/http-api.ts'
import type { Limits } from '../../domain/limits.ts'
import { hasClientLimits, type Meter, metersOf } from '../../domain/usage.ts'
import { allocateUsage, type UsageMemory } from '../../features/quota/usage-table.ts'
import {
  allocateClientBuckets,
  type ClientBucketMemory,
} from '../../features/throttle/client-buckets.ts'

export interface ClientMemory {
  readonly key: HashKey
  readonly buckets: ClientBucketMemory
  readonly usage: UsageMemory
}

/** What one thread needs to count with. */
export interface ClientShare {
  readonly memory: ClientMemory
  /** A number over 0 that no other thread alive has. */
  readonly owner: number
  /** Meter id → number, as of the deployment that is being compiled. */
  readonly meters: () => ReadonlyMap<string, number>
}

/** What a deployment carries to the workers. */
export interface DeployedClients {
  readonly memory: ClientMemory
  readonly meters: ReadonlyMap<string, number>
}

/** The main thread's own number among owners. */
export const MAIN_OWNER = 1

/** The workers' numbers come behind it. */
export function ownerOf(workerIndex: number): number {
  return MAIN_OWNER + 1 + workerIndex
}

/** Beyond it memory cannot be had in one piece. */
const ENTRIES_MAX = 2 ** 22

export class ClientTables {
  readonly meters: Meter[] = []
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #numbers = new Map<string, number>()
  #memory: ClientMemory | undefined

  /** `clock` is the one that workers take tokens by. */
  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock
    this.#limits = limits
  }

  get memory(): ClientMemory | undefined {
    return this.#memory
  }

  numberOf(meterId: string): number | undefined {
    return this.#numbers.get(meterId)
  }

  /** Undefined: no client of these stages has a limit. */
  share(stages: readonly HttpApiStage[]): DeployedClients | undefined {
    const limited = stages.filter(hasClientLimits)
    if (limited.length === 0) return undefined
    for (const meter of limited.flatMap(metersOf)) {
      const known = this.#numbers.get(meter.id)
      this.meters[known ?? this.meters.length] = meter
      if (known === undefined) this.#numbers.set(meter.id, this.meters.length - 1)
    }
    this.#memory ??= this.#allocate()
    return { memory: this.#memory, meters: this.#numbers }
  }

  /** Why these stages cannot all be counted; undefined: they can. */
  findProblem(stages: readonly HttpApiStage[]): string | undefined {
    const most = this.#limits.meters
    const ids = new Set(stages.flatMap(metersOf).map(({ id }) => id))
    const fresh = [...ids].filter((id) => !this.#numbers.has(id)).length
    if (this.meters.length + fresh <= most) return undefined
    return `usage would be counted by ${this.meters.length + fresh} limits since the start; ${most} are allowed (--limit meters)`
  }

  /** A worker has ended; entries that it was making can be made by others. */
  release(workerIndex: number): void {
    if (this.#memory === undefined) return
    const { buckets, usage } = this.#memory
    for (const slots of [buckets.slots, usage.slots]) {
      new SharedSlots(slots, MAIN_OWNER).release(ownerOf(workerIndex))
    }
  }

  #allocate(): ClientMemory {
    const bytes = randomBytes(8)
    const { clientBuckets, meteredClients, meters } = this.#limits
    return {
      key: { k0: bytes.readInt32LE(0), k1: bytes.readInt32LE(4) },
      buckets: allocateClientBuckets(Math.min(clientBuckets, ENTRIES_MAX), this.#clock.now()),
      usage: allocateUsage(Math.min(meteredClients, ENTRIES_MAX), Math.min(meters, ENTRIES_MAX)),
    }
  }
}
