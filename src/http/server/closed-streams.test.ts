import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClosedStreams } from './closed-streams.ts'

test('what we ended is known, what the client ended is not', () => {
  const closed = new ClosedStreams()
  closed.add(3)
  closed.add(9)
  assert.deepEqual(
    [1, 3, 5, 9, 11].map((id) => closed.mayBeUnderWay(id)),
    [false, true, false, true, false],
  )
})

test('of thousands the last are known by number, and below the others nobody is blamed', () => {
  const closed = new ClosedStreams()
  for (let id = 1; id < 4_000; id += 4) closed.add(id)
  assert.equal(closed.mayBeUnderWay(3), true)
  assert.equal(closed.mayBeUnderWay(3_997), true)
  assert.equal(closed.mayBeUnderWay(3_995), false)
  assert.equal(closed.mayBeUnderWay(4_001), false)
})

test('the order in which streams end does not matter', () => {
  const closed = new ClosedStreams()
  closed.add(2_001)
  for (let id = 1; id < 1_100; id += 2) closed.add(id)
  assert.equal(closed.mayBeUnderWay(1_999), true)
  assert.equal(closed.mayBeUnderWay(2_003), false)
})
