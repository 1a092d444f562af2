import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { MemoryStore } from '../../storage/memory-store.fake.ts'
import { Sealer } from '../installation-key.ts'
import { UserPoolDirectory } from './directory.ts'
import { Housekeeping } from './housekeeping.ts'
import { newSigningKey } from './signing-keys.ts'
import { UserPools } from './user-pools.ts'

const SCOPE = { accountId: '000000000000', region: 'us-east-1' }
const ID = 'us-east-1_AAAAAAAAA'
const DAY_MS = 86_400_000

test('an old key is replaced; its tokens are good until they are over, and then it goes', async () => {
  const store = new MemoryStore()
  const sealer = new Sealer(randomBytes(32))
  let now = new Date('2026-01-01T00:00:00.000Z')
  await store.write(async (transaction) => {
    const records = transaction.in(SCOPE)
    await records.put({ kind: 'user-pool', parent: '', id: ID }, { Id: ID })
    const key = await newSigningKey(sealer, ID, now)
    await records.put({ kind: 'user-pool-key', parent: ID, id: key.kid }, key)
    for (const [id, hours] of [
      ['short', 1],
      ['long', 24 * 365],
    ] as const) {
      const expiresAt = new Date(now.getTime() + hours * 3_600_000).toISOString()
      await records.put({ kind: 'user-pool-code', parent: ID, id }, { expiresAt })
      await records.put({ kind: 'user-pool-token-family', parent: ID, id }, { expiresAt })
    }
  })
  const directory = await UserPoolDirectory.open(store)
  const pools = new UserPools({
    directory,
    openKey: async () => sealer,
    baseUrl: () => 'http://localhost:9090',
    ensureServed: async () => {},
  })
  const house = new Housekeeping({ pools, store, signingKeyAgeMs: 90 * DAY_MS, now: () => now })
  const token = () =>
    pools.sign(ID, { iss: `http://localhost:9090/${ID}`, exp: now.getTime() / 1_000 + 3_600 })
  const kids = () => directory.keys(ID).map(({ kid }) => kid)
  await house.run()
  const [first] = kids()
  assert.equal(kids().length, 1)
  now = new Date(now.getTime() + 90 * DAY_MS)
  const old = await token()
  await house.run()
  assert.equal(kids().length, 2)
  assert.equal(directory.key(ID, first!)?.sealedPrivateKey, undefined, 'it signs no more')
  assert.ok(await pools.prove(old, now))
  const fresh = await token()
  assert.notEqual(fresh.split('.')[0], old.split('.')[0])
  assert.ok(await pools.prove(fresh, now))
  now = new Date(now.getTime() + 2 * DAY_MS)
  await house.run()
  assert.deepEqual(
    kids().filter((kid) => kid === first),
    [],
  )
  assert.equal(await pools.prove(old, now), undefined)
  for (const kind of ['user-pool-code', 'user-pool-token-family']) {
    const left = await store.read((reader) => reader.in(SCOPE).list(kind, ID))
    assert.deepEqual(
      left.records.map(({ id }) => id),
      ['long'],
    )
  }
})
