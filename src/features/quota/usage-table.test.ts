import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allocateUsage, OTHERS, UsageTable } from './usage-table.ts'

function tableOf(count = 16, meters = 2): UsageTable {
  return new UsageTable(allocateUsage(count, meters), 1)
}

test('counts by client, and knows its name', () => {
  const table = tableOf()
  const [one, other] = [table.entry(1, 2, 0, 'partner-a'), table.entry(1, 3, 1, 'Zoë €')]
  assert.notEqual(one, other)
  assert.equal(table.entry(1, 2, 0, 'partner-a'), one)
  table.countAllowed(one)
  table.countAllowed(one)
  table.countThrottled(one)
  table.countOverQuota(other)
  assert.deepEqual(table.counters(one), { allowed: 2, throttled: 1, overQuota: 0 })
  assert.deepEqual(table.counters(other), { allowed: 0, throttled: 0, overQuota: 1 })
  assert.deepEqual([table.nameOf(one), table.meterOf(one)], ['partner-a', 0])
  assert.deepEqual([table.nameOf(other), table.meterOf(other)], ['Zoë €', 1])
})

test('a long name is cut, and its client stays apart', () => {
  const table = tableOf()
  const entry = table.entry(1, 2, 0, 'n'.repeat(500))
  assert.equal(table.nameOf(entry), 'n'.repeat(118))
  assert.notEqual(table.entry(1, 3, 0, 'n'.repeat(501)), entry)
})

test('a quota is used up in its period, and begins anew with the next', () => {
  const table = tableOf()
  const entry = table.entry(1, 2, 0, 'a')
  const take = (period: number) => table.takeQuota(entry, period, 2)
  assert.deepEqual([take(10), take(10), take(10)], [true, true, false])
  assert.deepEqual(table.quotaUse(entry), { period: 10, used: 2, granted: 0 })
  assert.deepEqual([take(11), take(11), take(11)], [true, true, false])
})

test('a clock that goes back begins no period again', () => {
  const table = tableOf()
  const entry = table.entry(1, 2, 0, 'a')
  assert.equal(table.takeQuota(entry, 11, 1), true)
  assert.equal(table.takeQuota(entry, 10, 1), false)
  assert.equal(table.takeQuota(entry, 11, 1), false)
  assert.deepEqual(table.quotaUse(entry), { period: 11, used: 1, granted: 0 })
})

test('a change of the plan counts at once, with what was used', () => {
  const table = tableOf()
  const entry = table.entry(1, 2, 0, 'a')
  for (let i = 0; i < 5; i++) assert.equal(table.takeQuota(entry, 10, 5), true)
  assert.equal(table.takeQuota(entry, 10, 3), false)
  assert.equal(table.takeQuota(entry, 10, 6), true)
  // From months to days: a new count. From days to months, which began before: the count goes on.
  assert.equal(table.takeQuota(entry, 25, 1), true)
  assert.equal(table.takeQuota(entry, 10, 1), false)
})

test('what is granted counts in its period only, and may be negative', () => {
  const table = tableOf()
  const entry = table.entry(1, 2, 0, 'a')
  assert.equal(table.takeQuota(entry, 10, 1), true)
  table.grant(entry, 10, 2)
  assert.deepEqual(
    [1, 2, 3].map(() => table.takeQuota(entry, 10, 1)),
    [true, true, false],
  )
  assert.equal(table.quotaUse(entry).granted, 2)
  assert.equal(table.takeQuota(entry, 11, 1), true)
  assert.equal(table.takeQuota(entry, 11, 1), false)
  table.grant(entry, 12, -1)
  assert.equal(table.takeQuota(entry, 12, 1), false)
})

test('a take can be undone', () => {
  const table = tableOf()
  const entry = table.entry(1, 2, 0, 'a')
  table.takeQuota(entry, 10, 1)
  table.giveQuotaBack(entry)
  assert.equal(table.takeQuota(entry, 10, 1), true)
  assert.equal(table.takeQuota(entry, 10, 1), false)
})

test('what was used before a restart is added to what is used since', () => {
  const table = tableOf()
  const entry = table.entry(1, 2, 0, 'a')
  table.takeQuota(entry, 10, 9)
  table.restore(entry, { period: 10, used: 5, granted: 1 })
  assert.deepEqual(table.quotaUse(entry), { period: 10, used: 6, granted: 1 })
  table.restore(entry, { period: 9, used: 5, granted: 0 })
  assert.deepEqual(table.quotaUse(entry), { period: 10, used: 6, granted: 1 })
})

test('a client that finds no place shares the entry of all others of its meter', () => {
  const table = tableOf(16, 2)
  for (let i = 0; i < 16; i++) table.entry(0, i + 1, 0, `c${i}`)
  const others = [table.entry(0, 99, 1, 'x'), table.entry(0, 100, 1, 'y')]
  assert.equal(others[0], others[1])
  assert.notEqual(table.entry(0, 101, 0, 'z'), others[0])
  assert.equal(table.nameOf(others[0]!), OTHERS)
  assert.equal(table.takeQuota(others[0]!, 10, 1), true)
  assert.equal(table.takeQuota(table.entry(0, 100, 1, 'y'), 10, 1), false)
})

test('an entry that was taken away leaves its place, and no counts', () => {
  const table = tableOf(16, 1)
  for (let i = 0; i < 16; i++) table.entry(0, i + 1, 0, `c${i}`)
  const entry = table.entry(0, 3, 0, 'c2')
  table.countAllowed(entry)
  let last = 0
  assert.ok(table.remove(entry, (gone) => (last = table.counters(gone).allowed)))
  assert.equal(last, 1)
  assert.equal(table.isUsed(entry), false)
  assert.equal(table.entry(0, 50, 0, 'new'), entry)
  assert.equal(table.nameOf(entry), 'new')
  assert.equal(table.counters(entry).allowed, 0)
})
