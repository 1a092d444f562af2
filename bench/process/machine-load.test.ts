import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseCpuTimes } from './machine-load.ts'

it('counts as busy what is neither idle nor waiting for a disk; guests are in user time already', () => {
  const text = 'cpu  100 5 50 800 30 1 4 10 7 7\ncpu0 1 2 3 4 5 6 7 8 0 0\n'
  assert.deepEqual(parseCpuTimes(text), { busy: 170, total: 1_000 })
})
