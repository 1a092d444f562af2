import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CompileError } from '../../runtime/snapshot/compile.ts'
import type { NumberedAnswer, Order } from '../messages.ts'
import { DataWorker, type DataWorkerParts } from './data-worker.ts'

const DEPLOYMENT = {
  configuration: { revision: 1, stages: [] },
  shares: [],
  buckets: [],
  stageNumbers: [],
}

function setUp(plane: Partial<DataWorkerParts['plane']> = {}) {
  const story: string[] = []
  const did = (what: string) => () => void story.push(what)
  const soon = (what: string) => async () => void story.push(what)
  const listen = (scheme: string) => async () => {
    story.push(scheme)
    return 4_000
  }
  const answers: NumberedAnswer[] = []
  const worker = new DataWorker({
    plane: {
      load: async () => {},
      prepare: did('prepare'),
      tail: () => {},
      useTicketSecret: did('ticket secret'),
      challenge: soon('challenge'),
      discard: did('discard'),
      useTargets: did('targets'),
      commit: did('commit'),
      listenHttp: listen('http'),
      listenHttps: listen('https'),
      listenLink: listen('link'),
      leave: did('leave'),
      drain: soon('drain'),
      destroy: did('destroy'),
      ...plane,
    },
    sink: { reopen: soon('reopen'), close: soon('close') },
    useShares: did('shares'),
    useCertificate: did('certificate'),
    linkAnswered: ({ askId }) => void story.push(`link answer ${askId}`),
    answer: (answer) => answers.push(answer),
    tap: () => {},
    warn: (message) => story.push(message),
  })
  let id = 0
  const give = async (order: Order) => {
    await worker.receive({ ...order, id: ++id })
    assert.equal(answers.length, id, 'each order gets one answer')
    return answers.at(-1)!
  }
  return { give, story }
}

test('orders are carried out in their parts', async () => {
  const { give, story } = setUp()
  await give({ kind: 'prepare', deployment: DEPLOYMENT })
  await give({ kind: 'commit' })
  const tls = { certificate: 'c', privateKey: 'k' }
  const listening = await give({ kind: 'listen', scheme: 'https', address: { port: 0 }, tls })
  assert.deepEqual(listening, { kind: 'done', port: 4_000, id: 3 })
  await give({ kind: 'link-answer', askId: 7, outcome: { error: 'no' } })
  await give({ kind: 'reopen-log' })
  await give({ kind: 'drain' })
  await give({ kind: 'destroy' })
  assert.deepEqual(story, [
    ...['shares', 'prepare', 'commit', 'certificate', 'https', 'link answer 7', 'reopen'],
    ...['drain', 'close', 'destroy', 'close'],
  ])
})

test('what does not compile is refused with its reasons', async () => {
  const prepare = () => {
    throw new CompileError(['one', 'two'])
  }
  const answer = await setUp({ prepare }).give({ kind: 'prepare', deployment: DEPLOYMENT })
  assert.deepEqual(answer, { kind: 'refused', reasons: ['one', 'two'], code: '', id: 1 })
})

test("a port that cannot be had is refused with Node's code", async () => {
  const listenHttp = async () => {
    throw Object.assign(new Error('in use'), { code: 'EADDRINUSE' })
  }
  const order = { kind: 'listen', scheme: 'http', address: { port: 1 }, tls: undefined } as const
  const answer = await setUp({ listenHttp }).give(order)
  assert.deepEqual(answer, { kind: 'refused', reasons: ['in use'], code: 'EADDRINUSE', id: 1 })
})

test('a bug is no refusal: it goes through and ends the thread', async () => {
  const prepare = () => {
    throw new TypeError('bug')
  }
  const { give } = setUp({ prepare })
  await assert.rejects(give({ kind: 'prepare', deployment: DEPLOYMENT }), TypeError)
  await assert.rejects(give({ kind: 'crash', reason: 'asked for' }), /asked for/)
})
