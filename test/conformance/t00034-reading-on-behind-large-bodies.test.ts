/** A socket that was held back because of a large pipelined body is read on afterwards. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flow } from '../harness/flow.ts'
import { startGateway } from '../harness/gateway.ts'
import { ok, startOrigin } from '../harness/origin.ts'

for (const bytes of [70_000, 100_000, 130_000, 200_000]) {
  test(`t00034 a request behind a pipelined body of ${bytes} bytes`, async (t) => {
    const origin = await startOrigin(t)
    const gateway = await startGateway(t, { routes: { $default: origin.url } })
    const client = (await gateway.client()).ask('GET', '/first')
    const connection = await origin.accepted()
    await connection.request()
    client.send(`POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`)
    await new Flow(client, bytes).finished
    await gateway.get('/%2e%2e/') // An answer of its own: what was sent before has been read.
    for (const target of ['/first', '/large', '/third']) {
      if (target === '/third') client.ask('GET', target)
      if (target !== '/first') assert.equal((await connection.request()).target, target)
      connection.send(ok(target))
      assert.equal((await client.response()).text, target)
    }
  })
}
