import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { fakeContext } from '../../expression/context-source.fake.ts'
import { type TailBatch, WorkerTail } from './worker-tail.ts'

test('calls are sent in batches, and what is too much is counted', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    const batches: TailBatch[] = []
    const tail = new WorkerTail((batch) => batches.push(batch))
    for (let i = 0; i < 1_005; i++) tail.tap(fakeContext())
    assert.equal(batches.length, 0)
    mock.timers.tick(50)
    assert.deepEqual(
      batches.map(({ lines, omitted }) => [lines.length, omitted]),
      [[1_000, 5]],
    )
    tail.tap(fakeContext())
    mock.timers.tick(50)
    assert.equal(batches[1]!.lines.length, 1)
    assert.equal(batches[1]!.omitted, 0)
  } finally {
    mock.timers.reset()
  }
})
