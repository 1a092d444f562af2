/**
 * Tests 31, 32 and 34 once more while a worker is overloaded: patterns and bodies that are made to hurt, and surroundings
 * that fail. Half of the calls are shed, the others are decided as quickly as ever, and when it is over all is well.
 */

import assert from 'node:assert/strict'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import type { IamDocument } from '../../src/domain/iam.ts'
import { LogSink } from '../../src/observability/access-log/log-sink.ts'
import { documentOf, groupOf, LISTENER, THROUGH_LISTENER, UNCHECKED } from '../harness/balancing.ts'
import { startGateway, TestClock, type TestGateway } from '../harness/gateway.ts'
import type { Message } from '../harness/message.ts'
import { startEcho } from '../harness/origin.ts'
import { sendTo, signCall } from '../harness/signed-call.ts'

const CALM = 0.1
const STAGE_2 = 0.93
const CALLS = 20
/** Processor time of this whole process, client and origin in it, for one call. */
const CPU_MS_MAX = 50

/** Half of them are shed, and the others answered so; none takes long. */
async function underLoad(
  gateway: TestGateway,
  expected: number,
  call: () => Promise<Message>,
): Promise<void> {
  await call()
  gateway.press(STAGE_2)
  const before = process.cpuUsage()
  const statuses: number[] = []
  let shed = 0
  for (let i = 0; i < CALLS; i++) {
    const answer = await call()
    statuses.push(answer.status)
    if (gateway.explain(answer).reasonCode === 'OVERLOADED') shed++
  }
  const { user, system } = process.cpuUsage(before)
  gateway.press(CALM, 40)
  assert.equal(shed, CALLS / 2, statuses.join(' '))
  const others = statuses.filter((status) => status === expected).length
  assert.equal(others, expected === 503 ? CALLS : CALLS / 2, statuses.join(' '))
  assert.ok((user + system) / 1e3 / CALLS < CPU_MS_MAX, `${(user + system) / 1e3 / CALLS} ms`)
  assert.equal((await call()).status, expected)
}

/** Backtracking would never end: many stars, and nothing that fits behind the last. */
const HURTING = `/${'*a'.repeat(30)}*b`
const LONG = `/${'a'.repeat(3_000)}`

test('31 while it sheds: rules of a listener that would backtrack decide at once', async (t) => {
  const origin = await startEcho(t)
  const group = groupOf('plain', [origin.port], { healthCheck: UNCHECKED })
  const forward = { type: 'forward', targetGroups: [{ arn: group.arn, weight: 1 }] } as const
  const hurting = {
    arn: `${LISTENER}/hurting`,
    conditions: [{ field: 'path-pattern', values: [HURTING, HURTING, HURTING] }],
    action: forward,
  } as const
  const last = { arn: `${LISTENER}/default`, conditions: [], action: forward }
  const gateway = await startGateway(t, {
    routes: { $default: THROUGH_LISTENER },
    balancing: documentOf([group], [hurting, last]),
  })
  await underLoad(gateway, 200, () => gateway.get(LONG))
})

test('31 while it sheds: policies that would backtrack decide at once', async (t) => {
  const origin = await startEcho(t)
  const account = '123456789012'
  const credentials = { accessKeyId: 'AKPOADA', secretAccessKey: 'ada/secret' }
  const statement = {
    Effect: 'Allow',
    Action: `execute-api:${'*e'.repeat(20)}*x`,
    Resource: `arn:aws:execute-api:*:*:*${HURTING}`,
    Condition: { StringLike: { 'aws:UserAgent': HURTING } },
  }
  const identities: IamDocument = {
    ...{ revision: 1, sessionKey: '' },
    policies: { p: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) },
    identities: [
      {
        ...{ kind: 'user', accountId: account, id: 'AIDA', name: 'ada', tags: {} },
        ...{ arn: `arn:aws:iam::${account}:user/ada`, policies: ['p'] },
      },
    ],
    keys: [{ ...credentials, accountId: account, active: true, userId: 'AIDA', readOnly: false }],
  }
  const routes = { $default: origin.url }
  const gateway = await startGateway(t, { routes, iam: true, identities })
  const call = { apiId: 'a1b2c3d4e5', path: LONG, headers: [['User-Agent', LONG]] as const }
  const request = await signCall(call, credentials, { region: 'eu-west-1', epochMs: Date.now() })
  await underLoad(gateway, 403, () => sendTo(gateway, request))
})

test('32 while it sheds: a body that is made to hurt its mapping is decided at once', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: {
      'POST /': {
        uri: origin.url,
        requestParameters: { 'overwrite:header.x-deep': `$request.body.${'a.'.repeat(30)}a` },
      },
    },
  })
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
  const first = await gateway.call('POST', '/', [], deep)
  assert.ok([200, 400].includes(first.status), String(first.status))
  await underLoad(gateway, first.status, () => gateway.call('POST', '/', [], deep))
})

test('34 while it sheds: no files, no names, a full disk and another date, all at once', async (t) => {
  const origin = await startEcho(t)
  const clock = new TestClock()
  const sink = new LogSink({ kind: 'file', path: '/dev/full' })
  t.after(() => sink.close())
  const gateway = await startGateway(t, {
    clock,
    routes: { 'GET /': origin.url, 'GET /lost': 'http://lost.invalid/' },
    logSink: (line) => sink.write(line),
  })
  const failing = exhaustedFiles(t)
  await underLoad(gateway, 503, () => {
    clock.advanceDate(86_400_000)
    return gateway.get('/')
  })
  failing.restore()
  await underLoad(gateway, 503, () => gateway.get('/lost'))
  await underLoad(gateway, 200, () => gateway.get('/'))
  await sink.flush()
  assert.ok(sink.dropped > 0, 'the disk was full')
})

/** Of the gateway; clients of the test come in. */
function exhaustedFiles(t: TestContext): { restore(): void } {
  const { mock } = t.mock.method(net, 'connect', () => {
    const socket = new net.Socket()
    const error = Object.assign(new Error('too many open files'), { code: 'EMFILE' })
    queueMicrotask(() => socket.destroy(error))
    return socket
  })
  return mock
}
