import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LinkTotals, noTotals } from '../../domain/link-totals.ts'
import { LinkCounters } from './link-counters.ts'

function sent(bytesSent: number): LinkTotals {
  return { ...noTotals(), bytesSent, connectionsMade: 1 }
}

test('workers are summed, and what a dead one has counted stays', () => {
  const counters = new LinkCounters()
  counters.receive(0, new Map([['a', sent(10)]]))
  counters.receive(1, new Map([['a', sent(5)]]))
  const bytes = () => counters.sums().get('a')?.bytesSent
  assert.equal(bytes(), 15)
  counters.receive(0, new Map([['a', sent(30)]]))
  assert.equal(bytes(), 35)
  counters.forget(0)
  assert.equal(bytes(), 35)
  counters.receive(0, new Map([['a', sent(1)]]))
  assert.equal(bytes(), 36, 'the next one begins with nothing')
  counters.forget(0)
  counters.forget(0)
  assert.equal(bytes(), 36, 'nothing is counted twice')
  assert.equal(counters.sums().get('a')!.connectionsMade, 3)
})

test('a link that is gone is forgotten', () => {
  const counters = new LinkCounters()
  counters.receive(0, new Map([['a', sent(10)]]))
  counters.forget(0)
  counters.receive(0, new Map([['b', sent(2)]]))
  assert.deepEqual([...counters.sums().keys()], ['b'])
})
