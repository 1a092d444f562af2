import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore } from '../../storage/memory-store.fake.ts'
import type { Scope } from '../../storage/store.ts'
import { httpSender, type SendOutcome } from './http-sender.ts'
import { MessageDispatch } from './message-dispatch.ts'
import { OUTBOX_KIND, type OutboxMessage } from './outbox-message.ts'

const SCOPE: Scope = { accountId: '123456789012', region: 'eu-central-1' }
const MESSAGE: OutboxMessage = {
  userPoolId: 'eu-central-1_abc',
  username: 'ana',
  medium: 'EMAIL',
  destination: 'ana@example.com',
  purpose: 'SIGN_UP',
  subject: 'Your code',
  body: 'Your code is 123456',
  code: '123456',
  createdAt: '2026-11-28T05:00:00.000Z',
}
const AGAIN: SendOutcome = { kind: 'again', error: 'status 503' }

/** A dispatch over a store, with a clock that moves to the next timer when asked. */
class World {
  readonly store = new MemoryStore()
  readonly sent: string[] = []
  readonly failed: string[] = []
  nowMs = Date.parse('2026-11-28T05:00:00.000Z')
  outcomes: SendOutcome[] = []
  #timer: { readonly atMs: number; readonly action: () => void } | undefined

  dispatch(): MessageDispatch {
    return new MessageDispatch({
      store: this.store,
      send: async (id) => {
        this.sent.push(id)
        return this.outcomes.shift() ?? { kind: 'sent' }
      },
      clock: { now: () => 0, epochMs: () => this.nowMs },
      after: (delayMs, action) => {
        const timer = { atMs: this.nowMs + delayMs, action }
        this.#timer = timer
        return () => {
          if (this.#timer === timer) this.#timer = undefined
        }
      },
      onFailed: ({ id }, error) => this.failed.push(`${id}: ${error}`),
      attemptsMax: 3,
    })
  }

  put(id: string, body: OutboxMessage = MESSAGE): Promise<void> {
    const key = { kind: OUTBOX_KIND, parent: MESSAGE.userPoolId, id }
    return this.store.write((transaction) => transaction.in(SCOPE).put(key, body))
  }

  /** Everything that can happen at this moment has happened. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Milliseconds that passed until the timer; undefined: nothing waits. */
  async next(): Promise<number | undefined> {
    await this.settle()
    const timer = this.#timer
    if (timer === undefined) return undefined
    const passed = timer.atMs - this.nowMs
    this.nowMs = timer.atMs
    this.#timer = undefined
    timer.action()
    await this.settle()
    return passed
  }

  async delivery(id: string): Promise<OutboxMessage['delivery']> {
    const key = { kind: OUTBOX_KIND, parent: MESSAGE.userPoolId, id }
    const record = await this.store.read((reader) => reader.in(SCOPE).get<OutboxMessage>(key))
    return record?.body.delivery
  }
}

test('a message is sent when its transaction commits, and the store says so', async () => {
  const world = new World()
  const dispatch = world.dispatch()
  await dispatch.start()
  await world.put('m1')
  await world.settle()
  assert.deepEqual(world.sent, ['m1'])
  const delivery = await world.delivery('m1')
  assert.equal(delivery?.status, 'sent')
  assert.equal(delivery?.attempts, 1)
  dispatch.close()
})

test('what fails is tried again with growing pauses, and given up', async () => {
  const world = new World()
  world.outcomes = [AGAIN, AGAIN, AGAIN]
  const dispatch = world.dispatch()
  await dispatch.start()
  await world.put('m1')
  assert.deepEqual(
    [await world.next(), await world.next(), await world.next()],
    [1_000, 2_000, undefined],
  )
  assert.deepEqual(world.sent, ['m1', 'm1', 'm1'])
  assert.deepEqual(await world.delivery('m1'), {
    status: 'failed',
    attempts: 3,
    lastError: 'status 503',
  })
  assert.deepEqual(world.failed, ['m1: status 503'])
  dispatch.close()
})

test('what is refused is not tried again', async () => {
  const world = new World()
  world.outcomes = [{ kind: 'never', error: 'status 400' }]
  const dispatch = world.dispatch()
  await dispatch.start()
  await world.put('m1')
  assert.equal(await world.next(), undefined)
  assert.equal((await world.delivery('m1'))?.status, 'failed')
  dispatch.close()
})

test('a restart goes on with what waits, and leaves alone what is done', async () => {
  const world = new World()
  await world.put('done', { ...MESSAGE, delivery: { status: 'sent', attempts: 1, sentAt: '' } })
  await world.put('new')
  const nextAttemptAt = new Date(world.nowMs + 5_000).toISOString()
  const waiting = { status: 'waiting', attempts: 1, lastError: 'x', nextAttemptAt } as const
  await world.put('later', { ...MESSAGE, delivery: waiting })
  const dispatch = world.dispatch()
  await dispatch.start()
  await world.settle()
  assert.deepEqual(world.sent, ['new'])
  assert.equal(await world.next(), 5_000)
  assert.deepEqual(world.sent, ['new', 'later'])
  assert.equal((await world.delivery('later'))?.attempts, 2)
  dispatch.close()
})

test('a closed dispatch sends nothing more', async () => {
  const world = new World()
  const dispatch = world.dispatch()
  await dispatch.start()
  dispatch.close()
  await world.put('m1')
  assert.equal(await world.next(), undefined)
  assert.deepEqual(world.sent, [])
})

test('the receiver gets the message once, by POST, with an id to know it by', async () => {
  const calls: { url: string; init: RequestInit }[] = []
  const send = httpSender({
    url: 'http://127.0.0.1:9/mail',
    timeoutMs: 1_000,
    fetch: async (url, init) => {
      calls.push({ url: String(url), init: init! })
      return new Response(null, { status: 204 })
    },
  })
  const outcome = await send('m1', {
    ...MESSAGE,
    delivery: { status: 'failed', attempts: 1, lastError: '' },
  })
  assert.deepEqual(outcome, { kind: 'sent' })
  const [{ url, init }] = calls as [(typeof calls)[0]]
  assert.equal(url, 'http://127.0.0.1:9/mail')
  assert.equal(init.redirect, 'manual')
  assert.deepEqual(JSON.parse(String(init.body)), { id: 'm1', ...MESSAGE })
})

test('what an answer means', async () => {
  const table: [number, SendOutcome['kind']][] = [
    [200, 'sent'],
    [202, 'sent'],
    [302, 'never'],
    [400, 'never'],
    [404, 'never'],
    [408, 'again'],
    [429, 'again'],
    [500, 'again'],
    [503, 'again'],
  ]
  for (const [status, kind] of table) {
    const send = httpSender({
      url: 'http://x/',
      timeoutMs: 1_000,
      fetch: async () => new Response(null, { status }),
    })
    assert.equal((await send('m', MESSAGE)).kind, kind, String(status))
  }
})

test('an error says nothing of the message', async () => {
  const send = httpSender({
    url: 'http://x/',
    timeoutMs: 1_000,
    fetch: async () => {
      throw new TypeError(`fetch failed for ${MESSAGE.destination} ${MESSAGE.code}`)
    },
  })
  assert.deepEqual(await send('m', MESSAGE), { kind: 'again', error: 'no answer: TypeError' })
})
