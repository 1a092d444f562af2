/** What the hub of one worker knows of one link: its record, its agents, and the requests that wait for one. */

import type { TimerWheel } from '../base/timer-wheel.ts'
import type { Link } from '../domain/link.ts'
import type { HubCall } from './hub-call.ts'
import type { HubConnection } from './hub-connection.ts'

/** An agent that was here so recently may be restarting, or this gateway has just started: requests wait for it. */
const COMES_BACK_WITHIN_MS = 30_000
/** More than any connection has: whoever may be gone is asked last. */
const SUSPECT_LOAD = 1_000_000

export class LinkState {
  /** Undefined: there is no such link, or none any more. */
  link: Link | undefined
  readonly connections = new Set<HubConnection>()
  readonly waiting = new Set<HubCall>()
  readonly #timers: TimerWheel
  /** Of a worker that takes a dead one's place, or of a gateway that has started again, it is young. */
  readonly #bornMs: number
  #lastSeenMs: number | undefined

  constructor(timers: TimerWheel) {
    this.#timers = timers
    this.#bornMs = timers.now()
  }

  /** Of the agents that have room and answer their pings the one with the fewest requests under way; else of all. */
  pick(): HubConnection | undefined {
    let best: HubConnection | undefined
    let fewest = Number.POSITIVE_INFINITY
    for (const connection of this.connections) {
      const { streams, suspect } = connection.peer
      const load = suspect ? SUSPECT_LOAD + streams.size : streams.size
      if (load < fewest && connection.room > 0) {
        best = connection
        fewest = load
      }
    }
    return best
  }

  /** One agent has gone. */
  left(connection: HubConnection): void {
    if (this.connections.delete(connection)) this.#lastSeenMs = this.#timers.now()
  }

  /** Whether waiting for an agent makes sense. */
  mayComeBack(): boolean {
    if (this.connections.size > 0) return true
    const sinceMs = this.#lastSeenMs ?? (this.link?.hasAgents ? this.#bornMs : undefined)
    return sinceMs !== undefined && this.#timers.now() - sinceMs <= COMES_BACK_WITHIN_MS
  }

  /** There is room: who waits longest goes first. */
  serveWaiting(): void {
    for (const call of this.waiting) {
      const connection = this.pick()
      if (connection === undefined) return
      this.waiting.delete(call)
      call.origin.dispatch(call, connection)
    }
  }
}
