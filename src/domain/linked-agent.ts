/** An agent of a VPC link that is connected, as workers report it to the main thread: one entry a connection. */

import type { AgentName } from './link-token.ts'

export interface LinkedAgent extends AgentName {
  /** The worker that holds the connection. */
  readonly worker: number
  /** What the agent calls itself. */
  readonly label: string
  readonly version: string
  readonly remoteAddress: string
  readonly connectedAtEpochMs: number
  readonly roundTripMs: number
  readonly streamsOpen: number
  readonly streamsTotal: number
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly draining: boolean
}
