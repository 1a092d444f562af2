import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Answer, Deployment, NumberedOrder } from './messages.ts'
import { type SharedPort, Supervisor } from './supervisor.ts'
import type { WorkerEvents } from './worker/worker-slot.ts'

/** A worker that obeys at once, unless the test says otherwise. */
class FakeWorker {
  readonly orders: NumberedOrder[] = []
  live = 0
  #prepared = 0
  readonly events: WorkerEvents
  readonly world: World
  readonly index: number

  constructor(index: number, events: WorkerEvents, world: World) {
    this.index = index
    this.events = events
    this.world = world
  }

  post(order: NumberedOrder): void {
    this.orders.push(order)
    const answer = this.world.answer(this, order) ?? this.obey(order)
    if (answer !== 'silence') {
      queueMicrotask(() => this.events.onAnswer({ ...answer, id: order.id }))
    }
  }

  terminate(): void {
    this.events.onExit(1)
  }

  die(reason: string): void {
    this.events.onFault(reason)
    this.events.onExit(1)
  }

  kinds(): string[] {
    return this.orders.map((order) => order.kind)
  }

  obey(order: NumberedOrder): Answer {
    if (order.kind === 'prepare') this.#prepared = order.deployment.configuration.revision
    if (order.kind === 'commit') this.live = this.#prepared
    const port = order.kind === 'listen' ? order.address.port || 5_000 : 0
    return { kind: 'done', port }
  }
}

class World {
  /** Every worker that was ever started, in order. */
  readonly workers: FakeWorker[] = []
  readonly lines: string[] = []
  readonly gaveUp: string[] = []
  readonly delays: number[] = []
  readonly #timers: { atMs: number; action: () => void }[] = []
  nowMs = 0
  restarts = 0
  answer: (worker: FakeWorker, order: NumberedOrder) => Answer | 'silence' | undefined = () =>
    undefined
  readonly supervisor: Supervisor

  constructor(workers: number) {
    const line = (message: string) => void this.lines.push(message)
    this.supervisor = new Supervisor({
      workers,
      startWorker: (index, events) => {
        const worker = new FakeWorker(index, events, this)
        this.workers.push(worker)
        return worker
      },
      clock: { now: () => this.nowMs, epochMs: () => this.nowMs },
      after: (delayMs, action) => this.#after(delayMs, action),
      log: { info: line, warn: line, error: line, problem: () => {}, event: line },
      observer: {
        workerStarted: () => {},
        workerEnded: () => {},
        workerRestarted: () => {
          this.restarts++
        },
      },
      onReport: () => {},
      onGiveUp: (reason) => this.gaveUp.push(reason),
    })
  }

  /** Lets time pass and everything that follows from it happen. */
  async pass(ms: number): Promise<void> {
    this.nowMs += ms
    const due = this.#timers.filter((timer) => timer.atMs <= this.nowMs)
    for (const timer of due) {
      this.#timers.splice(this.#timers.indexOf(timer), 1)
      timer.action()
    }
    await nextTurn()
  }

  async boot(): Promise<void> {
    this.supervisor.start()
    assert.deepEqual(await deploy(this.supervisor, deployment(1)), { kind: 'deployed' })
    await this.supervisor.listen(HTTP)
  }

  #after(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, action }
    this.delays.push(delayMs)
    this.#timers.push(timer)
    return () => {
      const i = this.#timers.indexOf(timer)
      if (i >= 0) this.#timers.splice(i, 1)
    }
  }
}

const HTTP: SharedPort = { scheme: 'http', port: 0, host: undefined, tls: undefined }

function deployment(revision: number): Deployment {
  return { configuration: { revision, stages: [] }, shares: [], buckets: [], stageNumbers: [] }
}

/** Both phases. */
async function deploy(supervisor: Supervisor, next: Deployment) {
  const outcome = await supervisor.prepare(next)
  if (outcome.kind !== 'prepared') return outcome
  await outcome.commit()
  return { kind: 'deployed' }
}

/** The third worker, which takes the place of a dead one, does not answer its first order of this kind yet. */
function holdFirst(world: World, kind: NumberedOrder['kind']) {
  const held = Promise.withResolvers<void>()
  let isFirst = true
  world.answer = (worker, order) => {
    if (worker !== world.workers[2] || order.kind !== kind || !isFirst) return undefined
    isFirst = false
    const answer = () => worker.events.onAnswer({ ...worker.obey(order), id: order.id })
    void held.promise.then(answer)
    return 'silence'
  }
  return { release: () => held.resolve() }
}

const refused = (reason: string): Answer => ({ kind: 'refused', reasons: [reason], code: '' })

describe('deployment', () => {
  test('all workers compile before any goes live', async () => {
    const world = new World(3)
    const story: string[] = []
    world.answer = (_worker, order) => {
      story.push(order.kind)
      return undefined
    }
    await world.boot()
    assert.deepEqual(story.slice(0, 6), [
      ...Array<string>(3).fill('prepare'),
      ...Array<string>(3).fill('commit'),
    ])
    assert.equal(world.supervisor.workersServing, 3)
  })

  test('one refusal keeps the old revision everywhere, with its reason', async () => {
    const world = new World(3)
    await world.boot()
    world.answer = (worker, order) =>
      worker.index === 1 && order.kind === 'prepare' ? refused('no such route') : undefined
    const outcome = await deploy(world.supervisor, deployment(2))
    assert.deepEqual(outcome, { kind: 'refused', reasons: ['no such route'] })
    assert.deepEqual(
      world.workers.map((worker) => worker.live),
      [1, 1, 1],
    )
    world.answer = () => undefined
    assert.deepEqual(await deploy(world.supervisor, deployment(3)), { kind: 'deployed' })
    assert.deepEqual(
      world.workers.map((worker) => worker.live),
      [3, 3, 3],
    )
  })

  test('the same reason from every worker is said once', async () => {
    const world = new World(2)
    world.answer = (_worker, order) => (order.kind === 'prepare' ? refused('bad') : undefined)
    world.supervisor.start()
    const outcome = await deploy(world.supervisor, deployment(1))
    assert.deepEqual(outcome, { kind: 'refused', reasons: ['bad'] })
  })

  test('a worker that dies while it compiles has refused', async () => {
    const world = new World(2)
    await world.boot()
    world.answer = (worker, order) => {
      if (worker !== world.workers[0] || order.kind !== 'prepare') return undefined
      queueMicrotask(() => worker.die('out of memory\n  at compile (compile.js)'))
      return 'silence'
    }
    const outcome = await deploy(world.supervisor, deployment(2))
    assert.deepEqual(outcome, { kind: 'refused', reasons: ['a worker crashed: out of memory'] })
    world.answer = () => undefined
    await world.pass(100)
    assert.equal(world.workers.at(-1)?.live, 1)
  })

  test('a death during the first deployment fails the start and is not repaired', async () => {
    const world = new World(1)
    world.answer = (worker) => {
      queueMicrotask(() => worker.die('broken build'))
      return 'silence'
    }
    world.supervisor.start()
    const outcome = await deploy(world.supervisor, deployment(1))
    assert.deepEqual(outcome, { kind: 'refused', reasons: ['a worker crashed: broken build'] })
    await world.pass(10_000)
    assert.equal(world.workers.length, 1)
  })

  test('a worker that has died before the first deployment fails the start, too', async () => {
    const world = new World(2)
    world.supervisor.start()
    world.workers[0]!.die('broken build')
    const outcome = await deploy(world.supervisor, deployment(1))
    assert.deepEqual(outcome, { kind: 'refused', reasons: ['a worker crashed: broken build'] })
  })

  test('what is given up is discarded everywhere, and the next one has its turn', async () => {
    const world = new World(2)
    await world.boot()
    const first = await world.supervisor.prepare(deployment(2))
    const second = deploy(world.supervisor, deployment(3))
    assert.equal(first.kind, 'prepared')
    if (first.kind === 'prepared') first.discard()
    assert.deepEqual(await second, { kind: 'deployed' })
    const kinds = world.workers[1]!.kinds().slice(3)
    assert.deepEqual(kinds, ['prepare', 'discard', 'prepare', 'commit'])
    assert.equal(world.workers[1]!.live, 3)
  })

  test('two at once are carried out one after the other', async () => {
    const world = new World(2)
    await world.boot()
    await Promise.all([
      deploy(world.supervisor, deployment(2)),
      deploy(world.supervisor, deployment(3)),
    ])
    const kinds = world.workers[0]!.kinds().slice(3)
    assert.deepEqual(kinds, ['prepare', 'commit', 'prepare', 'commit'])
    assert.equal(world.workers[0]!.live, 3)
  })
})

describe('ports', () => {
  test('the first worker takes a free port, the others the same, sharing it', async () => {
    const world = new World(2)
    await world.boot()
    const addresses = world.workers.map((worker) => {
      const order = worker.orders.find((each) => each.kind === 'listen')
      return order?.kind === 'listen' ? order.address : undefined
    })
    assert.deepEqual(addresses, [
      { port: 0, reusePort: true },
      { port: 5_000, reusePort: true },
    ])
  })

  test('a single worker does not share its port', async () => {
    const world = new World(1)
    await world.boot()
    const order = world.workers[0]!.orders.at(-1)
    assert.deepEqual(order?.kind === 'listen' && order.address, { port: 0, reusePort: false })
  })

  test("a port that cannot be had rejects with Node's code", async () => {
    const world = new World(1)
    world.answer = (_worker, order) =>
      order.kind === 'listen'
        ? { kind: 'refused', reasons: ['in use'], code: 'EADDRINUSE' }
        : undefined
    await assert.rejects(world.boot(), { name: 'ListenRefused', code: 'EADDRINUSE' })
  })
})

describe('a worker that crashes', () => {
  test('is replaced, brought to the current revision and ports, and counted', async () => {
    const world = new World(2)
    await world.boot()
    await deploy(world.supervisor, deployment(2))
    world.nowMs = 60_000
    world.workers[0]!.die('TypeError: x')
    assert.equal(world.supervisor.workersServing, 1)
    await world.pass(0)
    const replacement = world.workers[2]!
    assert.deepEqual(replacement.kinds(), ['prepare', 'commit', 'listen'])
    assert.equal(replacement.live, 2)
    assert.equal(world.supervisor.workersServing, 2)
    assert.equal(world.restarts, 1)
    assert.match(world.lines[0]!, /^worker 0 crashed: TypeError: x/)
  })

  test('and misses a deployment while it loads its code catches up before it listens', async () => {
    const world = new World(2)
    await world.boot()
    world.nowMs = 60_000
    const { release } = holdFirst(world, 'prepare')
    world.workers[0]!.die('bug')
    await world.pass(0)
    assert.deepEqual(await deploy(world.supervisor, deployment(2)), { kind: 'deployed' })
    release()
    await nextTurn()
    const kinds = ['prepare', 'commit', 'prepare', 'commit', 'listen']
    assert.deepEqual(world.workers[2]!.kinds(), kinds)
    assert.equal(world.workers[2]!.live, 2)
    assert.equal(world.supervisor.workersServing, 2)
  })

  test('and has begun to listen takes part in a deployment, which waits for it', async () => {
    const world = new World(2)
    await world.boot()
    world.nowMs = 60_000
    const { release } = holdFirst(world, 'listen')
    world.workers[0]!.die('bug')
    await world.pass(0)
    let isLive = false
    const deployed = deploy(world.supervisor, deployment(2)).then(() => {
      isLive = true
    })
    await nextTurn()
    assert.equal(isLive, false)
    release()
    await deployed
    assert.deepEqual(
      world.workers.slice(1).map((worker) => worker.live),
      [2, 2],
    )
  })

  test('and comes back between the phases of a deployment waits for its end', async () => {
    const world = new World(2)
    await world.boot()
    world.nowMs = 60_000
    const outcome = await world.supervisor.prepare(deployment(2))
    world.workers[0]!.die('bug')
    await world.pass(0)
    assert.deepEqual(world.workers[2]!.kinds(), ['prepare', 'commit'])
    if (outcome.kind === 'prepared') await outcome.commit()
    await nextTurn()
    assert.equal(world.workers[2]!.live, 2)
    assert.equal(world.workers[2]!.kinds().at(-1), 'listen')
  })

  test('and dies again while others wait for it lets them go on', async () => {
    const world = new World(2)
    await world.boot()
    world.nowMs = 60_000
    holdFirst(world, 'listen')
    world.workers[0]!.die('bug')
    await world.pass(0)
    const deployed = deploy(world.supervisor, deployment(2))
    world.workers[2]!.die('again')
    assert.deepEqual(await deployed, { kind: 'deployed' })
  })

  test('and was the only one leaves nobody to deploy to until it is back', async () => {
    const world = new World(1)
    await world.boot()
    world.workers[0]!.die('bug')
    assert.deepEqual(await deploy(world.supervisor, deployment(2)), { kind: 'unavailable' })
    await world.pass(100)
    assert.deepEqual(await deploy(world.supervisor, deployment(2)), { kind: 'deployed' })
  })

  test('young again and again waits longer each time, then ends the program once', async () => {
    const world = new World(1)
    await world.boot()
    for (let death = 0; death < 5; death++) {
      world.workers.at(-1)!.die('cannot live')
      await world.pass(1_000)
    }
    assert.deepEqual(world.delays, [100, 200, 400, 800])
    assert.deepEqual(world.gaveUp, ['cannot live'])
    await world.pass(60_000)
    assert.equal(world.workers.length, 5)
  })

  test('before it ever serves counts as young, however long its start takes', async () => {
    const world = new World(1)
    await world.boot()
    world.workers.at(-1)!.die('first')
    world.answer = () => 'silence'
    for (let death = 0; death < 4; death++) {
      await world.pass(10_000)
      world.workers.at(-1)!.die('cannot compile')
    }
    assert.deepEqual(world.gaveUp, ['cannot compile'])
  })

  test('old each time is replaced for ever', async () => {
    const world = new World(1)
    await world.boot()
    for (let death = 0; death < 20; death++) {
      await world.pass(5_000)
      world.workers.at(-1)!.die('rare')
      await world.pass(0)
    }
    assert.deepEqual(world.gaveUp, [])
    assert.equal(world.workers.length, 21)
    assert.equal(world.supervisor.workersServing, 1)
  })
})

describe('the end', () => {
  test('a drain is over when every worker has answered', async () => {
    const world = new World(2)
    await world.boot()
    assert.equal(await world.supervisor.drain(1_000), true)
    assert.deepEqual(
      world.workers.map((worker) => worker.kinds().at(-1)),
      ['drain', 'drain'],
    )
  })

  test('a drain that takes too long is given up', async () => {
    const world = new World(1)
    await world.boot()
    world.answer = (_worker, order) => (order.kind === 'drain' ? 'silence' : undefined)
    const drained = world.supervisor.drain(1_000)
    await world.pass(1_000)
    assert.equal(await drained, false)
  })

  test('a worker that dies while it drains is not replaced', async () => {
    const world = new World(1)
    await world.boot()
    world.answer = (worker, order) => {
      if (order.kind !== 'drain') return undefined
      queueMicrotask(() => worker.die('late bug'))
      return 'silence'
    }
    assert.equal(await world.supervisor.drain(1_000), true)
    await world.pass(60_000)
    assert.equal(world.workers.length, 1)
  })
})
