import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore } from '../../storage/memory-store.fake.ts'
import type { Store } from '../../storage/store.ts'
import {
  AcmeOrders,
  type AcmeOrdersParts,
  type FailedEnd,
  type KeptCertificate,
} from './acme-orders.ts'
import { AcmeError } from './acme-problem.ts'
import { Attempts } from './attempts.ts'

const SCOPE = { accountId: '000000000000', region: 'us-east-1' }
const DAY_MS = 86_400_000
const LEASE_MS = 30_000
const ISSUED = { certificate: 'c', chain: '', privateKey: 'k' }

/** A time that moves by hand; timers run when it passes them. */
class Hours {
  nowMs = 1_000_000_000_000
  #timers: { atMs: number; action: () => void }[] = []
  readonly clock = { now: () => this.nowMs, epochMs: () => this.nowMs }
  readonly after = (delayMs: number, action: () => void) => {
    const timer = { atMs: this.nowMs + delayMs, action }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer)
    }
  }

  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    for (;;) {
      await settle()
      const next = this.#timers.sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined || next.atMs > endMs) break
      this.#timers.shift()
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.action()
    }
    this.nowMs = endMs
    await settle()
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** The certificates of one installation; programs that share a store share it. */
class Book {
  certificates: KeptCertificate[] = []
  readonly ends: FailedEnd[] = []
  readonly renewals: string[] = []
  completed = 0
  readonly #hours: Hours

  constructor(hours: Hours) {
    this.#hours = hours
  }

  ask(id: string): void {
    const askedAtMs = this.#hours.nowMs
    this.certificates.push({
      scope: SCOPE,
      id,
      hosts: [`${id}.example.com`],
      keyAlgorithm: 'RSA_2048',
      renewNow: false,
      askedAtMs,
      lifetime: undefined,
    })
  }

  readonly parts: AcmeOrdersParts['book'] = {
    list: async () => this.certificates,
    complete: async ({ id }) => {
      this.completed++
      const fromEpochMs = this.#hours.nowMs
      const lifetime = { fromEpochMs, untilEpochMs: fromEpochMs + 90 * DAY_MS }
      this.certificates = this.certificates.map((each) =>
        each.id === id ? { ...each, lifetime } : each,
      )
    },
    fail: async ({ id }, end) => {
      this.ends.push(end)
      this.certificates = this.certificates.filter((each) => each.id !== id)
    },
    renewing: async (_, { status }) => void this.renewals.push(status),
    onChange: () => () => {},
  }
}

let programs = 0

function start(
  hours: Hours,
  { store, book }: { store: Store; book: Book },
  order: AcmeOrdersParts['order'],
) {
  const said: string[] = []
  const orders = new AcmeOrders({
    store,
    book: book.parts,
    attempts: new Attempts(store),
    order,
    holder: `program ${++programs}`,
    leaseMs: LEASE_MS,
    clock: hours.clock,
    after: hours.after,
    random: () => 0,
    backoff: { firstMs: 60_000, maxMs: 6 * 3_600_000 },
    validationMs: 3 * DAY_MS,
    info: (message) => said.push(message),
    warn: (message) => said.push(message),
  })
  return { orders, said }
}

function setUp(order: AcmeOrdersParts['order']) {
  const hours = new Hours()
  const shared = { store: new MemoryStore(hours.clock.epochMs), book: new Book(hours) }
  const counted = { orders: 0 }
  const counting: AcmeOrdersParts['order'] = (wish, signal) => {
    counted.orders++
    return order(wish, signal)
  }
  return { hours, ...shared, shared, counted, counting }
}

test('what is asked for is ordered, and renewed in its time, once', async () => {
  const { hours, book, shared, counted, counting } = setUp(async () => ISSUED)
  book.ask('a')
  const { orders, said } = start(hours, shared, counting)
  await hours.pass(0)
  assert.equal(counted.orders, 1)
  assert.deepEqual(said, ['ACME: the certificate for a.example.com was issued'])
  await hours.pass(55 * DAY_MS)
  assert.equal(counted.orders, 1)
  await hours.pass(6 * DAY_MS)
  assert.equal(counted.orders, 2)
  assert.deepEqual(book.renewals, ['PENDING_AUTO_RENEWAL'])
  await orders.close()
})

test('one after the other', async () => {
  let running = 0
  const { hours, book, shared, counted, counting } = setUp(async () => {
    assert.equal(++running, 1)
    await settle()
    running--
    return ISSUED
  })
  for (const id of ['a', 'b', 'c']) book.ask(id)
  const { orders } = start(hours, shared, counting)
  for (let i = 0; i < 10; i++) await hours.pass(0)
  assert.equal(counted.orders, 3)
  await orders.close()
})

test('two programs on one store: one order', async () => {
  const { hours, book, shared, counted, counting } = setUp(async () => {
    await settle()
    return ISSUED
  })
  book.ask('a')
  const one = start(hours, shared, counting)
  const other = start(hours, shared, counting)
  for (let i = 0; i < 10; i++) await hours.pass(LEASE_MS)
  assert.equal(counted.orders, 1)
  await one.orders.close()
  await other.orders.close()
})

test('a holder that has died frees the lease by its time; one that lives keeps it', async () => {
  const dead = Promise.withResolvers<never>()
  const { hours, store, book, shared, counted, counting } = setUp(() => dead.promise)
  book.ask('a')
  const one = start(hours, shared, counting)
  await hours.pass(0)
  const other = start(hours, shared, counting)
  await hours.pass(10 * LEASE_MS)
  assert.equal(counted.orders, 1, 'it lives, and so it renews')
  // Died: the store keeps its lease, and its timers are gone.
  const after = new Hours()
  after.nowMs = hours.nowMs
  const third = start(after, { store, book }, async () => ISSUED)
  await after.pass(LEASE_MS - 1)
  assert.equal(book.completed, 0)
  await after.pass(20 * 60_000)
  assert.equal(book.completed, 1)
  await third.orders.close()
  dead.reject(new AcmeError('the order was ended', { fault: 'transient' }))
  await one.orders.close()
  await other.orders.close()
})

test('a failure is tried again, later each time, also after a restart', async () => {
  const { hours, book, shared, counted, counting } = setUp(async () => {
    throw new AcmeError('no answer', { fault: 'transient' })
  })
  book.ask('a')
  const first = start(hours, shared, counting)
  await hours.pass(0)
  await hours.pass(59_000)
  assert.equal(counted.orders, 1)
  await first.orders.close()
  const { orders, said } = start(hours, shared, counting)
  await hours.pass(500)
  assert.equal(counted.orders, 1, 'a restart is no reason to try earlier')
  await hours.pass(600)
  assert.equal(counted.orders, 2)
  assert.match(said[0]!, /could not be ordered; the next attempt is at 2001-09-09T\S+Z: no answer$/)
  await orders.close()
})

test('a program that dies in each order does not order each time it starts', async () => {
  const { hours, book, shared, counted, counting } = setUp(() => new Promise(() => {}))
  book.ask('a')
  start(hours, shared, counting)
  await hours.pass(0)
  assert.equal(counted.orders, 1)
  const later = new Hours()
  later.nowMs = hours.nowMs + LEASE_MS + 1
  start(later, shared, counting)
  await later.pass(20_000)
  assert.equal(counted.orders, 1)
  await later.pass(20_000)
  assert.equal(counted.orders, 2)
})

test('what the authority refuses is FAILED, with its reason, and not ordered again', async () => {
  const { hours, book, shared, counted, counting } = setUp(async () => {
    throw new AcmeError('caa: no', { fault: 'refused', reason: 'CAA_ERROR' })
  })
  book.ask('a')
  const { orders } = start(hours, shared, counting)
  await hours.pass(DAY_MS)
  assert.deepEqual(book.ends, [{ status: 'FAILED', reason: 'CAA_ERROR', message: 'caa: no' }])
  assert.equal(counted.orders, 1)
  await orders.close()
})

test('a rate limit holds for every certificate, and as long as the server says', async () => {
  const { hours, book, shared, counted, counting } = setUp(async () => {
    throw new AcmeError('slow down', { fault: 'rate-limited', retryAfterMs: 5 * 3_600_000 })
  })
  book.ask('a')
  book.ask('b')
  const { orders } = start(hours, shared, counting)
  await hours.pass(4.9 * 3_600_000)
  assert.equal(counted.orders, 1)
  await hours.pass(0.2 * 3_600_000)
  assert.equal(counted.orders, 2)
  await orders.close()
})

test('what is never validated is given up after three days; what is in service never', async () => {
  const refusal = new AcmeError('connection', {
    fault: 'transient',
    reason: 'DOMAIN_VALIDATION_DENIED',
  })
  let isSeen = true
  const { hours, book, shared, counting } = setUp(async () => {
    if (isSeen) return ISSUED
    throw refusal
  })
  book.ask('served')
  const { orders } = start(hours, shared, counting)
  await hours.pass(0)
  isSeen = false
  book.ask('new')
  orders.look()
  await hours.pass(4 * DAY_MS)
  assert.deepEqual(
    book.ends.map(({ status, reason }) => `${status} ${reason}`),
    ['VALIDATION_TIMED_OUT DOMAIN_VALIDATION_DENIED'],
  )
  await hours.pass(80 * DAY_MS)
  assert.equal(book.renewals.at(-1), 'PENDING_VALIDATION')
  await hours.pass(10 * DAY_MS)
  assert.equal(book.ends.length, 1)
  assert.equal(book.renewals.at(-1), 'FAILED')
  await orders.close()
})

test('an order that the end of the program ends has not failed', async () => {
  const { hours, book, shared, counted, counting } = setUp(
    (_, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')))
      }),
  )
  book.ask('a')
  const first = start(hours, shared, counting)
  await hours.pass(0)
  await first.orders.close()
  const { orders } = start(hours, shared, async () => ISSUED)
  await hours.pass(0)
  assert.equal(counted.orders, 1)
  assert.equal(book.completed, 1)
  await orders.close()
})
