/**
 * What telling clients apart costs: `node bench/client-limits.ts` prints nanoseconds for the hash of a key of 36
 * characters, for a take from the bucket of one client, and of one among a hundred thousand.
 */

import { randomUUID } from 'node:crypto'
import { KeyedHash } from '../src/base/keyed-hash.ts'
import {
  allocateClientBuckets,
  allowanceOf,
  ClientBuckets,
} from '../src/features/throttle/client-buckets.ts'

const CALLS = 2_000_000
const ROUNDS = 5
const START_MS = 1e6

function nanoseconds(run: (i: number) => void): string {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now()
    for (let i = 0; i < CALLS; i++) run(i)
    best = Math.min(best, performance.now() - begun)
  }
  return `${((best * 1e6) / CALLS).toFixed(1)} ns`
}

let nowMs = START_MS
const hash = new KeyedHash({ k0: 1, k1: 2 })
const buckets = new ClientBuckets(allocateClientBuckets(262_144, 0), () => nowMs, 1)
const names = Array.from({ length: 100_000 }, () => randomUUID())
const open = allowanceOf({ ratePerSecond: 1_000_000, burst: 1_000_000 }, 0)
const shut = allowanceOf({ ratePerSecond: 0.001, burst: 1 }, 0)

function take(name: string, allowance = open): boolean {
  hash.update(name)
  return buckets.take(hash.lo, hash.hi, allowance, nowMs)
}

const rows: [string, (i: number) => void][] = [
  ['hash of a key of 36 characters', () => hash.update(names[0]!)],
  ['take, one client', () => void take(names[0]!)],
  ['take, 100 000 clients', (i) => void take(names[i % names.length]!)],
  ['refused, one client', () => void take('somebody else', shut)],
]
for (const [name, run] of rows) {
  const figure = nanoseconds((i) => {
    nowMs += 0.002
    run(i)
  })
  process.stdout.write(`${name}: ${figure}\n`)
}
