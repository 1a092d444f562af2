/** What one run of `front.ts` has measured. */
export interface LinkSample {
  /** CPU per request in µs: of the caller alone, and of the caller and the agent. */
  readonly direct: number
  readonly link: number
  readonly directP50Ms: number
  readonly linkP50Ms: number
  /** Requests that were under way at once, and the time until all were answered. */
  readonly manyOpen: number
  readonly manyMs: number
  readonly bulkMBPerSecond: number
  readonly directBulkMBPerSecond: number
}
