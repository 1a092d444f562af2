import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Verdict } from './verdict.ts'
import { VerdictCache } from './verdict-cache.ts'

const verdict: Verdict = {
  until: 1,
  generation: 0,
  reason: undefined,
  detail: '',
  claims: {},
  scopes: [],
}
const ROOM = 1_000_000_000

test('what was put is there, and nothing else', () => {
  const cache = new VerdictCache({ count: 4, bytes: ROOM })
  cache.set('a', verdict)
  assert.equal(cache.get('a'), verdict)
  assert.equal(cache.get('A'), undefined)
})

test('what is asked for stays, however much else comes', () => {
  const cache = new VerdictCache({ count: 100, bytes: ROOM })
  cache.set('used', verdict)
  for (let i = 0; i < 10_000; i++) {
    cache.set(`${i} other`, verdict)
    if (i % 20 === 0) assert.equal(cache.get('used'), verdict)
    assert.ok(cache.size <= 100)
  }
  assert.equal(cache.get('0 other'), undefined)
})

test('bytes are bounded, too', () => {
  const cache = new VerdictCache({ count: 1_000_000, bytes: 100_000 })
  for (let i = 0; i < 1_000; i++) cache.set(`${i}`.padStart(1_000), verdict)
  assert.ok(cache.size > 10 && cache.size <= 30, String(cache.size))
  cache.set('x'.repeat(1_000_000), verdict)
  assert.equal(cache.get('x'.repeat(1_000_000)), undefined, 'what never fits is not kept')
})

test('without room it keeps nothing', () => {
  const cache = new VerdictCache({ count: 0, bytes: 0 })
  cache.set('a', verdict)
  assert.equal(cache.get('a'), undefined)
})

/** The same with two lists. */
class SlowCache {
  readonly #half: number
  #young: [string, Verdict][] = []
  #old: [string, Verdict][] = []

  constructor(count: number) {
    this.#half = count / 2
  }

  get(token: string): Verdict | undefined {
    const young = this.#young.find(([each]) => each === token)
    if (young !== undefined) return young[1]
    const old = this.#old.find(([each]) => each === token)
    if (old !== undefined) this.set(token, old[1])
    return old?.[1]
  }

  set(token: string, value: Verdict): void {
    this.#delete(token)
    if (this.#young.length + 1 > this.#half) {
      this.#old = this.#young
      this.#young = []
    }
    this.#young.push([token, value])
  }

  #delete(token: string): void {
    this.#young = this.#young.filter(([each]) => each !== token)
    this.#old = this.#old.filter(([each]) => each !== token)
  }
}

test('it does what its slow twin does', () => {
  const step = fc.tuple(fc.constantFrom('get', 'set'), fc.nat(12))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const [fast, slow] = [new VerdictCache({ count: 8, bytes: ROOM }), new SlowCache(8)]
      for (const [i, [what, number]] of steps.entries()) {
        const token = `token ${number}`
        if (what === 'get') assert.equal(fast.get(token)?.until, slow.get(token)?.until)
        else [fast, slow].forEach((each) => void each.set(token, { ...verdict, until: i }))
      }
    }),
  )
})

test('tokens with the same end are different tokens', () => {
  const cache = new VerdictCache({ count: 4, bytes: ROOM })
  const [one, two] = ['a', 'b'].map((start) => start.padEnd(500, 'x'))
  cache.set(one!, verdict)
  assert.equal(cache.get(two!), undefined)
  assert.equal(cache.get(one!), verdict)
  cache.set('c', verdict)
  cache.set('d', verdict)
  assert.equal(cache.get(two!), undefined, 'nor when it is old')
  const other = { ...verdict, until: 2 }
  cache.set(two!, other)
  assert.equal(cache.get(two!), other)
  assert.equal(cache.get(one!), undefined)
})
