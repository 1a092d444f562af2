/** A worker thread that takes tokens as fast as it can, together with others, and tells when it got them. */

import { parentPort, workerData } from 'node:worker_threads'
import { processClock } from '../../base/clock.ts'
import type { Throttle } from '../../domain/http-api.ts'
import { type BucketPlace, TokenBucket } from './token-bucket.ts'

export interface HammerOrder {
  readonly place: BucketPlace
  readonly throttle: Throttle
  readonly threads: number
  /** Two cells: how often a thread has come to the start of a round, and the ticks of virtual time. */
  readonly cells: SharedArrayBuffer
  /** Of each thread in each round. */
  readonly attempts: number
  readonly rounds: number
  /** Undefined: the time of the machine. */
  readonly virtual?: VirtualTime
}

/** Time that the attempts themselves move on. */
export interface VirtualTime {
  readonly startMs: number
  readonly tickMs: number
  /** Between two rounds, when nobody asks. */
  readonly pauseMs: number
}

const ARRIVED = 0
const TICKS = 1

function hammer(order: HammerOrder): Float64Array {
  const { rounds, attempts, virtual } = order
  const cells = new Int32Array(order.cells)
  const bucket = new TokenBucket(order.place, order.throttle)
  const taken: number[] = []
  for (let round = 0; round < rounds; round++) {
    waitForAll(cells, (round + 1) * order.threads)
    for (let i = 0; i < attempts; i++) {
      const now = virtual === undefined ? processClock.now() : tick(cells, virtual, round)
      if (bucket.take(now)) taken.push(now)
    }
  }
  return Float64Array.from(taken)
}

function tick(cells: Int32Array, { startMs, tickMs, pauseMs }: VirtualTime, round: number): number {
  return startMs + Atomics.add(cells, TICKS, 1) * tickMs + round * pauseMs
}

function waitForAll(cells: Int32Array, all: number): void {
  Atomics.add(cells, ARRIVED, 1)
  Atomics.notify(cells, ARRIVED)
  for (;;) {
    const arrived = Atomics.load(cells, ARRIVED)
    if (arrived >= all) return
    Atomics.wait(cells, ARRIVED, arrived)
  }
}

if (parentPort !== null) parentPort.postMessage(hammer(workerData as HammerOrder))
