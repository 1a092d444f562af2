/**
 * Test 51, what concerns the store: killed between any two writes of a transaction, or with a log that the disk has not
 * kept whole.
 *
 * Oracle: what stands afterwards is the old state or the new one, never a mix; the new one if it was acknowledged; the
 * audit log is whole and as long as the state says.
 */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { type Content, contentOf, writeBatch, writeNumber } from './store-content.ts'

const WRITER = join(import.meta.dirname, 'store-writer.ts')
/** A transaction that passes fewer points than this is not the one that is meant. */
const POINTS_MIN = 20
const AT_ONCE = 4
const WAL_HEAD_BYTES = 32
const FRAME_BYTES = 24 + 4_096

test('51 killed at every point of a transaction: the old state or the new one', async (t) => {
  const start = await temporaryFolder(t)
  await using(start, (store) => writeBatch(store, 'old'))
  const expected = await temporaryFolder(t)
  await cp(start, expected, { recursive: true })
  await using(expected, (store) => writeBatch(store, 'new'))
  const states = { old: await lookAt(start), new: await lookAt(expected) }
  assert.notDeepEqual(states.old, states.new)

  let points = 0
  let isLast = false
  const next = async (): Promise<void> => {
    while (!isLast) {
      const point = points++
      const outcome = await killAt(t, start, point)
      const { acknowledged, content } = outcome
      const is = acknowledged ? 'new' : content.revision === states.new.revision ? 'new' : 'old'
      assert.deepEqual(content, states[is], `killed at point ${point}`)
      if (acknowledged) isLast = true
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
  assert.ok(points > POINTS_MIN, `${points} points`)
})

test('51 killed while it writes, again and again: what was acknowledged is there', async (t) => {
  const folder = await temporaryFolder(t)
  let acknowledged = 0
  for (const writes of [1, 7, 40, 150]) {
    const child = spawnWriter(['on', folder])
    const exited = once(child, 'exit')
    const lines = createInterface({ input: child.stdout! })
    let seen = 0
    for await (const line of lines) {
      acknowledged = Number(line) + 1
      seen += 1
      if (seen === writes) child.kill('SIGKILL')
    }
    await exited
    const { numbers, revision, auditLength } = await lookAt(folder)
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => `${i}`),
    )
    const unheard = numbers.length - acknowledged
    assert.ok(unheard === 0 || unheard === 1, `${unheard} writes that nobody has heard of`)
    assert.deepEqual([revision, auditLength], [numbers.length, numbers.length])
  }
})

test('51 a log cut or damaged at any place: a state that once was', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await open(folder)
  const states: Content[] = [await contentOf(store)]
  for (let n = 0; n < 6; n += 1) {
    await (n % 2 === 0 ? writeNumber(store, n) : writeBatch(store, `${n}`))
    states.push(await contentOf(store))
  }
  const database = await readFile(join(folder, 'postern.db'))
  const log = await readFile(join(folder, 'postern.db-wal'))
  await store.close()

  const stateAfter = async (damagedLog: Uint8Array): Promise<number> => {
    const copy = await temporaryFolder(t)
    await writeFile(join(copy, 'postern.db'), database)
    await writeFile(join(copy, 'postern.db-wal'), damagedLog)
    const content = await lookAt(copy)
    assert.deepEqual(content, states[content.revision])
    return content.revision
  }
  assert.equal(await stateAfter(log), states.length - 1)
  const reached = new Set<number>()
  for (let at = WAL_HEAD_BYTES; at < log.length; at += FRAME_BYTES) {
    reached.add(await stateAfter(log.subarray(0, at)))
    await stateAfter(log.subarray(0, at + 1_000))
    const flipped = Buffer.from(log)
    flipped[at + 2_000]! ^= 0x10
    await stateAfter(flipped)
  }
  assert.equal(reached.size, states.length - 1, 'every state but the last was met')
})

test('51 a disk that takes no more: the write fails, what was acknowledged stays', async (t) => {
  const folder = await temporaryFolder(t)
  await using(folder, (store) => writeBatch(store, 'old'))
  const child = spawnWriter(['full', folder], { blocksMax: 600 })
  const said = JSON.parse(await text(child.stdout!)) as {
    readonly errors: readonly (string | null)[]
    readonly acknowledged: number
    readonly readable: number
  }
  assert.equal(said.errors.length, 2)
  for (const error of said.errors) assert.match(error ?? 'none', /^StoreUnusable: .*disk/)
  assert.ok(said.acknowledged > 3, 'some writes fitted')
  assert.equal(said.readable, said.acknowledged)
  const { numbers } = await lookAt(folder)
  assert.equal(numbers.length, said.acknowledged)
  await using(folder, (store) => writeNumber(store, numbers.length))
})

interface Outcome {
  readonly acknowledged: boolean
  readonly content: Content
}

/** On a copy of `start`. */
async function killAt(t: TestContext, start: string, point: number): Promise<Outcome> {
  const folder = await temporaryFolder(t)
  await cp(start, folder, { recursive: true })
  const child = spawnWriter(['at', `${point}`, folder])
  const exited = once(child, 'exit')
  const said = await text(child.stdout!)
  assert.deepEqual(await exited, [null, 'SIGKILL'])
  return { acknowledged: said === 'acknowledged\n', content: await lookAt(folder) }
}

/** `blocksMax`: how long its files may become, in blocks of 512 bytes; the system refuses what is beyond. */
function spawnWriter(words: readonly string[], limits?: { blocksMax: number }): ChildProcess {
  const command = [process.execPath, WRITER, ...words]
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  if (limits === undefined) return spawn(command[0]!, command.slice(1), { stdio: [...stdio] })
  const shell = `trap '' XFSZ; ulimit -f ${limits.blocksMax}; exec "$0" "$@"`
  return spawn('sh', ['-c', shell, ...command], { stdio: [...stdio] })
}

async function lookAt(folder: string): Promise<Content> {
  return using(folder, async (store) => {
    assert.equal(await store.verifyAuditLog(), undefined)
    return contentOf(store)
  })
}

async function using<T>(folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await open(folder)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

function open(folder: string): Promise<Store> {
  return openSqliteStore({ folder, clock: systemClock, durability: 'process' })
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-crash-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
