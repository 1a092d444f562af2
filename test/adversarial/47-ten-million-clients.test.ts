/**
 * Test 47, the keys: ten million clients, one call each, while one client goes on calling. The tables keep their size, the
 * one client is limited to the letter, and whoever finds no place is limited together with the others.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyedHash } from '../../src/base/keyed-hash.ts'
import { allocateUsage, OTHERS, UsageTable } from '../../src/features/quota/usage-table.ts'
import {
  allocateClientBuckets,
  allowanceOf,
  ClientBuckets,
} from '../../src/features/throttle/client-buckets.ts'

const CLIENTS = 10_000_000
const PLACES = 65_536
const NAME = 'the one client that stays'

test('47 ten million keys take no memory, and no token of anybody else', {
  timeout: 300_000,
}, () => {
  let nowMs = 0
  const memory = allocateClientBuckets(PLACES, 0)
  const buckets = new ClientBuckets(memory, () => nowMs, 1)
  const hash = new KeyedHash({ k0: 7, k1: 8 })
  const limit = allowanceOf({ ratePerSecond: 0.5, burst: 3 }, 9)
  const take = (name: string) => {
    hash.update(name)
    return buckets.take(hash.lo, hash.hi, limit, nowMs)
  }
  const bytes = () => memory.words.byteLength + memory.slots.memory.byteLength
  const [sizeBefore, heapBefore] = [bytes(), process.memoryUsage().heapUsed]
  let [own, strangers] = [0, 0]
  for (let i = 0; i < CLIENTS; i++) {
    // A million a second: far more than their buckets are full again.
    if (i % 1_000 === 0) nowMs += 1
    if (take(`key ${i}`)) strangers++
    if (i % 100 === 0 && take(NAME)) own++
  }
  assert.equal(bytes(), sizeBefore)
  assert.ok(process.memoryUsage().heapUsed - heapBefore < 64e6)
  // Ten seconds at one in two, and the burst.
  assert.ok(own >= 7 && own <= 8, `${own} calls of the one client`)
  // Each place once in two seconds, and the bucket that the others share.
  assert.ok(strangers >= PLACES, `${strangers} of the others`)
  assert.ok(strangers <= PLACES * 6, `${strangers} of the others`)
})

test('47 usage of more clients than there are places is counted together, none is lost', () => {
  const table = new UsageTable(allocateUsage(4_096, 1), 1)
  const hash = new KeyedHash({ k0: 7, k1: 8 })
  const calls = 200_000
  let passed = 0
  for (let i = 0; i < calls; i++) {
    const name = `key ${i}`
    hash.update(name)
    const entry = table.entry(hash.lo, hash.hi, 0, name)
    if (!table.takeQuota(entry, 100, 5)) continue
    table.countAllowed(entry)
    passed++
  }
  let [entries, counted, others] = [0, 0, 0]
  for (let entry = 0; entry < table.places; entry++) {
    if (!table.isUsed(entry)) continue
    entries++
    counted += table.counters(entry).allowed
    if (table.nameOf(entry) === OTHERS) others = table.counters(entry).allowed
  }
  assert.equal(counted, passed)
  assert.equal(entries, 4_097)
  assert.equal(others, 5, 'they share one quota')
  assert.equal(passed, 4_096 + 5)
})
