import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ServiceError } from '../aws/service-error.ts'
import type { HttpApiStage } from '../domain/http-api.ts'
import { MemoryStore } from '../storage/memory-store.fake.ts'
import type { Store, Transaction } from '../storage/store.ts'
import { StoreUnusable } from '../storage/store-unusable.ts'
import type { LiveStages, StageChanges } from './live-stages.ts'
import { type PrepareOutcome, type StagePublisher, WriteQueue } from './write-queue.ts'

const SCOPE = { accountId: '1', region: 'r' }

/** A stage for every record `stage` that was written; a record with the id `broken` cannot be enforced. */
class RecordStages implements LiveStages {
  async after(transaction: Transaction): Promise<StageChanges> {
    const written = transaction.changes().filter(({ key }) => key.kind === 'stage')
    if (written.some(({ key }) => key.id === 'unenforced')) {
      throw new ServiceError('BadRequestException', 'cannot be enforced')
    }
    if (written.some(({ key }) => key.id === 'bug')) throw new TypeError('x is undefined')
    const stages = written.map(({ key }) => ({ apiId: key.id, stageName: '$default' }))
    return { live: stages as unknown as readonly HttpApiStage[], gone: [] }
  }

  async all() {
    return { live: [], refused: [] }
  }
}

class World implements StagePublisher {
  readonly store: Store = new MemoryStore()
  readonly story: string[] = []
  readonly queue: WriteQueue
  /** Stages that no worker can compile. */
  uncompilable: string | undefined
  /** Lets the test hold the workers. */
  hold: Promise<void> | undefined

  constructor() {
    this.queue = new WriteQueue({
      store: this.store,
      stages: new RecordStages(),
      publisher: this,
      now: () => new Date(0),
      newId: () => 'id',
    })
  }

  begin(): void {}

  async prepare({ live }: StageChanges): Promise<PrepareOutcome> {
    const ids = live.map(({ apiId }) => apiId)
    this.story.push(`prepare ${ids.join(' ')}`)
    await this.hold
    if (this.uncompilable !== undefined && ids.includes(this.uncompilable)) {
      return { kind: 'refused', reasons: ['no such host'] }
    }
    return {
      kind: 'prepared',
      commit: async () => void this.story.push(`commit with ${(await this.ids()).join(' ')}`),
      discard: () => void this.story.push('discard'),
    }
  }

  put(id: string): Promise<string> {
    return this.queue.submit(async (transaction) => {
      await transaction.in(SCOPE).put({ kind: 'stage', parent: '', id }, { id })
      return id
    })
  }

  /** What the store holds for others. */
  ids(): Promise<string[]> {
    return this.store.read(async (reader) => {
      const { records } = await reader.in(SCOPE).list('stage', '')
      return records.map(({ id }) => id)
    })
  }
}

describe('a batch', () => {
  test('takes together what waits: one deployment for many writers', async () => {
    const world = new World()
    const ids = Array.from({ length: 100 }, (_, i) => `s${i}`)
    assert.deepEqual(await Promise.all(ids.map((id) => world.put(id))), ids)
    assert.equal(world.story.length, 2)
    assert.deepEqual(await world.ids(), ids)
  })

  test('is committed in the store before workers swap, and before calls return', async () => {
    const world = new World()
    await world.put('a')
    assert.deepEqual(world.story, ['prepare a', 'commit with a'])
  })

  test('writes that arrive meanwhile are the next one', async () => {
    const world = new World()
    const held = Promise.withResolvers<void>()
    world.hold = held.promise
    const first = world.put('a')
    await new Promise((resolve) => setImmediate(resolve))
    const others = Promise.all([world.put('b'), world.put('c')])
    assert.deepEqual(await world.ids(), [])
    held.resolve()
    await Promise.all([first, others])
    assert.deepEqual(world.story, [
      'prepare a',
      'commit with a',
      'prepare b c',
      'commit with a b c',
    ])
  })

  test('without a change of a stage deploys nothing', async () => {
    const world = new World()
    await world.queue.submit((transaction) =>
      transaction.in(SCOPE).put({ kind: 'other', parent: '', id: 'x' }, {}),
    )
    assert.deepEqual(world.story, [])
  })

  test('deploys when asked to, even without a change', async () => {
    const world = new World()
    await world.queue.submit(async () => {}, { publishAlways: true })
    assert.deepEqual(world.story, ['prepare ', 'commit with '])
  })
})

describe('a call that fails', () => {
  test('leaves the others of its batch alone', async () => {
    const world = new World()
    const results = await Promise.allSettled([
      world.put('a'),
      world.queue.submit(async (transaction) => {
        await transaction.in(SCOPE).put({ kind: 'stage', parent: '', id: 'half' }, {})
        throw new ServiceError('NotFoundException', 'no')
      }),
      world.put('b'),
    ])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.deepEqual(await world.ids(), ['a', 'b'])
    assert.deepEqual(world.story, ['prepare a b', 'commit with a b'])
  })

  for (const [name, prepare] of [
    ['cannot be compiled', 'bad'],
    ['cannot be enforced', 'unenforced'],
  ] as const) {
    test(`because its stage ${name} fails alone, and nothing of it stays`, async () => {
      const world = new World()
      world.uncompilable = 'bad'
      const results = await Promise.allSettled([world.put('a'), world.put(prepare), world.put('b')])
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      )
      const { reason } = results[1] as PromiseRejectedResult
      assert.ok(reason instanceof ServiceError)
      assert.equal(reason.code, 'BadRequestException')
      assert.deepEqual(await world.ids(), ['a', 'b'])
    })
  }

  test('when the store cannot commit, workers forget what they hold', async () => {
    const world = new World()
    const { store } = world
    const write = store.write.bind(store)
    store.write = async (work) =>
      write(async (transaction) => {
        await work(transaction)
        throw new Error('disk full')
      })
    await assert.rejects(world.put('a'), /disk full/)
    assert.deepEqual(world.story, ['prepare a', 'discard'])
    store.write = write
    assert.equal(await world.put('b'), 'b')
    assert.deepEqual(await world.ids(), ['b'])
  })
})

test('workers that cannot swap fail the calls, which do not run twice', async () => {
  const world = new World()
  let runs = 0
  world.prepare = async () => ({
    kind: 'prepared',
    commit: () => Promise.reject(new Error('all workers are gone')),
    discard: () => {},
  })
  const write = () =>
    world.queue.submit(async (transaction) => {
      runs++
      await transaction.in(SCOPE).put({ kind: 'stage', parent: '', id: `s${runs}` }, {})
    })
  const results = await Promise.allSettled([write(), write()])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.equal(runs, 2)
})

test('too many waiting writes are refused', async () => {
  const world = new World()
  const all = Array.from({ length: 10_000 }, () => world.queue.submit(async () => {}))
  assert.throws(() => world.put('one too many'), { code: 'TooManyRequestsException' })
  await Promise.all(all)
})

test('without a worker at this moment a call may come again', async () => {
  const world = new World()
  const prepare = world.prepare.bind(world)
  world.prepare = async () => ({ kind: 'unavailable' })
  await assert.rejects(world.put('a'), { code: 'ServiceUnavailableException' })
  assert.deepEqual(await world.ids(), [])
  world.prepare = prepare
  assert.equal(await world.put('a'), 'a')
})

describe('the end', () => {
  test('lets what is under way finish and refuses what waits', async () => {
    const world = new World()
    const held = Promise.withResolvers<void>()
    world.hold = held.promise
    const first = world.put('a')
    await new Promise((resolve) => setImmediate(resolve))
    const second = assert.rejects(world.put('b'), { code: 'ServiceUnavailableException' })
    let isClosed = false
    const closed = world.queue.close().then(() => {
      isClosed = true
    })
    await second
    assert.equal(isClosed, false)
    held.resolve()
    assert.equal(await first, 'a')
    await closed
    assert.throws(() => world.put('c'), { code: 'ServiceUnavailableException' })
    assert.deepEqual(await world.ids(), ['a'])
  })

  test('comes at once when nothing is under way', async () => {
    const world = new World()
    await world.put('a')
    await world.queue.close()
    assert.deepEqual(await world.ids(), ['a'])
  })
})

test('a store that cannot be written fails all calls at once: trying each would take its time', async () => {
  const world = new World()
  let attempts = 0
  world.store.write = async () => {
    attempts++
    throw new StoreUnusable('The disk is full.', 'Free some space.')
  }
  const results = await Promise.allSettled(['a', 'b', 'c'].map((id) => world.put(id)))
  for (const result of results) {
    assert.ok((result as PromiseRejectedResult).reason instanceof StoreUnusable)
  }
  assert.equal(attempts, 1)
})

describe('a bug', () => {
  test('in one call of a batch fails that call alone', async () => {
    const world = new World()
    const results = await Promise.allSettled([
      world.put('a'),
      world.queue.submit(() => Promise.reject(new TypeError('x is undefined'))),
      world.put('b'),
    ])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.deepEqual(await world.ids(), ['a', 'b'])
  })

  test('in what follows the writes fails the call that met it, and the queue goes on', async () => {
    const world = new World()
    const results = await Promise.allSettled([world.put('a'), world.put('bug'), world.put('b')])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.ok((results[1] as PromiseRejectedResult).reason instanceof TypeError)
    assert.equal(await world.put('c'), 'c')
  })

  test('after the commit fails the calls, and the queue goes on', async () => {
    const world = new World()
    const prepare = world.prepare.bind(world)
    world.prepare = async () => ({
      kind: 'prepared',
      commit: () => {
        throw new TypeError('not even a promise')
      },
      discard: () => assert.fail('what is committed is not discarded'),
    })
    let runs = 0
    const count = () => world.queue.submit(async () => void runs++)
    const results = await Promise.allSettled([world.put('a'), count()])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    assert.equal(runs, 1)
    world.prepare = prepare
    assert.equal(await world.put('b'), 'b')
    assert.deepEqual(await world.ids(), ['a', 'b'])
  })
})
