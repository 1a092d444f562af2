/**
 * A group under seeded faults, without a socket: targets fall ill and get well, refuse, break off, answer 500, drain and
 * leave, while callers come; time is the test's. Whatever happens, the promises of the group hold.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TimerWheel } from '../base/timer-wheel.ts'
import type { Target, TargetGroup } from '../domain/target-group.ts'
import type { Origin, OriginExchange } from '../http/client/origin.ts'
import type { OriginLimits, OriginListener, OriginRequest } from '../http/client/origin-request.ts'
import { ResponseHead } from '../http/message/response-head-parser.ts'
import { type WireError, wireError } from '../http/wire-error.ts'
import { compileListener, ListenerOrigin } from './listener-origin.ts'
import { RESERVE } from './retry-budget.ts'
import { CELL, FIGURE, HEALTH } from './target-cells.ts'
import { BalancedGroup } from './target-group.ts'
import { allocateTargets, TargetTable } from './target-memory.ts'

const TARGETS = 6
const CAP = 4
/** Tenths of a second that a group may take to notice that time has passed. */
const TICK = 1
const PANIC = 0.34
const EJECTED_SHARE = 0.5
const LIMITS: OriginLimits = {
  ...{ headBytes: 8_192, headerCount: 32, chunkHeadBytes: 64, chunkExtensionBytes: 64 },
  ...{
    trailerBytes: 64,
    connections: 8,
    waiting: 8,
    connectTimeoutMs: 1_000,
    idleTimeoutMs: 1_000,
  },
}

/** xorshift32: 0 to 1, without 1. */
function randomFrom(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 4_294_967_296
  }
}

type Fault = 'none' | 'status' | 'refused' | 'unanswered' | 'midway'

class World {
  readonly random: () => number
  ms = 1_000
  readonly timers: TimerWheel
  readonly table: TargetTable
  readonly group: BalancedGroup
  readonly balancer: ListenerOrigin
  readonly open: Exchange[] = []
  readonly deeds = { requests: 0, repeated: 0, ended: 0, panicked: 0 }
  document: TargetGroup
  #row = TARGETS * 3

  constructor(seed: number, algorithm: TargetGroup['algorithm']) {
    this.random = randomFrom(seed)
    const clock = { now: () => this.ms, epochMs: () => this.ms }
    this.timers = new TimerWheel(clock)
    this.table = new TargetTable(allocateTargets(4_096, 1), 0, clock)
    this.document = groupOf(algorithm)
    this.group = new BalancedGroup(this.document, {
      ...{ table: this.table, timers: this.timers, random: this.random, row: 0 },
      partsOf: ({ host }) => {
        const row = this.#row++
        this.table.set(row, CELL.health, HEALTH.healthy)
        return { row, origin: new FakeOrigin(this, row), id: `${host}`, table: this.table }
      },
    })
    this.group.update(this.document)
    const rules = compileListener(LISTENER, () => this.group, LIMITS)
    this.balancer = new ListenerOrigin({
      ...{ listenerArn: 'l', limits: LIMITS, table: this.table, now: () => this.ms },
    })
    this.balancer.rules = rules
  }

  chance(share: number): boolean {
    return this.random() < share
  }

  pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.random() * all.length)]!
  }

  setHealth(row: number, health: number): void {
    this.table.set(row, CELL.health, health)
    this.table.add(0, CELL.version, 1)
  }

  /** The group is well enough not to use targets that are not, and has been for a tick of its timer. */
  get isWell(): boolean {
    const members = this.group.targets.filter(({ draining }) => !draining)
    const well = members.filter((target) => this.isFit(target.row, TICK))
    return well.length > 0 && well.length >= PANIC * members.length
  }

  isFit(row: number, tenthsAgo = 0): boolean {
    return (
      this.table.get(row, CELL.health) === HEALTH.healthy &&
      this.table.get(row, CELL.ejectedUntil) <= this.table.now() - tenthsAgo
    )
  }

  async step(): Promise<void> {
    const what = this.random()
    if (what < 0.55) new Caller(this).ask()
    else if (what < 0.85)
      this.open.splice(Math.floor(this.random() * this.open.length), 1)[0]?.end()
    else if (what < 0.9) this.#changeHealth()
    else if (what < 0.92) this.#changeTargets()
    else {
      this.ms += Math.floor(this.random() * 400)
      this.timers.advance()
    }
    await Promise.resolve()
    await Promise.resolve()
    this.check()
  }

  check(): void {
    const out = this.group.targets.filter(
      ({ row, draining }) => !draining && this.table.get(row, CELL.ejectedUntil) > this.table.now(),
    ).length
    for (const { row } of this.group.targets) {
      const load = this.table.get(row, CELL.inFlight)
      assert(load >= 0 && load <= CAP, `${load} under way`)
    }
    const { requests, repeated } = this.deeds
    assert(repeated <= requests * 0.2 + RESERVE, `${repeated} of ${requests} repeated`)
    // Members may have left since: those that are out now were as many as allowed when they were put out.
    assert(out <= Math.ceil(EJECTED_SHARE * TARGETS), `${out} are out`)
  }

  #changeHealth(): void {
    const { row } = this.pick(this.group.targets)
    this.setHealth(row, this.chance(0.4) ? HEALTH.unhealthy : HEALTH.healthy)
  }

  #changeTargets(): void {
    const [first, ...rest] = this.document.targets
    const fresh = targetOf(this.#row)
    const targets = first!.draining ? [...rest, fresh] : [{ ...first!, draining: true }, ...rest]
    this.document = { ...this.document, targets }
    this.group.update(this.document)
  }
}

/** Asks once, and has to hear once what became of it. */
class Caller implements OriginListener {
  readonly world: World
  readonly request: OriginRequest
  /** Targets that may have acted on it. */
  reached = 0
  heard = 0
  /** An answer has begun, or the body has. */
  begun = false

  constructor(world: World) {
    this.world = world
    const method = world.pick(['GET', 'POST', 'PUT'])
    this.request = {
      ...{ method, head: `${method} / HTTP/1.1\r\nhost: a\r\n\r\n`, body: undefined },
      ...{ streamedBodyBytes: undefined, responseTimeoutMs: 60_000, idleTimeoutMs: 60_000 },
      caller: Object.assign(this, {
        ...{ sourceIp: '192.0.2.1', integrationStartedMs: world.ms, replyHeaders: '' },
        ...{ balanced: undefined, linked: undefined },
      }),
    }
  }

  ask(): void {
    this.world.deeds.requests++
    const exchange = this.world.balancer.send(this.request, this)
    if (this.world.chance(0.1)) {
      exchange.bodyStarted = true
      this.begun = true
    }
  }

  onResponse(_head: ResponseHead, _body: Buffer, complete: boolean): void {
    assert.equal(this.heard, 0)
    if (complete) this.#end()
  }
  onResponseData(): void {}
  onResponseEnd(): void {
    this.#end()
  }
  onRequestDrain(): void {}
  onOriginError(_error: WireError): void {
    this.#end()
  }

  #end(): void {
    this.heard++
    assert.equal(this.heard, 1, 'an end is told once')
    this.world.deeds.ended++
  }
}

class FakeOrigin implements Origin {
  readonly limits = LIMITS
  readonly #world: World
  readonly #row: number

  constructor(world: World, row: number) {
    this.#world = world
    this.#row = row
  }

  send(request: OriginRequest, listener: OriginListener): OriginExchange {
    const world = this.#world
    const caller = request.caller as unknown as Caller
    assert(!caller.begun, 'what was begun is not sent again')
    if (world.isWell) {
      assert(world.isFit(this.#row), 'nobody is sent to a target that is not well while others are')
    } else world.deeds.panicked++
    if (caller.reached > 0) {
      assert.notEqual(request.method, 'POST', 'a POST that may have been acted on is not repeated')
      world.deeds.repeated++
    }
    const exchange = new Exchange(world, request, listener)
    world.open.push(exchange)
    return exchange
  }
}

class Exchange implements OriginExchange {
  readonly request: OriginRequest
  bodyStarted = false
  readonly canWrite = true
  readonly #world: World
  readonly #listener: OriginListener
  #over = false

  constructor(world: World, request: OriginRequest, listener: OriginListener) {
    this.#world = world
    this.request = request
    this.#listener = listener
  }

  /** In one of the ways in which calls end. */
  end(): void {
    if (this.#over) return
    const fault: Fault = this.#world.chance(0.6)
      ? 'none'
      : this.#world.pick(['status', 'refused', 'unanswered', 'midway'])
    const caller = this.request.caller as unknown as Caller
    this.#over = fault !== 'midway'
    if (fault === 'refused') this.#fail('connect-refused', 'never')
    else if (fault === 'unanswered') {
      caller.reached++
      this.#fail('closed', 'elsewhere')
    } else {
      caller.begun = true
      const head = new ResponseHead(4)
      head.status = fault === 'status' ? 500 : 200
      this.#listener.onResponse(head, Buffer.alloc(0), fault !== 'midway')
      if (fault === 'midway' && !this.#over) {
        this.#over = true
        this.#fail('closed', 'never')
      }
    }
  }

  writeBody(): boolean {
    return true
  }
  endBody(): void {}
  pauseResponse(): void {}
  resumeResponse(): void {}
  abort(): void {
    this.#over = true
  }

  #fail(kind: WireError['kind'], retry: WireError['retry']): void {
    this.#listener.onOriginError(wireError(kind, 'origin', retry, 'seeded'))
  }
}

const LISTENER = {
  ...{ arn: 'l', port: 80 },
  protocol: 'HTTP',
  rules: [
    {
      arn: 'r',
      conditions: [],
      action: { type: 'forward', targetGroups: [{ arn: 'g', weight: 1 }] },
    },
  ],
} as const

function targetOf(number: number): Target {
  return { host: `target-${number}`, port: 80, weight: 1 + (number % 3), draining: false }
}

function groupOf(algorithm: TargetGroup['algorithm']): TargetGroup {
  return {
    ...{ arn: 'g', name: 'g', algorithm },
    protocol: 'HTTP',
    targets: Array.from({ length: TARGETS }, (_, i) => targetOf(i)),
    healthCheck: {
      protocol: 'TCP',
      ...{ enabled: true, path: '/', intervalMs: 1_000, timeoutMs: 500 },
      ...{ healthyThreshold: 2, unhealthyThreshold: 2, matcher: '200' },
    },
    outlierDetection: {
      ...{ consecutive5xx: 3, intervalMs: 1_000, baseEjectionMs: 2_000 },
      ...{ ejectedShareMax: EJECTED_SHARE, successRateDeviations: 0 },
    },
    ...{ slowStartMs: 3_000, deregistrationDelayMs: 1_500, panicThreshold: PANIC },
    ...{ targetConcurrencyMax: CAP, retryBudget: 0.2 },
  }
}

const ALGORITHMS = [
  'round_robin',
  'least_outstanding_requests',
  'weighted_random',
  'power_of_two_choices',
] as const

for (const algorithm of ALGORITHMS) {
  test(`${algorithm}: 40 seeds of 600 steps keep every promise`, async () => {
    const sums = { repeated: 0, ejections: 0 }
    for (let seed = 1; seed <= 40; seed++) {
      const world = new World(seed * 7_919, algorithm)
      try {
        for (let i = 0; i < 600; i++) await world.step()
        while (world.open.length > 0) {
          world.open.shift()!.end()
          await Promise.resolve()
        }
        await Promise.resolve()
        assert.equal(world.deeds.ended, world.deeds.requests, 'everybody has heard')
        for (let row = 0; row < 4_096; row++) {
          assert.equal(world.table.get(row, CELL.inFlight), 0, 'nothing is under way')
          sums.ejections += world.table.total(row, FIGURE.ejections)
        }
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
      } finally {
        world.timers.stop()
      }
      sums.repeated += world.deeds.repeated
    }
    assert(
      sums.repeated > 100 && sums.ejections > 20,
      `something happened: ${JSON.stringify(sums)}`,
    )
  })
}
