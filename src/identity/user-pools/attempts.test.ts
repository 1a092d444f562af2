import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Attempts, addressName } from './attempts.ts'

const FREE = 5

test('after five failures each further one waits twice as long, up to a quarter of an hour', () => {
  const attempts = new Attempts()
  let now = 0
  for (let i = 0; i < FREE; i++) attempts.take('ada', FREE, now)!.failed()
  const waits: number[] = []
  for (let i = 0; i < 13; i++) {
    const began = now
    while (true) {
      const attempt = attempts.take('ada', FREE, now)
      if (attempt !== undefined) {
        waits.push(now - began)
        attempt.failed()
        break
      }
      now += 1_000
    }
  }
  assert.deepEqual(
    waits.map((ms) => ms / 1_000),
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900],
  )
})

test('a success forgets; what waits is not counted; others are not held', () => {
  const attempts = new Attempts()
  for (let i = 0; i < FREE - 1; i++) attempts.take('ada', FREE, 0)!.failed()
  attempts.take('ada', FREE, 0)!.succeeded()
  for (let i = 0; i < FREE; i++) attempts.take('ada', FREE, 0)!.failed()
  for (let i = 0; i < 100; i++) assert.equal(attempts.take('ada', FREE, 500), undefined)
  assert.ok(attempts.take('ada', FREE, 1_000))
  assert.ok(attempts.take('eve', FREE, 500))
})

test('what is under way counts as failed', () => {
  const attempts = new Attempts()
  attempts.take('ada', FREE, 0)!.failed()
  const running = Array.from({ length: FREE - 1 }, () => attempts.take('ada', FREE, 0))
  assert.ok(running.every((attempt) => attempt !== undefined))
  assert.equal(attempts.take('ada', FREE, 0), undefined)
  running[0]!.released()
  assert.ok(attempts.take('ada', FREE, 0))
})

test('memory is bounded', () => {
  const attempts = new Attempts()
  for (let i = 0; i < 200_000; i++) attempts.take(`user ${i}`, FREE, 0)!.failed()
  for (let i = 0; i < FREE; i++) attempts.take('user 199999', FREE, 0)?.failed()
  assert.equal(attempts.take('user 199999', FREE, 0), undefined, 'the newest are kept')
})

test('an IPv6 client is its network', () => {
  for (const [address, name] of [
    ['192.0.2.7', 'address 192.0.2.7'],
    ['::ffff:192.0.2.7', 'address 192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', 'address 2001:db8:1:2::/64'],
    ['2001:db8::6', 'address 2001:db8:0:0::/64'],
    ['::1', 'address 0:0:0:0::/64'],
  ] as const) {
    assert.equal(addressName(address), name)
  }
})
