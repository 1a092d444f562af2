import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeIssuer, settled } from './issuer.fake.ts'
import { testKey } from './token.fake.ts'

const HOUR = 3_600_000
const [ONE, TWO] = [testKey('ES256'), testKey('ES256', 'ES256-2')]

async function fetched() {
  const issuer = new FakeIssuer()
  const keys = issuer.issuerKeys()
  assert.equal(keys.find(ONE.id).kind, 'waiting')
  await settled()
  return { issuer, keys }
}

test('whoever asks while keys are fetched waits for the same answer', async () => {
  const issuer = new FakeIssuer()
  const keys = issuer.issuerKeys()
  let told = 0
  for (let i = 0; i < 100; i++) {
    assert.equal(keys.find(`any ${i}`).kind, 'waiting')
    keys.whenAnswered(() => told++)
  }
  keys.whenAnswered(() => assert.fail('who has left is not told'))()
  assert.equal(told, 0, 'not in this turn')
  await settled()
  assert.equal(told, 100)
  assert.equal(issuer.rounds, 1)
  assert.equal(keys.find(ONE.id).kind, 'found')
  assert.equal(keys.find('any 1').kind, 'unknown')
})

test('an unknown id has the keys fetched anew, not more often than allowed', async () => {
  const { issuer, keys } = await fetched()
  issuer.keys = [TWO]
  assert.equal(keys.find(TWO.id).kind, 'unknown', 'it was asked a moment ago')
  issuer.nowMs += issuer.limits.issuerRetryMs
  assert.equal(keys.find(TWO.id).kind, 'waiting')
  await settled()
  assert.equal(keys.find(TWO.id).kind, 'found')
  assert.equal(keys.find(ONE.id).kind, 'unknown', 'what it has withdrawn is gone')
  assert.equal(keys.generation, 2)
})

test('a flood of unknown ids asks once in a while', async () => {
  const { issuer, keys } = await fetched()
  for (let i = 0; i < 1_000; i++) {
    issuer.nowMs += 100
    keys.find(`random ${i}`)
    await settled()
  }
  const expected = 100_000 / issuer.limits.issuerRetryMs
  assert.ok(issuer.rounds <= expected + 1, `${issuer.rounds} rounds`)
  assert.ok(issuer.rounds >= expected - 1, `${issuer.rounds} rounds`)
  assert.equal(keys.generation, 1, 'the same keys are the same generation')
})

test('an id that the issuer did not have is not asked for again for a while', async () => {
  const { issuer, keys } = await fetched()
  issuer.nowMs += issuer.limits.issuerRetryMs
  keys.find('nobody')
  await settled()
  assert.equal(issuer.rounds, 2)
  for (let i = 0; i < 5; i++) {
    issuer.nowMs += issuer.limits.issuerRetryMs
    assert.equal(keys.find('nobody').kind, 'unknown')
  }
  assert.equal(issuer.rounds, 2)
  issuer.nowMs += issuer.limits.unknownKeyIdMs
  assert.equal(keys.find('nobody').kind, 'waiting')
})

test('keys in use are fetched anew on the side, before they are too old', async () => {
  const { issuer, keys } = await fetched()
  issuer.nowMs += HOUR - 1
  assert.equal(keys.find(ONE.id).kind, 'found')
  assert.equal(issuer.rounds, 1)
  issuer.nowMs += 1
  assert.equal(keys.find(ONE.id).kind, 'found')
  await settled()
  assert.equal(issuer.rounds, 2)
})

test('keys that are too old wait for new ones', async () => {
  const { issuer, keys } = await fetched()
  issuer.keys = [TWO]
  issuer.nowMs += 2 * HOUR
  assert.equal(keys.find(ONE.id).kind, 'waiting')
  await settled()
  assert.equal(keys.find(ONE.id).kind, 'unknown')
})

test('while the issuer is down its keys are used for a bounded time', async () => {
  const { issuer, keys } = await fetched()
  issuer.isUp = false
  issuer.nowMs += 2 * HOUR
  assert.equal(keys.find(ONE.id).kind, 'waiting')
  await settled()
  for (; issuer.nowMs < START + 4 * HOUR; issuer.nowMs += 600_000) {
    assert.equal(keys.find(ONE.id).kind, 'found', 'nobody waits for an issuer that is down')
    await settled()
  }
  const gone = keys.find(ONE.id)
  assert.ok(gone.kind === 'waiting' || gone.kind === 'unreachable')
  await settled()
  const last = keys.find(ONE.id)
  assert.ok(last.kind === 'unreachable')
  assert.match(last.detail, /issuer\.example.*it is down/)
  issuer.isUp = true
  issuer.nowMs += issuer.limits.issuerRetryMs
  assert.equal(keys.find(ONE.id).kind, 'waiting')
  await settled()
  assert.equal(keys.find(ONE.id).kind, 'found')
})

const START = new FakeIssuer().nowMs

test('an issuer that never answered is asked once in a while, and everybody is refused', async () => {
  const issuer = new FakeIssuer()
  issuer.isUp = false
  const keys = issuer.issuerKeys()
  keys.find(ONE.id)
  await settled()
  for (let i = 0; i < 100; i++) assert.equal(keys.find(ONE.id).kind, 'unreachable')
  assert.equal(issuer.rounds, 1)
  issuer.isUp = true
  issuer.nowMs += issuer.limits.issuerRetryMs
  keys.find(ONE.id)
  await settled()
  assert.equal(keys.find(ONE.id).kind, 'found')
})

test('an unknown id while the issuer is down is not said to be unknown', async () => {
  const { issuer, keys } = await fetched()
  issuer.isUp = false
  issuer.nowMs += issuer.limits.issuerRetryMs
  assert.equal(keys.find(TWO.id).kind, 'waiting')
  await settled()
  assert.equal(keys.find(TWO.id).kind, 'unreachable')
  assert.equal(keys.find(ONE.id).kind, 'found')
})

test('a clock that is set back does not keep an issuer from being asked', async () => {
  const { issuer, keys } = await fetched()
  issuer.nowMs -= 24 * HOUR
  assert.equal(keys.find(TWO.id).kind, 'waiting')
})
