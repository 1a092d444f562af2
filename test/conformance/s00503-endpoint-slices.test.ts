/** Against an API server that speaks the protocol, over TLS. Only waiting is faster: pauses take a hundredth of their time. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { KubernetesApi } from '../../src/discovery/kubernetes-api.ts'
import { KubernetesSource } from '../../src/discovery/kubernetes-source.ts'
import { type KubernetesServer, startKubernetes } from '../harness/kubernetes-api.ts'

class Watcher {
  readonly #said: string[] = []
  readonly #waiting = new Set<() => void>()

  say(text: string): void {
    this.#said.push(text)
    for (const wake of this.#waiting) wake()
  }

  get said(): readonly string[] {
    return this.#said
  }

  /** Until the last thing that was said is this. */
  async until(expected: string | RegExp): Promise<void> {
    const isThere = () => {
      const last = this.#said.at(-1) ?? ''
      return typeof expected === 'string' ? last === expected : expected.test(last)
    }
    while (!isThere()) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake)
          resolve()
        }
        this.#waiting.add(wake)
      })
    }
  }
}

async function setUp(t: TestContext): Promise<{ api: KubernetesServer; watcher: Watcher }> {
  const api = await startKubernetes(t)
  api.put('shop-1', 'shop', ['10.0.0.1'])
  api.put('other-1', 'other', ['10.9.9.9'])
  const watcher = new Watcher()
  const source = new KubernetesSource({
    source: { kind: 'kubernetes', namespace: 'prod', service: 'shop', port: 'http' },
    api: new KubernetesApi(api),
    random: () => 1,
    after: (delayMs, action) => {
      const timer = setTimeout(action, delayMs / 100)
      return () => clearTimeout(timer)
    },
  })
  source.start({
    found: (targets) => watcher.say(targets.map(({ host, port }) => `${host}:${port}`).join(' ')),
    failed: (reason) => watcher.say(`! ${reason}`),
  })
  t.after(() => source.stop())
  await watcher.until('10.0.0.1:8080')
  return { api, watcher }
}

const LIMIT = { timeout: 20_000 }

test('s00503 a list, then each change as it happens', LIMIT, async (t) => {
  const { api, watcher } = await setUp(t)
  api.put('shop-2', 'shop', ['10.0.0.2'])
  await watcher.until('10.0.0.1:8080 10.0.0.2:8080')
  api.put('shop-1', 'shop', ['10.0.0.3'], 9_090)
  await watcher.until('10.0.0.2:8080 10.0.0.3:9090')
  api.remove('shop-2')
  await watcher.until('10.0.0.3:9090')
  assert.equal(api.asked.filter((each) => each === 'list').length, 1)
})

test(
  's00503 a watch that ends goes on from the version that was seen last, bookmarks included',
  LIMIT,
  async (t) => {
    const { api, watcher } = await setUp(t)
    while (api.watching === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    api.bookmark()
    api.put('other-2', 'other', ['10.9.9.8'])
    await new Promise((resolve) => setTimeout(resolve, 20))
    api.endWatches()
    api.put('shop-2', 'shop', ['10.0.0.2'])
    await watcher.until('10.0.0.1:8080 10.0.0.2:8080')
    assert.deepEqual(api.asked.slice(0, 3), ['list', 'watch 102', 'watch 112'])
  },
)

test('s00503 what is gone is listed anew, by status and by event', LIMIT, async (t) => {
  const { api, watcher } = await setUp(t)
  api.compact()
  api.put('shop-2', 'shop', ['10.0.0.2'])
  await watcher.until('10.0.0.1:8080 10.0.0.2:8080')
  assert.ok(api.asked.includes('410'))
  while (api.watching === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  api.remove('shop-1')
  api.expire()
  await watcher.until('10.0.0.2:8080')
  while (api.asked.filter((each) => each === 'list').length < 3) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.ok(
    watcher.said.every((each) => !each.startsWith('!')),
    'nothing has failed',
  )
})

test(
  's00503 a connection that breaks and a server that fails are said and tried again',
  LIMIT,
  async (t) => {
    const { api, watcher } = await setUp(t)
    while (api.watching === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    api.broken = 503
    api.breakWatches()
    await watcher.until(/^! EndpointSlices of prod\/shop: the API server answered 503$/)
    api.put('shop-1', 'shop', ['10.0.0.7'])
    api.broken = undefined
    await watcher.until('10.0.0.7:8080')
  },
)

test(
  's00503 a token that was replaced is read anew; without the right one nothing is found',
  LIMIT,
  async (t) => {
    const { api, watcher } = await setUp(t)
    const file = join(api.credentials, 'token')
    writeFileSync(file, 'another')
    api.compact()
    await watcher.until(/answered 401$/)
    writeFileSync(file, api.token)
    await watcher.until('10.0.0.1:8080')
  },
)

test('s00503 long lists come in pages', LIMIT, async (t) => {
  const { api, watcher } = await setUp(t)
  for (let i = 2; i < 8; i++) api.put(`shop-${i}`, 'shop', [`10.0.0.${i}`])
  api.pageSize = 3
  api.compact()
  const all = [1, 2, 3, 4, 5, 6, 7].map((i) => `10.0.0.${i}:8080`).join(' ')
  await watcher.until(all)
  while (!api.asked.includes('list continued'))
    await new Promise((resolve) => setTimeout(resolve, 5))
})

test('s00503 a server that another authority vouches for is not asked', LIMIT, async (t) => {
  const { api, watcher } = await setUp(t)
  const stranger = await startKubernetes(t)
  const said = await new Promise<string>((resolve) => {
    const source = new KubernetesSource({
      source: { kind: 'kubernetes', namespace: 'prod', service: 'shop', port: 'http' },
      api: new KubernetesApi({ url: stranger.url, credentials: api.credentials }),
      random: () => 1,
      after: () => () => {},
    })
    source.start({ found: () => resolve('found'), failed: resolve })
    t.after(() => source.stop())
  })
  assert.match(said, /CERT|SIGNATURE|self.signed|UNABLE/i)
  assert.deepEqual(stranger.asked, [], 'the token has not left')
  assert.ok(watcher.said.length > 0)
})
