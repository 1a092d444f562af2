/**
 * What every client connection of one listener shares: limits, the handler, the timers and the counters.
 */

import type { TimerWheel } from '../../base/timer-wheel.ts'
import type { ClientConnection, ExchangeHandler } from '../exchange.ts'
import type { WireError, WireErrorKind } from '../wire-error.ts'

/** Limits of the HTTP server; numbers come from `domain/limits.ts`. */
export interface HttpServerLimits {
  readonly headBytes: number
  readonly headerCount: number
  readonly bodyBytes: number
  readonly chunkHeadBytes: number
  readonly chunkExtensionBytes: number
  readonly trailerBytes: number
  readonly headTimeoutMs: number
  readonly bodyTimeoutMs: number
  /** Bytes a second; below it a body is stalled even if single bytes trickle in. */
  readonly bodyBytesPerSecondMin: number
  readonly writeTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  /** A client that has closed its sending side and takes nothing of its response for this long counts as gone. */
  readonly halfClosedTimeoutMs: number
  readonly connections: number
}

/** The answer to a request that never became an exchange. */
export interface Refusal {
  readonly status: number
  /** Header block without framing fields. */
  readonly headers: string
  readonly body: string
}

/** Counters of one listener; the worker publishes them. */
export class ServerStats {
  connectionsOpen = 0
  connectionsAccepted = 0
  requests = 0
  /** Requests and connections refused by the engine, by kind. */
  readonly refused = new Map<WireErrorKind, number>()

  countRefusal(kind: WireErrorKind): void {
    this.refused.set(kind, (this.refused.get(kind) ?? 0) + 1)
  }
}

/** A client connection (HTTP/1) or session (HTTP/2), as far as a listener that is closing needs it. */
export interface OpenConnection {
  readonly client: ClientConnection
  /** Closes as soon as nothing is in flight: at once when idle, else after the current response (GOAWAY for HTTP/2). */
  drain(): void
  /** The same, but who has not asked for anything yet may do so first. */
  spare(): void
  destroy(): void
}

export interface ListenAddress {
  readonly port: number
  /** Undefined: every address of the machine. */
  readonly host?: string
  /** Share the port with other threads; the kernel spreads the connections. */
  readonly reusePort?: boolean
}

/** A port that answers HTTP: `http-server.ts` (plain) or `tls-server.ts`. */
export interface HttpListener {
  /** Resolves to the port that is bound; rejects with Node's error (`EADDRINUSE` …). */
  listen(address: ListenAddress): Promise<number>
  /** Stops accepting, lets what is in flight end, resolves when no connection is left. */
  drain(): Promise<void>
  /** Breaks whatever is still open. */
  destroy(): void
  /** False: connections that come are closed unseen, until it is true again. */
  admit(open: boolean): void
  /** Some more of the connections end when nothing is in flight on them: at most so many that were not asked yet. */
  spare(count: number): void
}

export interface ServerContext {
  readonly limits: HttpServerLimits
  readonly handle: ExchangeHandler
  readonly refusal: (error: WireError) => Refusal
  readonly timers: TimerWheel
  readonly stats: ServerStats
  /** Every open connection of the listener; connections add and remove themselves. */
  readonly connections: Set<OpenConnection>
  /** True from the beginning of a drain: every response says `connection: close`. */
  draining: boolean
  /** True while the worker has too much to do: connections end with their next response. */
  sparing: boolean
}
