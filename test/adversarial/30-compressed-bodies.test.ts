/**
 * Test 30, the part that needs no body features: a compressed body is bytes. It passes as it is or is refused; nothing
 * here ever inflates it.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { startGateway } from '../harness/gateway.ts'
import { ok, startServing } from '../harness/origin.ts'

const INFLATED_BYTES = 64 << 20
const BOMBS = {
  gzip: gzipSync(Buffer.alloc(INFLATED_BYTES)),
  br: brotliCompressSync(Buffer.alloc(INFLATED_BYTES)),
}
const CODINGS = ['gzip', 'br', 'gzip, gzip, gzip, gzip', 'identity, gzip', 'zstd']

test('30 a compressed request passes byte for byte, also where a mapping reads the body', async (t) => {
  const origin = await startServing(t, (request) => ok(String(request.body.length)))
  const mapped = { uri: origin.url, requestParameters: { 'append:header.x-v': '$request.body.v' } }
  const gateway = await startGateway(t, {
    routes: { 'POST /plain': origin.url, 'POST /mapped': mapped },
  })
  for (const bomb of Object.values(BOMBS)) {
    for (const coding of CODINGS) {
      for (const path of ['/plain', '/mapped']) {
        const response = await gateway.call(
          'POST',
          path,
          [`Content-Encoding: ${coding}`],
          bomb.toString('latin1'),
        )
        if (path === '/plain') assert.equal(response.text, String(bomb.length))
        else assert.ok([200, 400, 415].includes(response.status))
        const seen = origin.requests.at(-1)
        if (response.status === 200)
          assert.deepEqual([seen?.body.equals(bomb), seen?.get('content-encoding')], [true, coding])
      }
    }
  }
})

test('30 a compressed response passes byte for byte, also where a mapping reads the body', async (t) => {
  const bomb = BOMBS.gzip
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`
  const origin = await startServing(t, () => head + bomb.toString('latin1'))
  const responseParameters = { 200: { 'append:header.x-v': '$response.body.v' } }
  const gateway = await startGateway(t, {
    routes: { 'GET /plain': origin.url, 'GET /mapped': { uri: origin.url, responseParameters } },
  })
  for (const path of ['/plain', '/mapped']) {
    const response = await gateway.get(path, 'Accept-Encoding: gzip')
    if (path === '/mapped' && response.status !== 200) continue
    assert.ok(response.body.equals(bomb), path)
    assert.equal(response.get('content-encoding'), 'gzip')
  }
})
