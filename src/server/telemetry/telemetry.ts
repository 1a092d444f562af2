/**
 * The main thread's half of every export: takes the batches of the workers and hands each to the exporter of its
 * channel, which queues, sends and retries. Loaded when the settings name somewhere to send to.
 */

import { systemClock } from '../../base/clock.ts'
import { systemRandom } from '../../base/random.ts'
import type { Limits } from '../../domain/limits.ts'
import { BatchSender } from '../../observability/export/batch-sender.ts'
import { HttpPoster, type PostTarget } from '../../observability/export/http-post.ts'
import type { ProgramLog } from '../program-log.ts'
import { originLimits } from '../worker/origin-limits.ts'
import type { ItemBatch } from '../worker/worker-outlet.ts'

/** Sends items somewhere; never makes its caller wait. */
export interface Exporter {
  readonly sent: number
  readonly dropped: number
  readonly failures: number
  take(items: readonly string[]): void
  close(timeoutMs: number): Promise<void>
}

const DELAY_MS = 1_000
const BATCH_ITEMS = 512
const BATCH_CHARACTERS = 1_048_576

export class Telemetry {
  readonly #exporters = new Map<string, Exporter>()

  add(channel: string, exporter: Exporter): void {
    this.#exporters.set(channel, exporter)
  }

  /** By channel. */
  get exporters(): ReadonlyMap<string, Exporter> {
    return this.#exporters
  }

  /** `unreceived` counts what the worker has posted and nobody has taken. */
  receive({ channel, items, characters }: ItemBatch, unreceived: SharedArrayBuffer): void {
    Atomics.sub(new Int32Array(unreceived), 0, characters)
    this.#exporters.get(channel)?.take(items)
  }

  /** Sends what waits, for at most that long. */
  async close(timeoutMs: number): Promise<void> {
    await Promise.all([...this.#exporters.values()].map((exporter) => exporter.close(timeoutMs)))
  }
}

export interface HttpExporterOptions {
  /** What is sent, for messages: `traces`. */
  readonly what: string
  readonly target: PostTarget
  /** The body of one request. */
  readonly body: (items: readonly string[]) => string
  readonly limits: Limits
  readonly log: ProgramLog
}

/** An exporter that POSTs; says once when it begins to fail and once when it works again. */
export function httpExporter({ what, target, body, limits, log }: HttpExporterOptions): Exporter {
  const poster = new HttpPoster(target, systemClock, originLimits(limits))
  const { origin } = new URL(target.url)
  const sender = new BatchSender({
    send: (items) => poster.post(body(items)),
    after: (delayMs, action) => {
      const timer = setTimeout(action, delayMs)
      return () => clearTimeout(timer)
    },
    now: () => systemClock.now(),
    random: systemRandom,
    limits: {
      queueCharacters: limits.exportQueueBytes,
      batchItems: BATCH_ITEMS,
      batchCharacters: BATCH_CHARACTERS,
      delayMs: DELAY_MS,
      retryMs: limits.exportRetryMs,
    },
    onChange: (failing) => {
      if (failing === undefined) log.info(`${what} reach ${origin} again`)
      else log.warn(`${what} do not reach ${origin} (${failing}): they wait, then they are dropped`)
    },
  })
  return {
    get sent() {
      return sender.sent
    },
    get dropped() {
      return sender.dropped
    },
    get failures() {
      return sender.failures
    },
    take: (items) => sender.take(items),
    close: async (timeoutMs) => {
      await sender.close(timeoutMs)
      poster.close()
    },
  }
}
