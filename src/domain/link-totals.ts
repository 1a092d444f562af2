/** What has come of a VPC link since the start, counted by each worker and reported to the main thread. */

export interface LinkTotals {
  readonly bytesSent: number
  readonly bytesReceived: number
  /** Requests, and a hello for each connection and each change of the list. */
  readonly streamsOpened: number
  readonly connectionsMade: number
  /** Neither side had said that it would end. */
  readonly connectionsLost: number
  readonly refusedNotAllowed: number
  readonly refusedNoAgent: number
  readonly refusedFull: number
}

export type LinkTotal = keyof LinkTotals

/** Counters of somebody who counts. */
export type CountedLink = { -readonly [Total in LinkTotal]: number }

export function noTotals(): CountedLink {
  return {
    ...{ bytesSent: 0, bytesReceived: 0, streamsOpened: 0 },
    ...{ connectionsMade: 0, connectionsLost: 0 },
    ...{ refusedNotAllowed: 0, refusedNoAgent: 0, refusedFull: 0 },
  }
}

export function addTotals(sum: CountedLink, totals: LinkTotals): void {
  for (const name of Object.keys(totals) as LinkTotal[]) sum[name] += totals[name]
}
