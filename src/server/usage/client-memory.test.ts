import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedSlots } from '../../base/shared-slots.ts'
import type { HttpApiStage, StageUsagePlan } from '../../domain/http-api.ts'
import { limitsOf } from '../../domain/limits.ts'
import { UsageTable } from '../../features/quota/usage-table.ts'
import { ClientTables, ownerOf } from './client-memory.ts'

const CLOCK = { now: () => 0, epochMs: () => 0 }
const PLAN: StageUsagePlan = { planId: 'p1', routes: {}, keys: {} }

function stage(stageName: string, more: Partial<HttpApiStage> = {}): HttpApiStage {
  const place = { accountId: '123456789012', region: 'eu-west-1', apiId: 'a1b2c3d4e5', stageName }
  return { ...place, routes: [], ...more } as unknown as HttpApiStage
}

test('stages without limits of clients cost no memory', () => {
  const tables = new ClientTables(CLOCK, limitsOf('aws'))
  assert.equal(tables.share([stage('prod')]), undefined)
  assert.equal(tables.memory, undefined)
})

test('a plan is counted once for all its stages, and keeps its number and its memory', () => {
  const tables = new ClientTables(CLOCK, limitsOf('aws'))
  const stages = [stage('prod', { usagePlans: [PLAN] }), stage('test', { usagePlans: [PLAN] })]
  const first = tables.share(stages)!
  assert.deepEqual([...first.meters.values()], [0])
  const again = tables.share([
    ...stages,
    stage('dev', { usagePlans: [{ ...PLAN, planId: 'p2' }] }),
  ])!
  assert.equal(again.memory, first.memory)
  assert.deepEqual([...again.meters.values()], [0, 1])
  const quota = { limit: 1, period: 'WEEK', offset: 0 } as const
  tables.share([stage('prod', { usagePlans: [{ ...PLAN, quota }] })])
  assert.deepEqual(
    tables.meters.map(({ name, quotaDays }) => [name, quotaDays]),
    [
      ['plan/p1', 7],
      ['plan/p2', 0],
    ],
  )
})

test('more limits than can be counted are refused', () => {
  const tables = new ClientTables(CLOCK, limitsOf('aws', { meters: 1 }))
  const one = stage('prod', { usagePlans: [PLAN] })
  assert.equal(tables.findProblem([one]), undefined)
  tables.share([one])
  assert.equal(tables.findProblem([one]), undefined)
  const two = stage('prod', { usagePlans: [{ ...PLAN, planId: 'p2' }] })
  assert.match(tables.findProblem([two])!, /2 limits since the start; 1 are allowed/)
})

test('a worker that dies while it makes an entry loses no counts and blocks no place', () => {
  const tables = new ClientTables(CLOCK, limitsOf('aws', { meteredClients: 16 }))
  const { memory } = tables.share([stage('prod', { usagePlans: [PLAN] })])!
  const dying = new UsageTable(memory.usage, ownerOf(0))
  const living = new UsageTable(memory.usage, ownerOf(1))
  dying.takeQuota(dying.entry(1, 1, 0, 'known'), 10, 5)
  const slots = new SharedSlots(memory.usage.slots, ownerOf(0))
  const death = () => assert.fail('the thread ends here')
  const tenants = { isIdle: () => false, vacate: () => false, settle: death }
  assert.throws(() => slots.enter(2, 2, tenants))
  // Who is known goes on; who is new is counted with the others.
  assert.equal(living.quotaUse(living.entry(1, 1, 0, 'known')).used, 1)
  assert.equal(living.nameOf(living.entry(3, 3, 0, 'new')), '*')
  tables.release(0)
  assert.equal(living.nameOf(living.entry(3, 3, 0, 'new')), 'new')
  assert.equal(living.quotaUse(living.entry(1, 1, 0, 'known')).used, 1)
})
