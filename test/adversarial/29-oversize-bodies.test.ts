/**
 * Test 29: bodies that are too large, or cost more than they carry.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startEcho, startServing } from '../harness/origin.ts'

const TEN_MB = 10_485_760
const POST = 'POST / HTTP/1.1\r\nHost: a\r\n'
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`

test('29 ten megabytes and one byte, declared: 413 before a byte of it', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const client = (await gateway.client()).send(`${POST}Content-Length: ${TEN_MB + 1}\r\n\r\n`)
  assert.equal((await client.response()).status, 413)
  assert.equal(await client.closed(), '')
  assert.equal(origin.connections.length, 0)
})

test('29 ten megabytes and one byte in chunks: 413, and the origin never sees the end', async (t) => {
  const origin = await startServing(t, () => ok('taken'))
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const client = (await gateway.client()).send(CHUNKED)
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
  for (let i = 0; i < 160; i++) client.send(chunk)
  client.send('1\r\nx\r\n0\r\n\r\n')
  assert.equal((await client.response()).status, 413)
  await client.closed()
  assert.equal(origin.requests.length, 0)
})

test('29 chunks of one byte reach the origin, and cost no more than their number', async (t) => {
  const origin = await startServing(t, (request) => ok(String(request.body.length)))
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const client = (await gateway.client()).send(CHUNKED)
  client.send(`${'1\r\nx\r\n'.repeat(100_000)}0\r\n\r\n`)
  assert.equal((await client.response()).text, '100000')
})

const FLOODS = {
  'one long extension': `${CHUNKED}1;${'x'.repeat(2_000)}\r\nx\r\n0\r\n\r\n`,
  'an extension on every chunk': `${CHUNKED}${`1;${'x'.repeat(100)}\r\nx\r\n`.repeat(1_000)}0\r\n\r\n`,
  'an extension on the last chunk': `${CHUNKED}0;${'x'.repeat(2_000)}\r\n\r\n`,
  'many trailers': `${CHUNKED}0\r\n${'X: y\r\n'.repeat(5_000)}\r\n`,
  'one long trailer': `${CHUNKED}0\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  'a size of many zeros': `${CHUNKED}${'0'.repeat(10_000)}1\r\nx\r\n0\r\n\r\n`,
}

test('29 floods in the framing are refused', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (const [what, bytes] of Object.entries(FLOODS)) {
    await t.test(what, async () => {
      const client = (await gateway.client()).send(bytes)
      assert.equal((await client.response()).status, 400)
      await client.closed()
    })
  }
  assert.equal(origin.requests.length, 0)
})

const BODIES = {
  'a multipart body of 100 000 parts': `--b\r\n${'Content-Disposition: form-data; name=a\r\n\r\nx\r\n--b\r\n'.repeat(100_000)}`,
  'JSON 100 000 deep': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  'JSON with a million keys': `{${Array.from({ length: 500_000 }, (_, i) => `"${i}":1`).join(',')}}`,
  'a number of a million digits': `{"v":${'9'.repeat(1_000_000)}}`,
  'duplicate keys': `{${Array.from({ length: 100_000 }, () => '"v":1').join(',')}}`,
}

test('29 costly bodies pass untouched where nothing reads them, and a mapping that reads them survives', async (t) => {
  const origin = await startServing(t, (request) => ok(String(request.body.length)))
  const gateway = await startGateway(t, {
    routes: {
      'POST /plain': origin.url,
      'POST /mapped': {
        uri: origin.url,
        requestParameters: { 'append:header.x-v': '$request.body.v' },
      },
    },
  })
  for (const [what, body] of Object.entries(BODIES)) {
    await t.test(what, async () => {
      assert.equal((await gateway.call('POST', '/plain', [], body)).text, String(body.length))
      assert.ok((await gateway.call('POST', '/mapped', [], body)).status < 600)
      assert.equal((await gateway.call('POST', '/plain', [], 'ok')).text, '2')
    })
  }
})
