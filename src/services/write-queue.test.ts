import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ServiceError } from '../aws/service-error.ts'
import type { HttpApiStage } from '../domain/http-api.ts'
import { MemoryStore } from '../storage/memory-store.fake.ts'
import type { Store, Transaction } from '../storage/store.ts'
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
