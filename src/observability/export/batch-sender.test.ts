import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BatchSender, type SenderLimits, type SendResult } from './batch-sender.ts'

const LIMITS: SenderLimits = {
  queueCharacters: 1_000,
  batchItems: 4,
  batchCharacters: 100,
  delayMs: 1_000,
  retryMs: 60_000,
}
const TAKEN: SendResult = { status: 200, retryAfterMs: undefined, reason: '' }
const DOWN: SendResult = { status: 0, retryAfterMs: undefined, reason: 'ECONNREFUSED' }

/** A sender with a clock that moves when the test says so, and a collector that answers what the test says. */
class World {
  now = 0
  answer: SendResult | undefined = TAKEN
  readonly batches: (readonly string[])[] = []
  readonly triedAtMs: number[] = []
  readonly changes: (string | undefined)[] = []
  readonly sender: BatchSender
  #timers: { readonly atMs: number; readonly action: () => void }[] = []

  constructor(limits: Partial<SenderLimits> = {}) {
    this.sender = new BatchSender({
      send: (items) => this.#send(items),
      after: (delayMs, action) => {
        const timer = { atMs: this.now + delayMs, action }
        this.#timers.push(timer)
        return () => {
          this.#timers = this.#timers.filter((one) => one !== timer)
        }
      },
      now: () => this.now,
      random: () => 1,
      limits: { ...LIMITS, ...limits },
      onChange: (failing) => this.changes.push(failing),
    })
  }

  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      const due = this.#timers.filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)[0]
      if (due === undefined) break
      this.#timers = this.#timers.filter((one) => one !== due)
      this.now = due.atMs
      due.action()
    }
    this.now = end
  }

  async #send(items: readonly string[]): Promise<SendResult> {
    this.triedAtMs.push(this.now)
    if (this.answer === undefined) return new Promise(() => {})
    if (this.answer.status === 200) this.batches.push(items)
    return this.answer
  }
}

test('items wait for company, a second at most', async () => {
  const world = new World()
  world.sender.take(['a'])
  await world.pass(999)
  assert.deepEqual(world.batches, [])
  world.sender.take(['b'])
  await world.pass(1)
  assert.deepEqual(world.batches, [['a', 'b']])
  assert.equal(world.sender.sent, 2)
  assert.equal(world.sender.waitingCharacters, 0)
})

test('a full batch goes at once; no batch is larger than it may be', async () => {
  const world = new World()
  world.sender.take(['a', 'b', 'c', 'd', 'e', 'x'.repeat(70), 'y'.repeat(70), 'z'.repeat(300)])
  await world.pass(0)
  assert.deepEqual(
    world.batches.map((batch) => batch.map((item) => item.length)),
    [[1, 1, 1, 1], [1, 70], [70], [300]],
  )
})

test('pauses double, up to half a minute, and each failure is counted', async () => {
  const world = new World({ retryMs: 10 * 60_000 })
  world.answer = DOWN
  world.sender.take(['a'])
  await world.pass(100_000)
  assert.deepEqual(world.triedAtMs, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 62_000, 92_000])
  assert.equal(world.sender.failures, 8)
  world.answer = TAKEN
  await world.pass(30_000)
  assert.deepEqual(world.batches, [['a']])
  assert.deepEqual(world.changes, ['ECONNREFUSED', undefined])
})

test('Retry-After decides about the pause', async () => {
  const world = new World()
  world.answer = { status: 503, retryAfterMs: 7_000, reason: 'status 503' }
  world.sender.take(['a'])
  await world.pass(9_000)
  assert.deepEqual(world.triedAtMs, [1_000, 8_000])
})

test('a batch that is refused for good is dropped, and the next one goes', async () => {
  const world = new World()
  world.answer = { status: 400, retryAfterMs: undefined, reason: 'status 400' }
  world.sender.take(['a', 'b', 'c', 'd'])
  await world.pass(0)
  assert.equal(world.sender.dropped, 4)
  world.answer = TAKEN
  world.sender.take(['e'])
  await world.pass(1_000)
  assert.deepEqual(world.batches, [['e']])
})

test('an hour without a collector: the queue keeps its bound, the rest is counted, then all goes on', async () => {
  const world = new World()
  world.answer = DOWN
  let taken = 0
  for (let second = 0; second < 3_600; second++) {
    world.sender.take(Array.from({ length: 10 }, (_, i) => `${second}-${i}`.padEnd(20)))
    taken += 10
    await world.pass(1_000)
    assert.ok(world.sender.waitingCharacters <= LIMITS.queueCharacters)
  }
  assert.ok(world.sender.dropped >= taken - LIMITS.queueCharacters / 20)
  assert.ok(world.triedAtMs.length < 3_600 / 15, 'it is not knocked on all the time')
  world.answer = TAKEN
  await world.pass(60_000)
  assert.equal(world.sender.waitingCharacters, 0)
  assert.equal(world.sender.sent + world.sender.dropped, taken)
  assert.deepEqual(world.changes, ['ECONNREFUSED', undefined])
})

test('close sends what waits', async () => {
  const world = new World()
  world.sender.take(['a'])
  await world.sender.close(1_000)
  assert.deepEqual(world.batches, [['a']])
  world.sender.take(['late'])
  assert.equal(world.sender.dropped, 1)
})

test('close does not wait longer than it may, and counts what is lost', async () => {
  const world = new World()
  world.answer = undefined
  world.sender.take(['a', 'b'])
  const closed = world.sender.close(3_000)
  await world.pass(3_000)
  await closed
  assert.equal(world.sender.dropped, 2)
  assert.equal(world.sender.waitingCharacters, 0)
})

test('items that a collector did not want are lost, and the batch is over', async () => {
  const world = new World()
  world.answer = { ...TAKEN, rejected: 3 }
  world.sender.take(['a', 'b', 'c', 'd'])
  await world.pass(0)
  assert.deepEqual([world.sender.sent, world.sender.dropped], [1, 3])
  assert.equal(world.triedAtMs.length, 1)
})
