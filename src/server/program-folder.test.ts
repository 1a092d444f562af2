import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { openSqliteStore } from '../storage/sqlite/sqlite-store.ts'
import { INSTALLATION } from '../storage/store.ts'
import { Program, type ProgramParts } from './program.ts'
import type { Settings } from './settings/settings.ts'
import { resolveSettings } from './settings/settings-sources.ts'
import type { StoredApis } from './stored-apis.ts'
import { createProgram } from './wire.ts'

/** What a start leaves in its data folder, however it ends. */

let folder = ''
let data = ''
let lines: string[] = []
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'postern-folder-'))
  data = path.join(folder, 'data')
  lines = []
})
// Node may still be writing its compile cache.
afterEach(() => fs.rm(folder, { recursive: true, maxRetries: 5 }))

function newProgram(changes: Partial<Settings> = {}, files: readonly string[] = []) {
  const add = (message: string) => void lines.push(message)
  return createProgram({
    settings: {
      ...resolveSettings('up', []),
      ...{ http: 0, https: undefined, control: 0, workers: 1, data, target: 'http://127.0.0.1:9' },
      ...changes,
    },
    files,
    log: { info: add, warn: add, error: add, problem: ({ message }) => add(message), event: add },
    colors: false,
    onGiveUp: (reason) => assert.fail(reason),
  })
}

/** What is left of a program that has ended: nothing that says that it runs. */
async function assertReleased(): Promise<void> {
  const names = await fs.readdir(data)
  assert.deepEqual(
    names.filter((name) => /^(?:control\.json|postern\.pid)/.test(name)),
    [],
  )
}

async function failingBoot(program: Program): Promise<Error> {
  try {
    await program.boot()
  } catch (thrown) {
    await program.stop()
    return thrown as Error
  }
  return assert.fail('it has booted')
}

async function taken(): Promise<net.Server> {
  const server = net.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

describe('a start that fails', () => {
  for (const name of ['http', 'control'] as const) {
    test(`because its ${name} port is taken lets go of the folder`, async () => {
      const other = await taken()
      const { port } = other.address() as AddressInfo
      const program = await newProgram({ [name]: port, host: '127.0.0.1' })
      assert.match((await failingBoot(program)).message, /is in use/)
      other.close()
      await assertReleased()
      const next = await newProgram({ [name]: port, host: '127.0.0.1' })
      await next.boot()
      await next.stop()
    })
  }

  test('while its store is being opened closes it when it is open', async () => {
    const other = await taken()
    const { port: http } = other.address() as AddressInfo
    const opening = Promise.withResolvers<StoredApis>()
    const program = new Program({
      settings: { ...resolveSettings('up', []), http, host: '127.0.0.1' },
      supervisor: { start: () => {}, stop: async () => {} },
      storedApis: () => opening.promise,
      uptimeMs: () => 0,
    } as unknown as ProgramParts)
    await assert.rejects(program.boot(), /is in use/)
    other.close()
    let isClosed = false
    const close = async () => {
      isClosed = true
    }
    const stopped = program.stop()
    opening.resolve({ writes: { close: async () => {} }, close } as StoredApis)
    await stopped
    assert.equal(isClosed, true)
  })

  test('because a definition is wrong lets go of the folder', async () => {
    const file = path.join(folder, 'api.json')
    await fs.writeFile(file, '{"openapi":')
    assert.match((await failingBoot(await newProgram({}, [file]))).message, /cannot be served/)
    await assertReleased()
  })

  test('because what is to be sealed has no key lets go of the folder', async () => {
    const store = await openSqliteStore({ folder: data, clock: systemClock })
    await store.write((transaction) => {
      const key = { kind: 'iam-session-key', parent: '', id: 'current' }
      return transaction.in(INSTALLATION).put(key, { key: 'from before it was sealed' })
    })
    await store.close()
    const installationKeyFile = path.join(folder, 'nowhere')
    const program = await newProgram({ installationKeyFile })
    assert.match((await failingBoot(program)).message, /key of this installation cannot be used/)
    await assertReleased()
    const next = await newProgram()
    await next.boot()
    await next.stop()
    assert.ok(
      lines.some((line) => /^Secrets of access keys are sealed from now on: 1\./.test(line)),
    )
  })

  test('because its key is missing, or another one, leaves the store as it is', async () => {
    const first = await newProgram()
    await first.boot()
    await first.stop()
    const file = path.join(data, 'installation.key')
    const key = await fs.readFile(file)
    await fs.writeFile(file, `${'0'.repeat(64)}\n`)
    assert.match((await failingBoot(await newProgram())).message, /not the one that this store/)
    await fs.rm(file)
    assert.match((await failingBoot(await newProgram())).message, /installation\.key is missing/)
    await assertReleased()
    await assert.rejects(fs.stat(file), /ENOENT/)
    await fs.writeFile(file, key)
    const next = await newProgram()
    assert.equal((await next.boot()).firstKey, undefined)
    await next.stop()
  })

  test('because another one works on the folder leaves that alone', async () => {
    const first = await newProgram()
    const { controlUrl } = await first.boot()
    const before = await fs.readFile(path.join(data, 'control.json'), 'utf8')
    assert.match((await failingBoot(await newProgram())).message, /already works on the folder/)
    assert.equal(await fs.readFile(path.join(data, 'control.json'), 'utf8'), before)
    assert.equal((await fetch(new URL('/readyz', controlUrl))).status, 200)
    await first.stop()
    await assertReleased()
  })
})

describe('control.json', () => {
  test('is for its owner only, and gone after the end', async () => {
    const program = await newProgram()
    const { controlUrl: url } = await program.boot()
    const file = path.join(data, 'control.json')
    assert.equal((await fs.stat(file)).mode & 0o777, 0o600)
    const facts = JSON.parse(await fs.readFile(file, 'utf8')) as object
    assert.deepEqual(facts, { url, pid: process.pid, region: 'us-east-1' })
    await program.drain()
    await assertReleased()
  })

  test('of a process that was killed does not outlive the next start', async () => {
    await fs.mkdir(data)
    const stale = { url: 'http://127.0.0.1:1/', pid: 1, region: 'us-east-1' }
    await fs.writeFile(path.join(data, 'control.json'), JSON.stringify(stale))
    const program = await newProgram({ control: undefined })
    await program.boot()
    await assert.rejects(fs.readFile(path.join(data, 'control.json')), { code: 'ENOENT' })
    await program.stop()
  })
})

test('everything that could hold a secret is for its owner only', async () => {
  const program = await newProgram()
  await program.boot()
  const open: string[] = []
  for (const entry of await fs.readdir(data, { withFileTypes: true })) {
    const { mode } = await fs.stat(path.join(data, entry.name))
    if (entry.isFile() && (mode & 0o077) !== 0) open.push(entry.name)
  }
  assert.deepEqual(open, [])
  assert.equal((await fs.stat(data)).mode & 0o777, 0o700)
  await program.stop()
})
