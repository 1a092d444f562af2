/** What the hub of one worker knows of one link: its record, its agents, and the requests that wait for one. */

import type { TimerWheel } from '../base/timer-wheel.ts'
import type { Link } from '../domain/link.ts'
import { type CountedLink, type LinkTotals, noTotals } from '../domain/link-totals.ts'
import type { WireErrorKind } from '../http/wire-error.ts'
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
  /** Without what connections that are open have counted themselves. */
  readonly #totals = noTotals()
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

  joined(connection: HubConnection): void {
    this.connections.add(connection)
    this.#totals.connectionsMade++
  }

  /** One agent has gone. */
  left(connection: HubConnection): void {
    if (!this.connections.delete(connection)) return
    this.#lastSeenMs = this.#timers.now()
    addPeer(this.#totals, connection)
    const { goAwaySent, goAwayReceived } = connection.peer
    if (!goAwaySent && !goAwayReceived) this.#totals.connectionsLost++
  }

  /** A request has failed with this error, for good. */
  failed(kind: WireErrorKind): void {
    if (kind === 'not-allowed') this.#totals.refusedNotAllowed++
    else if (kind === 'no-agent') this.#totals.refusedNoAgent++
    else if (kind === 'pool-exhausted') this.#totals.refusedFull++
  }

  totals(): LinkTotals {
    const sum = { ...this.#totals }
    for (const connection of this.connections) addPeer(sum, connection)
    return sum
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

function addPeer(sum: CountedLink, { peer }: HubConnection): void {
  sum.bytesSent += peer.bytesSent
  sum.bytesReceived += peer.bytesReceived
  sum.streamsOpened += peer.streamsTotal
}
