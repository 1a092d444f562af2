import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestId } from '../../base/ids.ts'
import { allocateCallMemory, FLAG } from './call-memory.ts'
import { allRecords, findRecord } from './call-reader.ts'
import { joinCallText, splitCallText } from './call-text.ts'
import { CallFigures, CallWriter } from './call-writer.ts'

const SIZES = { explainCalls: 8, explainTroubles: 4 }

function figures(changes: Partial<CallFigures>): CallFigures {
  return Object.assign(new CallFigures(), changes)
}

test('what is written is read', () => {
  const memory = allocateCallMemory(SIZES)
  const id = requestId()
  const written = figures({
    ...{ status: 503, reason: 200, step: 12, startedMs: 123_456_789.25, stageNumber: 70_000 },
    ...{ routeIndex: 299, integrationStatus: 502, flags: FLAG.tls | FLAG.http2, waitedMs: 0.5 },
    ...{ integrationStartedMs: 123_456_790.5, integrationLatencyMs: 30_000, latencyMs: 30_002.125 },
    responseBytes: 2 ** 40,
  })
  new CallWriter(memory).writeTrouble(id, written, 'a text')
  assert.deepEqual(findRecord(memory, id), {
    requestId: id,
    ...{ status: 503, reason: 200, step: 12, startedMs: 123_456_789.25, stageNumber: 70_000 },
    ...{ routeIndex: 299, integrationStatus: 502, flags: FLAG.tls | FLAG.http2 | FLAG.text },
    ...{ beforeIntegrationUs: 1_250, integrationUs: 30_000_000, totalUs: 30_002_125 },
    ...{ waitedUs: 500, responseBytes: 0x7fffffff, text: 'a text' },
  })
})

test('what was not, is not there: no integration, no text, no such id', () => {
  const memory = allocateCallMemory(SIZES)
  const id = requestId()
  new CallWriter(memory).writeCall(id, figures({ status: 204, startedMs: 5 }))
  const found = findRecord(memory, id)!
  assert.deepEqual(
    [found.beforeIntegrationUs, found.integrationUs, found.totalUs, found.text],
    [-1, -1, -1, undefined],
  )
  for (const other of [requestId(), '', 'short', `${id}=`, id.toLowerCase()]) {
    assert.equal(findRecord(memory, other), undefined, other)
  }
})

test('the oldest make room, good calls only for good ones', () => {
  const memory = allocateCallMemory(SIZES)
  const writer = new CallWriter(memory)
  const trouble = requestId()
  writer.writeTrouble(trouble, figures({ status: 404 }), '')
  const ids = Array.from({ length: 20 }, () => requestId())
  for (const id of ids) writer.writeCall(id, figures({ status: 200 }))
  const kept = [...allRecords(memory)].map((record) => record.requestId)
  assert.deepEqual(kept.toSorted(), [trouble, ...ids.slice(12)].toSorted())
})

test('a worker that takes the place of a dead one goes on behind it', () => {
  const memory = allocateCallMemory(SIZES)
  const ids = Array.from({ length: 6 }, () => requestId())
  for (const id of ids) new CallWriter(memory).writeCall(id, figures({ status: 200 }))
  for (const id of ids) assert.equal(findRecord(memory, id)?.status, 200)
})

test('a record that is being overwritten counts as gone', () => {
  const memory = allocateCallMemory(SIZES)
  const id = requestId()
  new CallWriter(memory).writeCall(id, figures({ status: 200 }))
  Atomics.store(new Int32Array(memory.memory), 0, 0)
  assert.equal(findRecord(memory, id), undefined)
})

test('the longest text keeps its beginning, and no character is cut in two', () => {
  const memory = allocateCallMemory(SIZES)
  const id = requestId()
  const long = '€'.repeat(5_000)
  const text = joinCallText({
    ...{
      method: 'GET',
      host: long,
      path: long,
      detail: long,
      rule: long,
      seen: long,
      passes: long,
    },
  })
  new CallWriter(memory).writeTrouble(id, figures({ status: 400 }), text)
  const read = splitCallText(findRecord(memory, id)!.text!)
  assert.equal(read.method, 'GET')
  assert.match(read.detail, /^€{140}…$/)
  assert(!Object.values(read).join('').includes('\ufffd'))
})

test('a text from a client cannot pretend to be another part, or another line', () => {
  const parts = {
    ...{ method: 'GET', host: 'a', path: '/\0x\r\ny\u001b[2J', detail: 'd', rule: 'r' },
    ...{ seen: 's\0forged', passes: 'p', hop: '' },
  }
  assert.deepEqual(splitCallText(joinCallText(parts)), {
    ...parts,
    ...{ path: '/?x??y?[2J', seen: 's?forged' },
  })
})

for (const [asked, given] of [
  [0, 1],
  [1, 1],
  [3, 2],
  [4_096, 4_096],
  [5_000, 4_096],
] as const) {
  test(`room for ${asked} is room for ${given}`, () => {
    assert.equal(allocateCallMemory({ explainCalls: asked, explainTroubles: 1 }).calls, given)
  })
}
