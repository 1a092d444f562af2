/**
 * A process that writes to a store until it is killed; what it prints is what it has acknowledged.
 *
 * `at N FOLDER`: one write of many records, killed at the point of failure N, or after it has been acknowledged.
 * `on FOLDER`: one numbered write after the other, until somebody else kills it.
 * `full FOLDER`: one write that is too large for the disk, then small ones until one fails; says what came of them.
 */

import { writeSync } from 'node:fs'
import { systemClock } from '../../src/base/clock.ts'
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { contentOf, writeBatch, writeCarelessly, writeNumber } from './store-content.ts'

const STDOUT = 1

function say(line: string): void {
  writeSync(STDOUT, `${line}\n`)
}

function killMyself(): void {
  process.kill(process.pid, 'SIGKILL')
}

async function killedAt(failing: number, folder: string): Promise<void> {
  // Opening a store passes no point.
  let passed = 0
  const faults = (): void => {
    if (passed === failing) killMyself()
    passed += 1
  }
  const store = await open(folder, faults)
  await writeBatch(store, 'new')
  say('acknowledged')
  killMyself()
}

async function onAndOn(folder: string): Promise<void> {
  const store = await open(folder)
  for (let n = (await contentOf(store)).numbers.length; ; n += 1) {
    await writeNumber(store, n)
    say(`${n}`)
  }
}

async function untilFull(folder: string): Promise<void> {
  const store = await open(folder)
  const errors = [await errorOf(() => writeCarelessly(store))]
  let acknowledged = 0
  while (errors.length === 1) {
    const error = await errorOf(() => writeNumber(store, acknowledged))
    if (error === undefined) acknowledged += 1
    else errors.push(error)
  }
  const { numbers } = await contentOf(store)
  say(JSON.stringify({ errors, acknowledged, readable: numbers.length }))
  await store.close()
}

async function errorOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    return String(error)
  }
}

function open(folder: string, faults?: () => void): Promise<Store> {
  const options = { folder, clock: systemClock, durability: 'process' } as const
  return openSqliteStore(faults === undefined ? options : { ...options, faults })
}

const [mode, ...rest] = process.argv.slice(2)
if (mode === 'at') await killedAt(Number(rest[0]), rest[1]!)
else if (mode === 'on') await onAndOn(rest[0]!)
else await untilFull(rest[0]!)
