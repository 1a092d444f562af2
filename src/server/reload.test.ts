import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Reloader } from './reload.ts'

/** Counts deployments and lets the test end each. */
function deployments() {
  const running: (() => void)[] = []
  const reloader = new Reloader(() => new Promise<void>((resolve) => running.push(resolve)))
  const end = async (i: number) => {
    running[i]!()
    await nextTurn()
  }
  return { reloader, running, end }
}

test('requests during a deployment lead to one more, however many they are', async () => {
  const { reloader, running, end } = deployments()
  reloader.request()
  reloader.request()
  reloader.request()
  assert.equal(running.length, 1)
  await end(0)
  assert.equal(running.length, 2)
  await end(1)
  assert.equal(running.length, 2)
  reloader.request()
  assert.equal(running.length, 3)
})

test('nothing is deployed after the end', async () => {
  const { reloader, running, end } = deployments()
  reloader.request()
  reloader.request()
  reloader.close()
  await end(0)
  reloader.request()
  assert.equal(running.length, 1)
})
