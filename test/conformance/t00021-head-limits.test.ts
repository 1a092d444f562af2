/** A head beyond its limits is refused with the status that says which one (431, 414) and closed. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

const LIMITS = { requestHeadBytes: 1_000, requestHeaderCount: 10 }

/** A request whose head is exactly `bytes` long. */
function headOf(bytes: number): string {
  const rest = 'GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n'
  return rest.replace('X: ', `X: ${'x'.repeat(bytes - rest.length)}`)
}

const CASES: [what: string, request: string, status: number][] = [
  ['a head at the limit', headOf(1_000), 200],
  ['a head one byte beyond', headOf(1_001), 431],
  ['a single huge field', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(1 << 20)}\r\n\r\n`, 431],
  ['a request line beyond the limit', `GET /${'x'.repeat(1_000)} HTTP/1.1\r\n\r\n`, 414],
  ['ten fields', `GET / HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(9)}\r\n`, 200],
  ['eleven fields', `GET / HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(10)}\r\n`, 431],
]

test('t00021 limits of the request head', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url }, limits: LIMITS })
  for (const [what, request, status] of CASES) {
    await t.test(`${what} → ${status}`, async () => {
      const client = (await gateway.client()).send(request)
      const response = await client.response()
      assert.equal(response.status, status)
      if (status !== 200) {
        assert.equal(response.get('connection'), 'close')
        assert.equal(await client.closed(), '')
      }
    })
  }
})
