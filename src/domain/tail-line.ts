/** One live request, as `postern tail` shows it. Plain data: it crosses from a worker to the control port. */

export interface TailLine {
  /** When its head was complete, milliseconds since the epoch. */
  readonly time: number
  readonly requestId: string
  /** That the API belongs to. */
  readonly accountId: string
  readonly apiId: string
  readonly stage: string
  /** '' when no route matched. */
  readonly routeKey: string
  readonly method: string
  /** As the client addressed it, without the query. */
  readonly path: string
  /** 0: it ended without an answer. */
  readonly status: number
  /** Milliseconds; -1: unfinished. */
  readonly latencyMs: number
  /** -1: no integration was called. */
  readonly integrationLatencyMs: number
  readonly responseBytes: number
  readonly sourceIp: string
  /** Why the gateway itself answered: a code of docs/reference/errors.md and its sentence. */
  readonly reasonCode?: string
  readonly reason?: string
  /** The figures or names of this case, where the reason has some. */
  readonly reasonDetail?: string
  readonly integrationError?: string
  /** On what grounds: the rule, the value seen, what would have passed; `postern tail --why`. */
  readonly rule?: string
  readonly seen?: string
  readonly passes?: string
}
