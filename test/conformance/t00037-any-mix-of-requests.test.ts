/**
 * Requests of every kind, pipelined in any order and cut into any packets: each gets its own answer, in order, and
 * nothing is left over.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const KINDS = [
  'plain',
  'missing',
  'mapped',
  'refused',
  'declared',
  'chunked',
  'refused chunked',
] as const
type Kind = (typeof KINDS)[number]

interface Ask {
  readonly kind: Kind
  readonly bytes: number
}

const ASKS: fc.Arbitrary<Ask[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    bytes: fc.oneof(fc.nat(200), fc.integer({ min: 60_000, max: 100_000 })),
  }),
  { minLength: 1, maxLength: 12 },
)

function chunked(body: string): string {
  const half = body.length >> 1
  const chunks = [body.slice(0, half), body.slice(half)].filter((chunk) => chunk !== '')
  const coded = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
  return `Transfer-Encoding: chunked\r\n\r\n${coded}0\r\n\r\n`
}

function declared(body: string): string {
  return `Content-Length: ${body.length}\r\n\r\n${body}`
}

/** A JSON body of about that size; the value of `v` may stand in a field or not. */
function json(v: string, bytes: number): string {
  return `{"v":"${v}","fill":"${'f'.repeat(bytes)}"}`
}

function wire({ kind, bytes }: Ask, i: number): string {
  const line = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nHost: a\r\n`
  switch (kind) {
    case 'plain':
      return `${line('GET', `/echo/${i}`)}\r\n`
    case 'missing':
      return line('PUT', `/none/${i}`) + declared('m'.repeat(bytes))
    case 'mapped':
      return line('POST', `/mapped/${i}`) + declared(json('fine', bytes))
    case 'refused':
      return line('POST', `/mapped/${i}`) + declared(json('\\u0001', bytes))
    case 'refused chunked':
      return line('POST', `/mapped/${i}`) + chunked(json('\\u0001', bytes))
    case 'declared':
      return line('POST', `/echo/${i}`) + declared('d'.repeat(bytes))
    case 'chunked':
      return line('POST', `/echo/${i}`) + chunked('c'.repeat(bytes))
  }
}

test('t00037 any mix of requests in any packets', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: {
      'GET /echo/{i}': `${origin.url}/{i}`,
      'POST /echo/{i}': `${origin.url}/{i}`,
      'POST /mapped/{i}': {
        uri: `${origin.url}/{i}`,
        requestParameters: { 'overwrite:header.x-v': '$request.body.v' },
      },
    },
  })
  const packets = fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(ASKS, packets, async (asks, sizes) => {
      const client = await gateway.client()
      const text = asks.map(wire).join('')
      const sending = (async () => {
        for (let at = 0, n = 0; at < text.length; n++) {
          const size = sizes[n % sizes.length]! + (n > 500 ? 90_000 : 0)
          await client.flush(Buffer.from(text.slice(at, at + size), 'latin1'))
          at += size
        }
      })()
      for (const [i, { kind }] of asks.entries()) {
        const response = await client.response()
        if (kind === 'missing') {
          // Answered before its body has come: then the connection ends with it.
          assert.equal(response.status, 404)
          if (response.get('connection') === 'close') break
        } else if (kind.startsWith('refused')) assert.equal(response.status, 400)
        else assert.equal((response.json as Echo).target, `/${i}`)
      }
      await sending.catch(() => undefined)
      assert.equal(client.stream.unread.length, 0)
      client.socket.destroy()
    }),
    { numRuns: 60 },
  )
})
