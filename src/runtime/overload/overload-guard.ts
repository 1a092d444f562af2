/**
 * Decides, in one worker, how much it can take: the stages of overload, and back again.
 *
 *   0 calm   1 connections are not kept   2 a growing share of calls is refused (503)   3 nobody is let in
 *
 * Ten times a second it looks at a few resources. Each has a limit, and each stage a part of that limit from which on it
 * holds; the resource that presses most decides. A stage goes up at once and down one at a time, when the pressure has been
 * clearly below it for `HOLD_LOOKS` looks. Whether one call is refused costs two comparisons.
 */

import type { Limits } from '../../domain/limits.ts'

export type OverloadStage = 0 | 1 | 2 | 3
export type OverloadResource = 'memory' | 'heap' | 'lag' | 'connections' | 'requests'

/** What is seen at one look. */
export interface OverloadSample {
  /** Resident memory of the process, and what there is of it. */
  readonly memoryBytes: number
  readonly memoryBytesMax: number
  /** Part of the worker's own heap that is used, 0 to 1. */
  readonly heapShare: number
  /** How late the event loop was. */
  readonly lagMs: number
  readonly connections: number
  readonly requests: number
}

export interface OverloadChange {
  readonly stage: OverloadStage
  readonly before: OverloadStage
  /** What presses, or has pressed last. */
  readonly resource: OverloadResource
  /** `lag: 812 ms of 500 ms`. */
  readonly detail: string
}

const NEVER = Number.POSITIVE_INFINITY
/** From which part of its limit on a resource asks for each of the stages. */
const STAGES: Readonly<Record<OverloadResource, readonly [number, number, number]>> = {
  memory: [0.85, 0.92, 0.97],
  heap: [0.85, 0.92, 0.97],
  lag: [0.5, 1, 3],
  // Idle connections are no reason to refuse a call; the listener itself takes no more than its limit.
  connections: [0.8, NEVER, NEVER],
  requests: [0.8, 1, NEVER],
}
const RESOURCES = Object.keys(STAGES) as readonly OverloadResource[]

/** A single pause (a compilation, a collection of garbage) is no overload: the least of so many looks counts. */
const LAG_LOOKS = 5
/** Down again when the pressure is below this part of what led up. */
const RELIEF = 0.9
const HOLD_LOOKS = 10
/** By how much the share of refused calls changes from look to look. */
const SHARE_STEP = 0.1
const SHARE_FIRST = 0.5

export class OverloadGuard {
  stage: OverloadStage = 0
  /** Calls under way beyond which every further one is refused, whatever the stage. */
  readonly requestsMax: number
  /** Undefined: nothing has pressed yet. */
  detail = ''
  resource: OverloadResource = 'requests'
  /** Calls that were refused. */
  refused = 0
  readonly #limits: Limits
  readonly #lags: number[] = []
  /** Part of the calls that stage 2 refuses. */
  #share = 0
  #debt = 0
  #calmLooks = 0

  constructor(limits: Limits) {
    this.#limits = limits
    this.requestsMax = limits.overloadRequests
  }

  /** One more call wants in, with so many under way, itself among them. */
  refuses(inFlight: number): boolean {
    if (this.#share === 0 && inFlight <= this.requestsMax) return false
    return this.#refusesUnderPressure(inFlight)
  }

  /** Seconds after which a refused client may ask again; not the same for all of them. */
  get retryAfterSeconds(): number {
    return this.stage + 1 + (this.refused % 3)
  }

  /** Takes the figures of this moment. Returns what has changed. */
  look(sample: OverloadSample): OverloadChange | undefined {
    const pressing = this.#mostPressing(sample)
    const before = this.stage
    const wanted = stageOf(pressing.resource, pressing.part)
    if (wanted > before) this.stage = wanted
    else if (this.#isRelieved(pressing)) this.stage = (before - 1) as OverloadStage
    this.#adjustShare(wanted)
    if (this.stage === before) return undefined
    this.#calmLooks = 0
    // On the way down what has pressed is told, not what presses least by now.
    if (this.stage > before) this.#note(pressing)
    return { stage: this.stage, before, resource: this.resource, detail: this.detail }
  }

  #refusesUnderPressure(inFlight: number): boolean {
    if (inFlight > this.requestsMax) {
      this.#note({ resource: 'requests', part: 1, ...this.#told('requests', inFlight) })
      this.refused++
      return true
    }
    this.#debt += this.#share
    if (this.#debt < 1) return false
    this.#debt -= 1
    this.refused++
    return true
  }

  #note({ resource, detail }: Pressing): void {
    this.resource = resource
    this.detail = detail
  }

  #mostPressing(sample: OverloadSample): Pressing {
    this.#lags.push(sample.lagMs)
    if (this.#lags.length > LAG_LOOKS) this.#lags.shift()
    const lagMs = this.#lags.length < LAG_LOOKS ? 0 : Math.min(...this.#lags)
    const { overloadLagMs, clientConnections } = this.#limits
    const parts: Readonly<Record<OverloadResource, readonly [number, number]>> = {
      memory: [sample.memoryBytes, sample.memoryBytesMax],
      heap: [sample.heapShare, 1],
      lag: [lagMs, overloadLagMs],
      connections: [sample.connections, clientConnections],
      requests: [sample.requests, this.requestsMax],
    }
    const all = RESOURCES.map((resource): Pressing => {
      const [value, limit] = parts[resource]
      return { resource, part: value / limit, ...this.#told(resource, value, limit) }
    })
    return all.reduce((most, each) => (rank(each) > rank(most) ? each : most))
  }

  #told(resource: OverloadResource, value: number, limit = this.requestsMax): { detail: string } {
    return { detail: `${resource}: ${amount(resource, value)} of ${amount(resource, limit)}` }
  }

  #isRelieved({ resource, part }: Pressing): boolean {
    if (this.stage === 0) return false
    const isBelow = part < STAGES[resource][this.stage - 1]! * RELIEF
    this.#calmLooks = isBelow ? this.#calmLooks + 1 : 0
    return this.#calmLooks >= HOLD_LOOKS
  }

  #adjustShare(wanted: OverloadStage): void {
    if (this.stage === 3) this.#share = 1
    else if (this.stage < 2) this.#share = 0
    else if (wanted < 2) this.#share = Math.max(SHARE_STEP, this.#share - SHARE_STEP)
    else if (this.#share === 0) this.#share = SHARE_FIRST
    else this.#share = Math.min(1, this.#share + SHARE_STEP)
  }
}

interface Pressing {
  readonly resource: OverloadResource
  /** Of its limit. */
  readonly part: number
  readonly detail: string
}

function stageOf(resource: OverloadResource, part: number): OverloadStage {
  const [first, second, third] = STAGES[resource]
  if (part >= third) return 3
  if (part >= second) return 2
  return part >= first ? 1 : 0
}

/** The stage counts first, then how near the limit is. */
function rank({ resource, part }: Pressing): number {
  return stageOf(resource, part) * 1_000 + Math.min(part / STAGES[resource][0], 999)
}

function amount(resource: OverloadResource, value: number): string {
  if (resource === 'memory') return `${Math.round(value / 1_048_576)} MB`
  if (resource === 'heap') return `${Math.round(value * 100)} %`
  return resource === 'lag' ? `${Math.round(value)} ms` : String(value)
}
