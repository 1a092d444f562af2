import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Program } from './program.ts'
import type { Settings } from './settings/settings.ts'
import { resolveSettings } from './settings/settings-sources.ts'
import { createProgram } from './wire.ts'

let folder = ''
let file = ''
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'postern-program-'))
  file = path.join(folder, 'api.json')
  const operation = { get: { responses: { 200: { description: 'ok' } } } }
  const info = { title: 'Crash', version: '1' }
  await fs.writeFile(
    file,
    JSON.stringify({ openapi: '3.0.1', info, paths: { '/pets': operation } }),
  )
})
after(() => fs.rm(folder, { recursive: true }))

function settings(workers: number, limit: Settings['limit']): Settings {
  const standard = resolveSettings('up', [])
  return {
    ...standard,
    limit,
    ...{ http: 0, https: undefined, control: 0, workers, data: path.join(folder, 'data') },
    // Nothing listens there: every call ends in the gateway's own 503, which is enough to know who answers.
    target: 'http://127.0.0.1:9',
  }
}

class Lines {
  readonly all: string[] = []
  #changed = Promise.withResolvers<void>()

  readonly add = (message: string) => {
    this.all.push(message)
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }

  async until(pattern: RegExp): Promise<void> {
    while (!this.all.some((line) => pattern.test(line))) await this.#changed.promise
  }
}

async function start(workers: number, limit: Settings['limit'] = {}) {
  const lines = new Lines()
  const { add } = lines
  const gaveUp = Promise.withResolvers<string>()
  const program = await createProgram({
    settings: settings(workers, limit),
    files: [file],
    log: { info: add, warn: add, error: add, problem: ({ message }) => add(message), event: add },
    colors: false,
    onGiveUp: gaveUp.resolve,
  })
  const { ports } = await program.boot()
  return { program, lines, port: ports.http!, gaveUp: gaveUp.promise }
}

async function statusOf(port: number): Promise<number | undefined> {
  const request = http.get({ host: '127.0.0.1', port, path: '/pets', agent: false })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  response.resume()
  return response.statusCode
}

const figure = (program: Program, sample: string) =>
  Number(
    program
      .metrics()
      .split('\n')
      .find((line) => line.startsWith(sample))
      ?.split(' ')
      .at(-1),
  )

describe('a worker thread that crashes', () => {
  test('is replaced while the other serves on, and counted', async () => {
    const { program, lines, port } = await start(2)
    program.crashWorker(0, 'asked to crash')
    await lines.until(/^worker 0 crashed: Error: asked to crash/)
    for (let i = 0; i < 20; i++) assert.equal(await statusOf(port), 503)
    await lines.until(/^worker 0 is back/)
    assert.equal(figure(program, 'postern_worker_restarts_total{worker="0"}'), 1)
    assert.equal(figure(program, 'postern_worker_up{worker="0"}'), 1)
    for (let i = 0; i < 20; i++) assert.equal(await statusOf(port), 503)
    assert.equal(await program.drain(), true)
  })

  test('finds the tokens that are left, and shares them with the other', async () => {
    const limit = { accountRatePerSecond: 1, accountBurst: 40 }
    const { program, lines, port } = await start(2, limit)
    const begun = performance.now()
    const statuses: (number | undefined)[] = []
    const ask = async () => {
      for (let i = 0; i < 60; i++) statuses.push(await statusOf(port))
    }
    await ask()
    for (const worker of [0, 1]) {
      program.crashWorker(worker, `crash ${worker}`)
      await lines.until(new RegExp(`^worker ${worker} is back`))
    }
    await ask()
    const passed = statuses.filter((status) => status === 503).length
    const throttled = statuses.filter((status) => status === 429).length
    assert.equal(passed + throttled, 120)
    assert.ok(passed >= limit.accountBurst, `${passed} passed`)
    const elapsedSeconds = (performance.now() - begun) / 1_000
    assert.ok(passed <= limit.accountBurst + elapsedSeconds + 1, `${passed} passed`)
    assert.equal(figure(program, 'postern_throttled_total'), throttled)
    assert.equal(await program.drain(), true)
  })

  test('takes its port again when it was the only one', async () => {
    const { program, lines, port } = await start(1)
    program.crashWorker(0, 'asked to crash')
    await lines.until(/^worker 0 is back/)
    assert.equal(await statusOf(port), 503)
    assert.equal(program.ready(), true)
    assert.equal(await program.drain(), true)
    assert.equal(program.ready(), false)
  })

  test('again and again ends the program', async () => {
    const { program, lines, gaveUp } = await start(1)
    const crashes = (async () => {
      for (let i = 1; i <= 5; i++) {
        program.crashWorker(0, `crash ${i}`)
        await lines.until(new RegExp(`crashed: Error: crash ${i}`))
        if (i < 5) while (!program.ready()) await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    assert.match(await gaveUp, /crash 5/)
    await crashes
    await program.stop()
  })
})
