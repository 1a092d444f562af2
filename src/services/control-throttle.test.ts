import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ServiceError } from '../aws/service-error.ts'
import { ControlThrottle } from './control-throttle.ts'

const SCOPE = { accountId: '1', region: 'r' }

function world() {
  const clock = { nowMs: 1_000_000, now: () => clock.nowMs, epochMs: () => clock.nowMs }
  return { clock, throttle: new ControlThrottle(clock) }
}

/** Seconds to wait; 0: it may. */
function wait(throttle: ControlThrottle, operation: string, scope = SCOPE): number {
  try {
    throttle.take(scope, operation)
    return 0
  } catch (error) {
    assert.ok(error instanceof ServiceError)
    assert.equal(error.code, 'TooManyRequestsException')
    return error.retryAfterSeconds ?? -1
  }
}

describe('all operations together', () => {
  test('forty at once, then ten a second', () => {
    const { clock, throttle } = world()
    for (let i = 0; i < 40; i++) assert.equal(wait(throttle, 'GetApis'), 0, `call ${i}`)
    assert.equal(wait(throttle, 'GetApis'), 1)
    clock.nowMs += 99
    assert.equal(wait(throttle, 'GetApis'), 1)
    clock.nowMs += 1
    assert.equal(wait(throttle, 'GetApis'), 0)
    assert.equal(wait(throttle, 'GetApis'), 1)
  })

  test('full again after a rest, and no fuller', () => {
    const { clock, throttle } = world()
    for (let i = 0; i < 40; i++) wait(throttle, 'GetApis')
    clock.nowMs += 3_600_000
    for (let i = 0; i < 40; i++) assert.equal(wait(throttle, 'GetApis'), 0)
    assert.equal(wait(throttle, 'GetApis'), 1)
  })
})

describe('an operation with a quota of its own', () => {
  test('is held to it, and takes no token when refused', () => {
    const { clock, throttle } = world()
    assert.equal(wait(throttle, 'CreateVpcLink'), 0)
    for (let i = 0; i < 100; i++) assert.equal(wait(throttle, 'CreateVpcLink'), 15)
    assert.equal(wait(throttle, 'GetApis'), 0)
    clock.nowMs += 15_000
    assert.equal(wait(throttle, 'CreateVpcLink'), 0)
  })
})

test('accounts and regions do not wait for each other', () => {
  const { throttle } = world()
  assert.equal(wait(throttle, 'DeleteApi'), 0)
  assert.equal(wait(throttle, 'DeleteApi'), 30)
  assert.equal(wait(throttle, 'DeleteApi', { ...SCOPE, region: 'other' }), 0)
  assert.equal(wait(throttle, 'DeleteApi', { ...SCOPE, accountId: '2' }), 0)
})

test('names of objects are no operations', () => {
  assert.equal(wait(world().throttle, 'constructor'), 0)
})
