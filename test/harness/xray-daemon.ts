/**
 * An X-Ray daemon for tests: takes datagrams and reads them as strictly as X-Ray describes segment documents.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
 */

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'

export interface Segment {
  readonly name: string
  readonly id: string
  readonly trace_id: string
  readonly parent_id?: string
  readonly start_time: number
  readonly end_time: number
  readonly error?: boolean
  readonly fault?: boolean
  readonly throttle?: boolean
  readonly namespace?: string
  readonly cause?: { readonly exceptions: readonly { readonly type: string }[] }
  readonly annotations?: Readonly<Record<string, unknown>>
  readonly aws?: { readonly api_gateway: { readonly request_id: string } }
  readonly subsegments?: readonly Segment[]
}

const MEMBERS = new Set([
  ...['name', 'id', 'trace_id', 'parent_id', 'start_time', 'end_time', 'origin', 'resource_arn'],
  ...['http', 'aws', 'annotations', 'metadata', 'error', 'fault', 'throttle', 'cause'],
  ...['subsegments', 'namespace'],
])
const HTTP_MEMBERS = new Set([
  ...['method', 'url', 'client_ip', 'user_agent', 'x_forwarded_for', 'status', 'content_length'],
])
const NAME = /^[\p{L}\p{N}\p{Z}_.:/%&#=+\-@]{1,200}$/u
const HEADER = '{"format":"json","version":1}\n'
const BYTES_MAX = 65_536

/** One document, strictly read. */
export function readSegment(text: string): Segment {
  assert.ok(Buffer.byteLength(text) <= BYTES_MAX)
  const segment = JSON.parse(text) as Segment
  assert.match(segment.trace_id, /^1-[0-9a-f]{8}-[0-9a-f]{24}$/)
  check(segment, 'segment')
  return segment
}

function check(segment: Segment, place: string): void {
  for (const name of Object.keys(segment)) assert.ok(MEMBERS.has(name), `${place}.${name}`)
  assert.match(segment.name, NAME, place)
  assert.match(segment.id, /^[0-9a-f]{16}$/, place)
  if (segment.parent_id !== undefined) assert.match(segment.parent_id, /^[0-9a-f]{16}$/, place)
  assert.ok(segment.end_time >= segment.start_time, `${place}: it ends after its beginning`)
  assert.ok(segment.start_time > 1e9 && segment.start_time < 1e10, `${place}: seconds`)
  for (const flag of ['error', 'fault', 'throttle'] as const) {
    assert.ok(segment[flag] === undefined || segment[flag] === true, place)
  }
  const { http } = segment as { http?: Readonly<Record<string, object>> }
  for (const part of Object.values(http ?? {})) {
    for (const name of Object.keys(part)) assert.ok(HTTP_MEMBERS.has(name), `${place}.http.${name}`)
  }
  for (const [i, one] of (segment.subsegments ?? []).entries()) check(one, `${place}[${i}]`)
}

export interface XrayDaemonForTests {
  readonly address: string
  readonly segments: readonly Segment[]
}

export async function startXrayDaemon(t: TestContext): Promise<XrayDaemonForTests> {
  const socket = createSocket('udp4')
  const segments: Segment[] = []
  const faults: unknown[] = []
  socket.on('message', (datagram) => {
    try {
      const text = datagram.toString()
      assert.ok(text.startsWith(HEADER))
      segments.push(readSegment(text.slice(HEADER.length)))
    } catch (thrown) {
      faults.push(thrown)
    }
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => {
    socket.close()
    assert.deepEqual(faults, [], 'everything that came was a segment')
  })
  return { address: `127.0.0.1:${socket.address().port}`, segments }
}
