import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceError } from '../aws/service-error.ts'
import { MemoryStore } from '../storage/memory-store.fake.ts'
import { type DeniedCall, DeniedCalls } from './denied-calls.ts'

const CALLER = {
  ...{ accountId: '123456789012', accessKeyId: 'AKPOREADER', readOnly: true, sourceIp: '' },
}
const HOUR_MS = 3_600_000

/** A log of denied calls whose clock and timers the test has. */
function start(limits = { deniedCallsPerMinute: 3, deniedCallsPerHour: 8 }) {
  const store = new MemoryStore()
  const troubles: unknown[] = []
  const world = { nowMs: 1_000, timers: [] as { delayMs: number; run: () => void }[] }
  const denied = new DeniedCalls({
    ...{ store, limits },
    nowMs: () => world.nowMs,
    after: (delayMs, run) => {
      const timer = { delayMs, run }
      world.timers.push(timer)
      return () => void world.timers.splice(world.timers.indexOf(timer), 1)
    },
    trouble: (error) => troubles.push(error),
  })
  const entries = async () => (await store.auditLog({ limit: 1_000 })).toReversed()
  return { store, denied, world, troubles, entries }
}

function call(changes: Partial<DeniedCall> = {}): DeniedCall {
  const error = new ServiceError('InvalidSignatureException', 'says what was sent')
  return {
    requestId: 'r1',
    sourceIp: '127.0.0.1',
    claimedKeyId: 'AKPOSOMEBODYELSE',
    error,
    ...changes,
  }
}

test('like calls of a minute are one entry, with the first request and their number', async () => {
  const { denied, entries, store, world } = start()
  for (const requestId of ['r1', 'r2', 'r3']) denied.note(call({ requestId }))
  const error = new ServiceError('AccessDeniedException', 'The access key is read-only.')
  denied.note(call({ caller: CALLER, action: 'apigatewayv2:CreateApi', error }))
  assert.deepEqual(
    world.timers.map(({ delayMs }) => delayMs),
    [60_000],
  )
  await denied.flush()
  assert.deepEqual(world.timers, [])
  const shown = (await entries()).map(({ who, action, refused, requestId, times, scope }) => [
    ...[who, action, refused, requestId, times, scope.accountId],
  ])
  assert.deepEqual(shown, [
    ['unproven AKPOSOMEBODYELSE', 'control:Call', 'InvalidSignatureException', 'r1', 3, '*'],
    [
      ...['AKPOREADER', 'apigatewayv2:CreateApi'],
      'AccessDeniedException: The access key is read-only.',
      ...['r1', undefined, '123456789012'],
    ],
  ])
  assert.equal(await store.verifyAuditLog(), undefined)
})

test('what is no denial is not noted', async () => {
  const { denied, entries, world } = start()
  denied.note(call({ error: new ServiceError('BadRequestException', 'no name') }))
  await denied.flush()
  assert.deepEqual([await entries(), world.timers], [[], []])
})

test('nothing that an unproven caller has sent is kept but the id of a key', async () => {
  const { denied, entries } = start()
  const cases = [
    [undefined, 'unsigned'],
    ['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'unproven, no id of a key'],
    ['AKPOEXAMPLEEXAMPLE', 'unproven AKPOEXAMPLEEXAMPLE'],
  ] as const
  for (const [claimedKeyId] of cases) denied.note(call({ claimedKeyId }))
  await denied.flush()
  const log = await entries()
  assert.deepEqual(
    log.map(({ who }) => who),
    cases.map(([, who]) => who),
  )
  assert.ok(!/wJalr|what was sent/.test(JSON.stringify(log)))
})

test('a flood from everywhere is so many entries a minute and an hour, and one number', async () => {
  const { denied, entries, world } = start()
  let sent = 0
  const flood = async () => {
    for (let i = 0; i < 100; i += 1) denied.note(call({ sourceIp: `10.0.0.${sent++ % 251}` }))
    await denied.flush()
  }
  await flood()
  assert.deepEqual(
    (await entries()).map(({ times }) => times),
    [undefined, undefined, undefined, 97],
  )
  for (let minute = 0; minute < 58; minute += 1) {
    world.nowMs += 60_000
    await flood()
  }
  assert.equal((await entries()).length, 8)
  // What the hour had no room for is told by the timer of its end.
  const [timer] = world.timers
  assert.equal(timer!.delayMs, 1_000 + HOUR_MS - world.nowMs)
  world.nowMs += timer!.delayMs
  await denied.flush()
  const log = await entries()
  assert.equal(log.length, 9)
  assert.equal(
    log.reduce((sum, { times = 1 }) => sum + times, 0),
    sent,
  )
  await flood()
  assert.equal((await entries()).length, 13)
})

test('closed, it writes what is left, also beyond the hour', async () => {
  const { denied, entries } = start({ deniedCallsPerMinute: 3, deniedCallsPerHour: 1 })
  for (let i = 0; i < 5; i += 1) denied.note(call())
  await denied.flush()
  for (let i = 0; i < 5; i += 1) denied.note(call())
  await denied.close()
  assert.deepEqual(
    (await entries()).map(({ times }) => times),
    [5, 5],
  )
})

test('a store that cannot be written is told of, and fails nobody', async () => {
  const { denied, store, troubles } = start()
  store.write = () => Promise.reject(new Error('the disk is full'))
  denied.note(call())
  await denied.flush()
  assert.match(String(troubles[0]), /the disk is full/)
})
