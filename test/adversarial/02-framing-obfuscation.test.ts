/**
 * Test 2: Content-Length and Transfer-Encoding against each other and in disguise, the permutations of the known
 * request-smuggling scanners.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { assertCanonical, assertRefused } from '../harness/oracle.ts'
import { startEcho } from '../harness/origin.ts'

const POST = 'POST / HTTP/1.1\r\nHost: a\r\n'
/** Read by length it is 6 bytes, read by chunks it ends after 5 and a request begins. */
const BOTH = '0\r\n\r\nG'
const CHUNKS = '5\r\nhello\r\n0\r\n\r\n'

/** Lines that somebody might read as `Transfer-Encoding: chunked`. */
const TE_DISGUISES = [
  'Transfer-Encoding : chunked',
  'Transfer-Encoding\t: chunked',
  'Transfer-Encoding\x0b: chunked',
  'Transfer-Encoding\r: chunked',
  ' Transfer-Encoding: chunked',
  'X: x\r\n\tTransfer-Encoding: chunked',
  'X: x\nTransfer-Encoding: chunked',
  'X: x\rTransfer-Encoding: chunked',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding:\x0cchunked',
  'Transfer-Encoding: \x00chunked',
  'Transfer-Encoding: chunked\x00',
  'Transfer-Encoding: chunked\x0b',
  'Transfer-Encoding: chunked\r',
  'Transfer-Encoding:\r\n chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: ,chunked',
  'Transfer-Encoding: chunked,',
  'Transfer-Encoding: chunked,chunked',
  'Transfer-Encoding: chunked;q=1',
  'Transfer-Encoding: chunked chunked',
  'Transfer-Encoding: "chunked"',
  "Transfer-Encoding: 'chunked'",
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunkedx',
  'Transfer-Encoding: chunke\xc4',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: x',
  'Transfer-Encoding:',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: x\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\ntransfer-encoding: x',
]

const LENGTH_DISGUISES = [
  '+6',
  '-6',
  '6 ,6',
  '6,6',
  '6, 6',
  '6;6',
  '6 6',
  '0x6',
  '6.0',
  '6e0',
  "'6'",
  '"6"',
  '6\x00',
  '6\x0b',
  '٦',
  '',
  ',',
  '6,',
  ',6',
  '18446744073709551622',
  '9007199254740993000',
  '6\r\n 6',
  '6_0',
]

test('2 both framings in one request are refused in either order', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  await assertRefused(
    gateway,
    origin,
    `${POST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n${BOTH}`,
  )
  await assertRefused(
    gateway,
    origin,
    `${POST}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n${BOTH}`,
  )
  await assertRefused(
    gateway,
    origin,
    `${POST}Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n${CHUNKS}`,
  )
})

test('2 Transfer-Encoding in disguise is refused, with and without a length', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (const line of TE_DISGUISES) {
    await t.test(JSON.stringify(line), async () => {
      await assertRefused(gateway, origin, `${POST}${line}\r\n\r\n${CHUNKS}`)
      await assertRefused(gateway, origin, `${POST}Content-Length: 6\r\n${line}\r\n\r\n${BOTH}`)
      await assertRefused(gateway, origin, `${POST}${line}\r\nContent-Length: 6\r\n\r\n${BOTH}`)
    })
  }
})

test('2 names that only look like the framing fields neither frame nor pass', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (const name of [
    'Transfer_Encoding',
    'Transfer.Encoding',
    'Content_Length',
    'content.length',
  ]) {
    const value = name.toLowerCase().startsWith('t') ? 'chunked' : '99'
    const bytes = `${POST}${name}: ${value}\r\nContent-Length: 5\r\n\r\nhello`
    await assertCanonical(gateway, origin, bytes, { body: 'hello' })
    assert.equal(origin.requests.at(-2)?.get(name.toLowerCase()), undefined, name)
  }
})

test('2 malformed and repeated lengths are refused', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (const value of LENGTH_DISGUISES) {
    await t.test(JSON.stringify(value), () =>
      assertRefused(gateway, origin, `${POST}Content-Length: ${value}\r\n\r\nhello!`),
    )
  }
  for (const second of ['6', '06', '0', '7']) {
    const bytes = `${POST}Content-Length: 6\r\ncontent-length: ${second}\r\n\r\nhello!`
    await assertRefused(gateway, origin, bytes)
  }
})

test('2 Transfer-Encoding in HTTP/1.0 is refused', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const bytes = `POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`
  await assertRefused(gateway, origin, bytes)
})
