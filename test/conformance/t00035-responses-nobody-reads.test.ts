/** Requests wait while the responses before them are not read: what a client costs stays bounded. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startGateway } from '../harness/gateway.ts'
import { ok, startServing } from '../harness/origin.ts'

const REQUESTS = 600
const BODY = 'x'.repeat(50_000)
/** More than the kernel holds on both sides of the connection, far less than all responses. */
const SERVED_MAX = 400

test('t00035 one request in each packet, and no response read', async (t) => {
  const origin = await startServing(t, () => ok(BODY))
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const client = await gateway.client()
  client.socket.pause()
  for (let i = 0, stuck = false; i < REQUESTS; i++) {
    client.ask('GET', `/${i}`)
    for (let turn = 0; !stuck && origin.requests.length <= i; turn++) {
      await pause(1)
      stuck = turn > 200
    }
  }
  assert.ok(origin.requests.length < SERVED_MAX, `${origin.requests.length} served`)
  client.socket.resume()
  for (let i = 0; i < REQUESTS; i++) assert.equal((await client.response()).body.length, 50_000)
})
