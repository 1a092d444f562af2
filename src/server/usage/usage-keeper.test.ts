import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { KeyedHash } from '../../base/keyed-hash.ts'
import type { HttpApiStage } from '../../domain/http-api.ts'
import { limitsOf } from '../../domain/limits.ts'
import { usageMeters } from '../../domain/usage.ts'
import { UsageTable } from '../../features/quota/usage-table.ts'
import { usageOn } from '../../services/usage/usage-records.ts'
import { MemoryStore } from '../../storage/memory-store.fake.ts'
import { ClientTables } from './client-memory.ts'
import { UsageKeeper } from './usage-keeper.ts'

const SCOPE = { accountId: '123456789012', region: 'eu-central-1' }
const METER = 'a1b2c3d4e5/$default'
const DAY_MS = 86_400_000
const NOON = Date.UTC(2026, 10, 28, 12)
const PERIOD = Math.floor(NOON / DAY_MS)

const STAGE = {
  ...SCOPE,
  apiId: 'a1b2c3d4e5',
  stageName: '$default',
  routes: [],
  clientLimits: {
    client: '$context.identity.sourceIp',
    metered: true,
    quota: { limit: 10, period: 'DAY', offset: 0 },
    clients: {},
  },
} as unknown as HttpApiStage

let store: MemoryStore
let epochMs: number
let troubles: unknown[]

beforeEach(() => {
  store = new MemoryStore()
  epochMs = NOON
  troubles = []
})

/** One life of the process over the store. */
class Life {
  readonly keeper: UsageKeeper
  readonly table: UsageTable
  readonly #hash: KeyedHash
  readonly #number: number
  timer: { delayMs: number; action: () => void } | undefined

  constructor() {
    const tables = new ClientTables({ now: () => 0, epochMs: () => epochMs }, limitsOf('aws'))
    const { memory, meters } = tables.share([STAGE])!
    this.table = new UsageTable(memory.usage, 2)
    this.#hash = new KeyedHash(memory.key)
    this.#number = meters.get(usageMeters(STAGE).api)!
    this.keeper = new UsageKeeper({
      store,
      tables,
      epochMs: () => epochMs,
      after: (delayMs, action) => {
        this.timer = { delayMs, action }
        return () => {
          this.timer = undefined
        }
      },
      flushMs: 2_000,
      daysMax: 30,
      trouble: (error) => void troubles.push(error),
    })
  }

  /** As a worker finds it. */
  entry(client: string): number {
    this.#hash.update(usageMeters(STAGE).api)
    const { lo, hi } = this.#hash
    this.#hash.update(client)
    return this.table.entry(this.#hash.lo ^ lo, this.#hash.hi ^ hi, this.#number, client)
  }

  call(client: string, period = PERIOD): boolean {
    const entry = this.entry(client)
    const isLet = this.table.takeQuota(entry, period, 10)
    if (isLet) this.table.countAllowed(entry)
    else this.table.countOverQuota(entry)
    return isLet
  }
}

/** By name: the table that it was counted in has another order in every run. */
async function usage(date = '2026-11-28') {
  const counted = await store.read((reader) => usageOn(reader.in(SCOPE), METER, date))
  return counted.toSorted((a, b) => a.client.localeCompare(b.client))
}

test('what was counted is written once, and added to what was there', async () => {
  const life = new Life()
  for (let i = 0; i < 12; i++) life.call('one')
  life.call('two')
  await life.keeper.flush()
  await life.keeper.flush()
  life.call('two')
  await life.keeper.flush()
  assert.deepEqual(await usage(), [
    { client: 'one', date: '2026-11-28', allowed: 10, throttled: 0, overQuota: 2 },
    { client: 'two', date: '2026-11-28', allowed: 2, throttled: 0, overQuota: 0 },
  ])
  const { revision } = store
  await life.keeper.flush()
  assert.equal(store.revision, revision, 'nothing has changed, nothing is written')
})

test('a new life goes on with what was used, and adds to the same day', async () => {
  const first = new Life()
  for (let i = 0; i < 9; i++) first.call('one')
  await first.keeper.close()
  const second = new Life()
  await second.keeper.restore()
  assert.deepEqual([second.call('one'), second.call('one')], [true, false])
  await second.keeper.flush()
  assert.deepEqual(await usage(), [
    { client: 'one', date: '2026-11-28', allowed: 10, throttled: 0, overQuota: 1 },
  ])
})

test('a quota of yesterday is not put back', async () => {
  const first = new Life()
  for (let i = 0; i < 10; i++) first.call('one')
  await first.keeper.close()
  epochMs += DAY_MS
  const second = new Life()
  await second.keeper.restore()
  assert.equal(second.call('one', PERIOD + 1), true)
})

describe('a day', () => {
  test('that is over gives its entries back, and the next has its own records', async () => {
    const life = new Life()
    life.call('one')
    await life.keeper.flush()
    const entry = life.entry('one')
    epochMs += DAY_MS
    await life.keeper.flush()
    assert.equal(life.table.isUsed(entry), false)
    life.call('one', PERIOD + 1)
    await life.keeper.flush()
    assert.equal((await usage('2026-11-29'))[0]?.allowed, 1)
    assert.equal((await usage())[0]?.allowed, 1)
  })

  test('ends with a flush of its own', () => {
    epochMs = NOON + DAY_MS / 2 - 700
    assert.equal(new Life().timer?.delayMs, 700)
  })

  test('beyond their number leaves the store', async () => {
    const life = new Life()
    life.call('one')
    await life.keeper.flush()
    epochMs += 30 * DAY_MS
    await life.keeper.flush()
    assert.equal((await usage()).length, 1)
    epochMs += DAY_MS
    await life.keeper.flush()
    assert.deepEqual(await usage(), [])
  })
})

test('what could not be written is written the next time', async () => {
  const life = new Life()
  life.call('one')
  const { write } = store
  store.write = () => Promise.reject(new Error('the disk is full'))
  await life.keeper.flush()
  assert.equal(troubles.length, 1)
  store.write = write.bind(store) as typeof store.write
  await life.keeper.flush()
  assert.equal((await usage())[0]?.allowed, 1)
})
