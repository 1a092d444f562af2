import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SuccessRates } from './success-rates.ts'
import { CELL, FIGURE } from './target-cells.ts'
import { allocateTargets, TargetTable } from './target-memory.ts'

const CLOCK = { now: () => 1_000, epochMs: () => 0 }

test('what a dead worker had under way is not under way any more, and its ticket is free', () => {
  const memory = allocateTargets(4, 2)
  const [one, two] = [new TargetTable(memory, 0, CLOCK), new TargetTable(memory, 1, CLOCK)]
  assert(one.enter(3, 2) && two.enter(3, 2))
  assert.equal(one.enter(3, 2), false, 'two are as many as it may have, whoever has them')
  assert.equal(one.lock(0), true)
  assert.equal(two.lock(0), false)
  new TargetTable(memory, -1, CLOCK).release(0)
  assert.equal(two.get(3, CELL.inFlight), 1)
  assert.equal(two.lock(0), true)
  two.leave(3)
  assert.equal(two.get(3, CELL.inFlight), 0)
})

test('who stands out by its success rate is seen, from the calls since the last look', () => {
  const table = new TargetTable(allocateTargets(8, 1), 0, CLOCK)
  const members = [1, 2, 3, 4].map((row) => ({ row, draining: false }))
  const rates = new SuccessRates(table)
  const call = (row: number, times: number, failures: number) => {
    for (let i = 0; i < times; i++) table.count(row, FIGURE.requests)
    for (let i = 0; i < failures; i++) table.count(row, FIGURE.status5xx)
  }
  for (const row of [1, 2, 3, 4]) call(row, 100, 50)
  assert.deepEqual([...rates.look(members, 1.5)], [], 'the first look has nothing before it')
  for (const row of [1, 2, 3]) call(row, 100, 1)
  call(4, 100, 40)
  assert.deepEqual([...rates.look(members, 1.5)], [4])
  assert.deepEqual([...rates.look(members, 1.5)], [], 'too few calls say nothing')
  for (const row of [1, 2, 3]) call(row, 100, 1)
  call(4, 100, 40)
  assert.deepEqual([...rates.look(members, 0)], [], 'off')
})
