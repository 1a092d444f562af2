// hot path — see STYLE §8
/**
 * A worker's pen for its `CallMemory`: sixteen stores for a call, and a text where the call did not end well.
 *
 * What is passed are numbers and the id of the request, so nothing of a request is kept alive.
 */

import {
  type CallMemory,
  FLAG,
  TEXT_BYTES_MAX,
  TROUBLE_WORDS,
  troublesAt,
  WORDS,
} from './call-memory.ts'

/** One object is used for all calls of a worker. */
export class CallFigures {
  status = 0
  reason = 0
  step = 0
  startedMs = 0
  stageNumber = -1
  routeIndex = -1
  integrationStatus = 0
  flags = 0
  /** -1: it was not called. */
  integrationStartedMs = -1
  integrationLatencyMs = -1
  latencyMs = -1
  waitedMs = 0
  responseBytes = 0
}

/** Between two laps of a ring the turn of a record changes; it is never 0. */
const TURN_FLAG = 0x40000000
const TURN_MASK = 0x3fffffff

export class CallWriter {
  readonly #words: Int32Array
  readonly #times: Float64Array
  readonly #bytes: Buffer
  readonly #callMask: number
  readonly #troubleMask: number
  readonly #troublesAt: number
  #nextCall: number
  #nextTrouble: number

  constructor(memory: CallMemory) {
    this.#words = new Int32Array(memory.memory)
    this.#times = new Float64Array(memory.memory)
    this.#bytes = Buffer.from(memory.memory)
    this.#callMask = memory.calls - 1
    this.#troubleMask = memory.troubles - 1
    this.#troublesAt = troublesAt(memory)
    this.#nextCall = this.#after(0, WORDS, memory.calls)
    this.#nextTrouble = this.#after(this.#troublesAt, TROUBLE_WORDS, memory.troubles)
  }

  /** A call that ended well. */
  // bench/explain-record.ts has the figures.
  writeCall(requestId: string, figures: CallFigures): void {
    const turn = this.#nextCall
    this.#nextCall = (turn + 1) & TURN_MASK
    this.#write((turn & this.#callMask) * WORDS, turn, requestId, figures)
  }

  /** One that did not; '' for a text that is not kept. */
  writeTrouble(requestId: string, figures: CallFigures, text: string): void {
    const turn = this.#nextTrouble
    this.#nextTrouble = (turn + 1) & TURN_MASK
    const at = this.#troublesAt + (turn & this.#troubleMask) * TROUBLE_WORDS
    this.#words[at] = 0
    if (text !== '') {
      figures.flags |= FLAG.text
      const textAt = at + WORDS
      this.#words[textAt] = this.#bytes.write(text, (textAt + 1) * 4, TEXT_BYTES_MAX, 'utf8')
    }
    this.#write(at, turn, requestId, figures)
  }

  #write(at: number, turn: number, id: string, figures: CallFigures): void {
    const words = this.#words
    words[at] = 0
    words[at + 1] = charactersAt(id, 0)
    words[at + 2] = charactersAt(id, 4)
    words[at + 3] = charactersAt(id, 8)
    words[at + 4] = charactersAt(id, 12)
    words[at + 5] = (figures.status << 16) | (figures.reason << 8) | figures.step
    this.#times[(at + 6) >> 1] = figures.startedMs
    words[at + 8] = figures.stageNumber
    words[at + 9] = figures.routeIndex
    words[at + 10] = (figures.integrationStatus << 16) | figures.flags
    const { integrationStartedMs } = figures
    words[at + 11] =
      integrationStartedMs < 0 ? -1 : microseconds(integrationStartedMs - figures.startedMs)
    words[at + 12] = microseconds(figures.integrationLatencyMs)
    words[at + 13] = microseconds(figures.latencyMs)
    words[at + 14] = microseconds(figures.waitedMs)
    words[at + 15] = Math.min(figures.responseBytes, MAX)
    Atomics.store(words, at, turn | TURN_FLAG)
  }

  /** Where a worker that has died left off: behind the record with the latest turn. */
  #after(from: number, wordsEach: number, count: number): number {
    let latest = -1
    for (let i = 0; i < count; i++) {
      const turn = this.#words[from + i * wordsEach]!
      if (turn !== 0 && (turn & TURN_MASK) > latest) latest = turn & TURN_MASK
    }
    return (latest + 1) & TURN_MASK
  }
}

const MAX = 0x7fffffff

/** -1 for less than nothing, which is "unknown"; half an hour and more is half an hour. */
function microseconds(ms: number): number {
  if (ms < 0) return -1
  return Math.min(ms * 1_000, MAX)
}

/** Four characters of an id as one word; ids are latin1, and a missing character is 0. */
export function charactersAt(id: string, at: number): number {
  return (
    id.charCodeAt(at) |
    (id.charCodeAt(at + 1) << 8) |
    (id.charCodeAt(at + 2) << 16) |
    (id.charCodeAt(at + 3) << 24)
  )
}
