/** The write timeout is for clients that take nothing; one that reads steadily may take any time. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '../harness/client.ts'
import { Flow } from '../harness/flow.ts'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { startOrigin } from '../harness/origin.ts'

const BODY_BYTES = 256 << 20
const STEP_BYTES = 1 << 20
const STEPS = 24

async function read(client: Client, bytes: number): Promise<void> {
  const goal = client.stream.recorded.length + bytes
  client.socket.resume()
  await client.stream.grown(goal)
  client.socket.pause()
}

test('t00032 four minutes for a download, some of it in every ten seconds', async (t) => {
  const clock = new TestClock()
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { clock, routes: { $default: origin.url } })
  const client = (await gateway.client()).ask('GET', '/')
  client.socket.pause()
  const connection = await origin.accepted()
  await connection.request()
  connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`)
  const flow = new Flow(connection, BODY_BYTES)
  await flow.stalled()
  for (let step = 0; step < STEPS; step++) {
    await read(client, STEP_BYTES)
    await pause(30)
    clock.advance(10_000)
  }
  await pause(50)
  assert.equal(client.stream.end, 'open')
  assert.equal(connection.stream.end, 'open')
})
