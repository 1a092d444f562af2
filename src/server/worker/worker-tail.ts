/**
 * The worker's half of `postern tail`: while somebody watches, one line for each call, sent to the main thread in
 * batches. While nobody does, `tap` is undefined and a call pays one comparison.
 */

import type { TailLine } from '../../domain/tail-line.ts'
import type { ContextSource } from '../../expression/context-source.ts'
import { Invocation } from '../../invocation/invocation.ts'
import type { LinkAsk, LinkedAgents } from '../links/link-messages.ts'
import type { ItemBatch } from './worker-outlet.ts'

const BATCH_MS = 50
/** A watcher cannot read more; what comes beyond is counted instead. */
const BATCH_LINES_MAX = 1_000

export interface TailBatch {
  readonly lines: readonly TailLine[]
  /** Calls of the same time that are not among them. */
  readonly omitted: number
}

/** What a worker says without having been asked: live requests, while `tail` is on; items to export; agents of links. */
export type WorkerReport =
  | ({ readonly kind: 'tail' } & TailBatch)
  | ({ readonly kind: 'items'; readonly worker: number } & ItemBatch)
  | LinkAsk
  | LinkedAgents

export class WorkerTail {
  readonly #send: (batch: TailBatch) => void
  #lines: TailLine[] = []
  #omitted = 0
  #timer: NodeJS.Timeout | undefined

  constructor(send: (batch: TailBatch) => void) {
    this.#send = send
  }

  readonly tap = (source: ContextSource): void => {
    if (this.#lines.length < BATCH_LINES_MAX) this.#lines.push(lineOf(source))
    else this.#omitted++
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS)
  }

  #flush(): void {
    this.#timer = undefined
    const batch = { lines: this.#lines, omitted: this.#omitted }
    this.#lines = []
    this.#omitted = 0
    this.#send(batch)
  }
}

function lineOf(source: ContextSource): TailLine {
  const { integrationError } = source
  return {
    time: source.requestTimeEpoch,
    requestId: source.requestId,
    accountId: source.accountId,
    apiId: source.apiId,
    stage: source.stage,
    routeKey: source.routeKey,
    method: source.httpMethod,
    path: source.path,
    status: source.status,
    latencyMs: source.responseLatencyMs,
    integrationLatencyMs: source.integrationLatencyMs,
    responseBytes: source.responseLength,
    sourceIp: source.sourceIp,
    ...reasonOf(source),
    ...(integrationError === '' ? {} : { integrationError }),
  }
}

function reasonOf(source: ContextSource): Partial<TailLine> {
  if (!(source instanceof Invocation) || source.reason === undefined) return {}
  const { reasonCode = '', reason, refusalDetail } = source
  const detail = refusalDetail === '' ? {} : { reasonDetail: refusalDetail }
  return { reasonCode, reason: reason.sentence, ...detail, ...source.evidence }
}
