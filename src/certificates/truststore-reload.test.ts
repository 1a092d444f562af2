import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TruststorePlace } from './truststore.ts'
import { type KeptTruststore, type TruststoreNews, TruststoreReload } from './truststore-reload.ts'

const INTERVAL_MS = 60_000
const SHARED = 's3://bucket/shared.pem'

/** Places with what they hold, domain names with what is in force for them, and a clock that a test moves. */
class World {
  readonly places = new Map<string, { mark: string; holds: string | Error }>()
  readonly domains = new Map<string, KeptTruststore>()
  readonly read: string[] = []
  readonly said: string[] = []
  readonly reload: TruststoreReload
  keeps = 0
  /** Runs between the look that finds a change and the one that confirms it. */
  meanwhile = () => {}
  #nowMs = 0
  #timers: { readonly atMs: number; readonly action: () => void }[] = []

  constructor() {
    this.reload = new TruststoreReload({
      list: async () => [...this.domains.values()],
      look: async ({ uri }) => this.#at(uri).mark,
      read: async ({ uri }: TruststorePlace) => {
        this.read.push(uri)
        const { holds } = this.#at(uri)
        if (holds instanceof Error) throw holds
        const trust = { authorities: holds, revocationLists: [], version: holds }
        return { trust, warnings: [] }
      },
      keep: async (kept, news) => this.#keep(kept, news),
      intervalMs: INTERVAL_MS,
      after: (delayMs, action) => {
        const timer = { atMs: this.#nowMs + delayMs, action }
        this.#timers.push(timer)
        return () => {
          this.#timers = this.#timers.filter((each) => each !== timer)
        }
      },
      log: {
        info: (message) => this.said.push(`info ${message}`),
        warn: (message) => this.said.push(`warn ${message}`),
      },
    })
  }

  /** A domain name whose truststore a call has read. */
  add(domainName: string, uri: string, holds: string): void {
    if (!this.places.has(uri)) this.put(uri, holds)
    this.domains.set(domainName, { domainName, uri, version: holds, warnings: [] })
  }

  put(uri: string, holds: string | Error, mark = String(holds)): void {
    this.places.set(uri, { mark, holds })
  }

  get inForce(): object {
    return Object.fromEntries([...this.domains].map(([name, { version }]) => [name, version]))
  }

  warningsOf(name: string): readonly string[] {
    return this.domains.get(name)!.warnings
  }

  /** Lets time pass, with all that becomes due. */
  async pass(ms: number): Promise<void> {
    for (const endMs = this.#nowMs + ms; this.#nowMs < endMs; this.#nowMs += 500) {
      const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs)
      this.#timers = this.#timers.filter((timer) => !due.includes(timer))
      for (const { action } of due) {
        this.meanwhile()
        action()
      }
      await new Promise(setImmediate)
    }
  }

  #at(uri: string) {
    const place = this.places.get(uri)
    if (place === undefined) throw new Error(`${uri} is away`)
    return place
  }

  #keep(kept: KeptTruststore, { trust, warnings }: TruststoreNews): boolean {
    this.keeps++
    const now = this.domains.get(kept.domainName)
    if (now?.version !== kept.version) return false
    const version = trust?.version ?? kept.version
    this.domains.set(kept.domainName, { ...kept, version, warnings })
    return true
  }
}

async function started(): Promise<World> {
  const world = new World()
  world.add('a.test', SHARED, 'one')
  world.add('b.test', SHARED, 'one')
  world.add('c.test', 'file:///stores/c.pem', 'one')
  void world.reload.run()
  await world.pass(2_000)
  return world
}

test('what has not changed since a call read it is read once after a start, and written never', async () => {
  const world = await started()
  assert.deepEqual(world.read.toSorted(), ['file:///stores/c.pem', SHARED])
  await world.pass(5 * INTERVAL_MS)
  assert.equal(world.read.length, 2)
  assert.deepEqual([world.keeps, world.said], [0, []])
})

test('a change is in force for all who share the place, by one read', async () => {
  const world = await started()
  world.put(SHARED, 'two')
  await world.pass(INTERVAL_MS)
  assert.deepEqual(world.inForce, { 'a.test': 'one', 'b.test': 'one', 'c.test': 'one' })
  await world.pass(2_000)
  assert.deepEqual(world.inForce, { 'a.test': 'two', 'b.test': 'two', 'c.test': 'one' })
  assert.equal(world.read.length, 3)
  assert.deepEqual(world.said, [
    `info the truststore ${SHARED} has changed: in force for a.test`,
    `info the truststore ${SHARED} has changed: in force for b.test`,
  ])
})

test('what is still being written is left for the next round', async () => {
  const world = await started()
  world.put(SHARED, 'half')
  let writes = 0
  world.meanwhile = () => void (writes++ < 2 && world.put(SHARED, 'half', `half ${writes}`))
  await world.pass(INTERVAL_MS + 4_000)
  assert.equal(world.read.length, 2)
  world.put(SHARED, 'whole')
  await world.pass(INTERVAL_MS + 4_000)
  assert.deepEqual(world.inForce, { 'a.test': 'whole', 'b.test': 'whole', 'c.test': 'one' })
})

test('what cannot be used leaves the old one in force, says so once, and is taken when it is mended', async () => {
  const world = await started()
  world.put(SHARED, new Error('no valid certificate'))
  await world.pass(3 * INTERVAL_MS)
  assert.deepEqual(world.inForce, { 'a.test': 'one', 'b.test': 'one', 'c.test': 'one' })
  const said = [
    `warn the truststore ${SHARED} of a.test, b.test is not read again, the old one counts: no valid certificate`,
  ]
  assert.deepEqual(world.said, said)
  const warning = 'Not read again, what was read before counts: no valid certificate'
  assert.deepEqual(world.warningsOf('b.test'), [warning])
  assert.deepEqual(
    [...world.reload.stale],
    [
      ['a.test', true],
      ['b.test', true],
      ['c.test', false],
    ],
  )
  assert.equal(world.keeps, 2, 'one write a domain name')

  world.places.delete(SHARED)
  await world.pass(2 * INTERVAL_MS)
  assert.match(world.said[1]!, /: s3:\/\/bucket\/shared\.pem is away$/)
  assert.equal(world.keeps, 2, 'not one more for another reason')
  world.put(SHARED, 'one')
  await world.pass(INTERVAL_MS + 2_000)
  assert.deepEqual(world.said.slice(2), [`info the truststore ${SHARED} can be used again`])
  assert.deepEqual(world.warningsOf('a.test'), [])
  assert.equal(world.reload.stale.get('a.test'), false)
})

test('a call that reads meanwhile wins, and the next round makes it right', async () => {
  const world = await started()
  world.put(SHARED, 'two')
  // The timer of the round, then that of the pause in it.
  let timers = 0
  world.meanwhile = () => {
    if (++timers !== 2) return
    world.domains.set('a.test', { ...world.domains.get('a.test')!, version: 'old' })
  }
  await world.pass(INTERVAL_MS + 1_500)
  assert.deepEqual(world.inForce, { 'a.test': 'old', 'b.test': 'two', 'c.test': 'one' })
  world.meanwhile = () => {}
  await world.pass(INTERVAL_MS + 2_000)
  assert.deepEqual(world.inForce, { 'a.test': 'two', 'b.test': 'two', 'c.test': 'one' })
})

test('names that are gone are forgotten, and nothing is looked at after the end', async () => {
  const world = await started()
  world.domains.delete('c.test')
  await world.pass(INTERVAL_MS + 2_000)
  assert.deepEqual([...world.reload.stale.keys()], ['a.test', 'b.test'])
  world.put(SHARED, 'two')
  // Up to the pause that the change is waited out with.
  await world.pass(INTERVAL_MS - 2_500)
  await world.reload.close()
  await world.pass(5 * INTERVAL_MS)
  assert.deepEqual(world.inForce, { 'a.test': 'one', 'b.test': 'one' })
})
