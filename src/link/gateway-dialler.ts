/**
 * Keeps one connection of the agent to each worker of one gateway.
 *
 * Workers share the port, so which one answers is chance: the agent dials again until it has all, and gives back what it
 * has twice. Failures are waited out longer each time, by chance, so that agents do not come back in one moment.
 */

import { Timer } from '../base/timer-wheel.ts'
import type { AgentConnection, ConnectionOwner } from './agent-connection.ts'
import type { GatewayAddress, LinkAgentOptions } from './contract.ts'
import type { HubHello } from './hello.ts'

const FIRST_WAIT_MS = 200
const WAIT_MAX_MS = 10_000
/** Dials for one missing worker before it becomes slow: chance finds each of n within n * ln(n) or so. */
const QUICK_DIALS_PER_WORKER = 8
const SLOW_DIAL_MS = 5_000
/** A worker that has died is replaced within seconds: so long it is looked for steadily, the quicker the more there are. */
const RETURNS_WITHIN_MS = 15_000
const RETURN_DIAL_MS = 800

/** Opens a connection; it is told to the dialler by `opened`, or its failure by `failed`. */
export type Dial = (gateway: GatewayAddress, dialler: GatewayDialler) => void

export interface DiallerOwner extends ConnectionOwner {
  readonly options: LinkAgentOptions
  readonly dial: Dial
  /** It has a connection to every worker. */
  onComplete(dialler: GatewayDialler): void
}

export class GatewayDialler {
  readonly gateway: GatewayAddress
  readonly #owner: DiallerOwner
  readonly #timer: Timer
  /** By `{gatewayId}/{worker}`. */
  readonly #serving = new Map<string, AgentConnection>()
  readonly #workers = new Map<string, number>()
  /** Connections of an older certificate: they serve until their successors do. */
  readonly #old = new Set<AgentConnection>()
  #dialling = false
  #failures = 0
  #dialsInVain = 0
  /** When a connection was lost while others of its gateway stayed. */
  #lostMs = Number.NEGATIVE_INFINITY
  #stopped = false

  constructor(gateway: GatewayAddress, owner: DiallerOwner) {
    this.gateway = gateway
    this.#owner = owner
    this.#timer = new Timer(() => this.#dialNow())
  }

  get connections(): readonly AgentConnection[] {
    return [...this.#serving.values(), ...this.#old]
  }

  start(): void {
    this.#dialNow()
  }

  /** Dials anew to everybody; what is open now goes when all have been reached. */
  replaceAll(): void {
    for (const connection of this.#serving.values()) this.#old.add(connection)
    this.#serving.clear()
    this.#workers.clear()
    this.#dialsInVain = 0
    this.#dialSoon(0)
  }

  stop(): void {
    this.#stopped = true
    this.#owner.options.timers.remove(this.#timer)
  }

  // What a dial comes to.

  failed(detail: string): void {
    this.#dialling = false
    if (this.#stopped) return
    const longest = Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** this.#failures++)
    const waitMs = longest / 2 + (this.#owner.options.random() * longest) / 2
    const { host, port } = this.gateway
    this.#owner.options.log(
      `gateway ${host}:${port}: ${detail}; next try in ${Math.round(waitMs)} ms`,
    )
    this.#dialSoon(waitMs)
  }

  greeted(connection: AgentConnection, { gatewayId, worker, workers }: HubHello): void {
    const key = `${gatewayId}/${worker}`
    if (this.#serving.get(key) === connection || this.#old.has(connection)) return
    this.#dialling = false
    this.#failures = 0
    this.#workers.set(gatewayId, workers)
    const present = this.#serving.get(key)
    if (this.#stopped) connection.drain()
    else if (present === undefined) {
      this.#dialsInVain = 0
      this.#serving.set(key, connection)
    } else {
      this.#dialsInVain++
      connection.drain()
    }
    this.#next()
  }

  gone(connection: AgentConnection, detail: string): void {
    if (this.#old.delete(connection)) return
    if (connection.hello === undefined) {
      this.failed(detail)
      return
    }
    if (this.#leave(connection)) this.#dialSoon(this.#owner.options.random() * FIRST_WAIT_MS)
  }

  /** The hub takes no new streams on it. */
  leaving(connection: AgentConnection): void {
    if (this.#leave(connection)) {
      this.#old.add(connection)
      this.#dialSoon(this.#owner.options.random() * FIRST_WAIT_MS)
    }
  }

  #leave(connection: AgentConnection): boolean {
    for (const [key, one] of this.#serving) {
      if (one !== connection) continue
      this.#serving.delete(key)
      const gatewayId = connection.hello!.gatewayId
      const others = [...this.#serving.keys()].some((other) => other.startsWith(`${gatewayId}/`))
      if (others) this.#lostMs = this.#owner.options.timers.now()
      else this.#workers.delete(gatewayId)
      this.#dialsInVain = 0
      return true
    }
    return false
  }

  #next(): void {
    let missing = 0
    for (const count of this.#workers.values()) missing += count
    missing -= this.#serving.size
    if (missing <= 0) {
      for (const connection of this.#old) connection.drain()
      this.#owner.onComplete(this)
      return
    }
    this.#dialSoon(
      this.#pauseMs(missing + this.#serving.size) * (0.5 + this.#owner.options.random()),
    )
  }

  /** Before the next dial, which is answered by one of so many workers. */
  #pauseMs(workers: number): number {
    const sinceMs = this.#owner.options.timers.now() - this.#lostMs
    if (sinceMs < RETURNS_WITHIN_MS) return RETURN_DIAL_MS / workers
    return this.#dialsInVain < QUICK_DIALS_PER_WORKER * workers ? 0 : SLOW_DIAL_MS
  }

  #dialSoon(waitMs: number): void {
    if (this.#stopped || this.#dialling) return
    this.#owner.options.timers.set(this.#timer, Math.max(1, waitMs))
  }

  #dialNow(): void {
    if (this.#stopped || this.#dialling) return
    this.#dialling = true
    this.#owner.dial(this.gateway, this)
  }
}
