/**
 * The judge of adversarial bytes: whatever a client sends, it is refused and the connection closed, or the origin sees
 * exactly one canonical request. A sentinel request behind the bytes shows where the gateway thinks that they end.
 */

import assert from 'node:assert/strict'
import { CutOff } from './byte-stream.ts'
import type { TestGateway } from './gateway.ts'
import type { Message } from './message.ts'
import type { Echo, Origin } from './origin.ts'

const SENTINEL = '/sentinel'

/** What became of the bytes. */
export interface Verdict {
  readonly statuses: readonly number[]
  /** What the origin says it saw before the sentinel. */
  readonly echoes: readonly Echo[]
  readonly closed: boolean
  /** The sentinel was answered: the bytes ended where the sender says they end. */
  readonly inStep: boolean
}

/** Sends the bytes and the sentinel on a new connection to a gateway in front of an echo. */
export async function judge(gateway: TestGateway, bytes: string): Promise<Verdict> {
  const client = await gateway.client()
  client.send(`${bytes}GET ${SENTINEL} HTTP/1.1\r\nHost: api.test\r\n\r\n`)
  const statuses: number[] = []
  const echoes: Echo[] = []
  for (;;) {
    const answersHead = statuses.length === 0 && bytes.startsWith('HEAD')
    const response = await client.response(answersHead ? 'HEAD' : 'GET').catch(cutOff)
    if (response === undefined) return { statuses, echoes, closed: true, inStep: false }
    const echo = echoOf(response)
    if (echo?.target === SENTINEL) {
      client.socket.destroy()
      return { statuses, echoes, closed: false, inStep: true }
    }
    statuses.push(response.status)
    if (echo !== undefined) echoes.push(echo)
  }
}

/** The bytes were answered with `status` alone, the connection was closed, and no origin saw a whole request. */
export async function assertRefused(
  gateway: TestGateway,
  origin: Origin,
  bytes: string,
  status = 400,
): Promise<void> {
  const before = origin.requests.length
  const verdict = await judge(gateway, bytes)
  assert.deepEqual(verdict.statuses, [status])
  assert.ok(verdict.closed, 'the connection is closed')
  assert.equal(origin.requests.length, before, 'no request is complete at the origin')
}

/** The bytes were one request, and the origin saw it as `expected`. */
export async function assertCanonical(
  gateway: TestGateway,
  origin: Origin,
  bytes: string,
  expected: Partial<Echo>,
): Promise<void> {
  const before = origin.requests.length
  const { statuses, echoes, inStep } = await judge(gateway, bytes)
  assert.deepEqual(statuses, [200])
  assert.ok(inStep, 'the next request begins where this one ends')
  assert.equal(origin.requests.length, before + 2, 'the request and the sentinel, nothing else')
  const [echo] = echoes
  for (const [key, value] of Object.entries(expected)) {
    assert.deepEqual(echo?.[key as keyof Echo], value, key)
  }
}

function cutOff(error: unknown): undefined {
  if (!(error instanceof CutOff)) throw error
  assert.match(error.message, /with "" unread/, 'the connection ends between two responses')
}

function echoOf(response: Message): Echo | undefined {
  return response.get('content-type') === 'application/json' &&
    response.text.startsWith('{"origin"')
    ? (response.json as Echo)
    : undefined
}
