/** A worker thread that takes tokens of many clients from few places, and tells when it got which. */

import { parentPort, workerData } from 'node:worker_threads'
import { processClock } from '../../base/clock.ts'
import type { Throttle } from '../../domain/http-api.ts'
import { allowanceOf, type ClientBucketMemory, ClientBuckets } from './client-buckets.ts'

export interface ClientHammerOrder {
  readonly memory: ClientBucketMemory
  readonly throttle: Throttle
  readonly clients: number
  readonly attempts: number
  readonly owner?: number
}

/** Never empty and always full: what is taken from it says that there was no place. */
const NOTHING = 0

/** By client, the times at which it got a token of its own. */
function hammer(order: ClientHammerOrder): Float64Array[] {
  const { memory, clients, attempts, owner = 2 } = order
  // The time that a take goes by: that of the call, or of a later look at the clock.
  let lookedMs = 0
  const look = () => {
    lookedMs = processClock.now()
    return lookedMs
  }
  const buckets = new ClientBuckets(memory, look, owner)
  const own = allowanceOf(order.throttle, NOTHING)
  const taken: number[][] = Array.from({ length: clients }, () => [])
  // The shared bucket is kept empty: whoever finds no place is refused.
  const drain = new BigInt64Array(memory.words)
  drain.fill(2n ** 60n, drain.length - 64)
  for (let i = 0; i < attempts; i++) {
    // Some clients at a time, so that the buckets of the others become full.
    const client = (Math.floor(i / 500) * 7 + (i % 11)) % clients
    const now = processClock.now()
    if (buckets.take(0, client + 1, own, now)) taken[client]!.push(Math.max(now, lookedMs))
  }
  return taken.map((times) => Float64Array.from(times))
}

if (parentPort !== null) parentPort.postMessage(hammer(workerData as ClientHammerOrder))
