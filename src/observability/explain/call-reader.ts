/**
 * The main thread's eye on a worker's `CallMemory`.
 *
 * A record may be overwritten while it is read: its turn then differs before and after, and it counts as gone. Records
 * are few thousands, so looking for one looks at all of them.
 */

import { type CallMemory, FLAG, TROUBLE_WORDS, troublesAt, WORDS } from './call-memory.ts'
import { charactersAt } from './call-writer.ts'

/** One record, as it was written. -1 in a time: there was none. */
export interface RecordedCall {
  readonly requestId: string
  readonly status: number
  /** Position in the table of reasons plus one; 0: none. */
  readonly reason: number
  readonly step: number
  /** Monotonic ms of all threads. */
  readonly startedMs: number
  readonly stageNumber: number
  readonly routeIndex: number
  readonly integrationStatus: number
  readonly flags: number
  readonly beforeIntegrationUs: number
  readonly integrationUs: number
  readonly totalUs: number
  readonly waitedUs: number
  readonly responseBytes: number
  /** Undefined: not kept. */
  readonly text: string | undefined
}

/** The one with this id; undefined: it is not there (any more). */
export function findRecord(memory: CallMemory, requestId: string): RecordedCall | undefined {
  const words = new Int32Array(memory.memory)
  const parts = [0, 4, 8, 12].map((at) => charactersAt(requestId, at))
  for (const at of places(memory)) {
    if (parts.every((part, i) => words[at + 1 + i] === part)) {
      const record = readRecord(words, at)
      if (record?.requestId === requestId) return record
    }
  }
  return undefined
}

/** All that are there, in no order. */
export function* allRecords(memory: CallMemory): Generator<RecordedCall> {
  const words = new Int32Array(memory.memory)
  for (const at of places(memory)) {
    const record = readRecord(words, at)
    if (record !== undefined) yield record
  }
}

function* places(memory: CallMemory): Generator<number> {
  const first = troublesAt(memory)
  for (let i = 0; i < memory.troubles; i++) yield first + i * TROUBLE_WORDS
  for (let i = 0; i < memory.calls; i++) yield i * WORDS
}

function readRecord(words: Int32Array, at: number): RecordedCall | undefined {
  const turn = Atomics.load(words, at)
  if (turn === 0) return undefined
  const copy = words.slice(at, at + WORDS)
  const flags = copy[10]! & 0xffff
  const text = (flags & FLAG.text) === 0 ? undefined : readText(words, at + WORDS)
  if (Atomics.load(words, at) !== turn) return undefined
  return {
    requestId: Buffer.from(copy.buffer, 4, 16).toString('latin1'),
    status: copy[5]! >>> 16,
    reason: (copy[5]! >>> 8) & 0xff,
    step: copy[5]! & 0xff,
    startedMs: new Float64Array(copy.buffer, 24, 1)[0]!,
    stageNumber: copy[8]!,
    routeIndex: copy[9]!,
    integrationStatus: copy[10]! >>> 16,
    flags,
    beforeIntegrationUs: copy[11]!,
    integrationUs: copy[12]!,
    totalUs: copy[13]!,
    waitedUs: copy[14]!,
    responseBytes: copy[15]!,
    text,
  }
}

function readText(words: Int32Array, at: number): string {
  const length = words[at]!
  // Decoding wants memory that nobody else writes to.
  return Buffer.from(Buffer.from(words.buffer, (at + 1) * 4, length)).toString('utf8')
}
