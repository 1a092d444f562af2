/**
 * Sends items to a collector in batches: one request at a time, retried with growing pauses, from a queue with a bound.
 *
 * Whatever the other end does, `take` returns at once and the queue keeps its bound: what does not fit is dropped and
 * counted, and so is a batch that the other end refuses for good or that was tried for too long. Pauses honour
 * Retry-After (https://opentelemetry.io/docs/specs/otlp/#failures-1). Runs in the main thread, never beside requests.
 */

export interface SendResult {
  /** 0: no answer came. */
  readonly status: number
  /** As the other end asked; undefined: it did not. */
  readonly retryAfterMs: number | undefined
  /** Why, in words without secrets; '' for a success. */
  readonly reason: string
  /** Items of a batch that was taken which the other end did not want; they are not sent again. */
  readonly rejected?: number
}

export interface BatchSenderOptions {
  /** Sends the batch; resolves with what became of it and never rejects. */
  readonly send: (items: readonly string[]) => Promise<SendResult>
  /** Returns how to call it off. */
  readonly after: (delayMs: number, action: () => void) => () => void
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  readonly limits: SenderLimits
  /** Hears once when sending begins to fail, and once when it works again. */
  readonly onChange: (failing: string | undefined) => void
}

export interface SenderLimits {
  /** Characters that may wait. */
  readonly queueCharacters: number
  readonly batchItems: number
  readonly batchCharacters: number
  /** How long items may wait for company. */
  readonly delayMs: number
  /** How long one batch is tried. */
  readonly retryMs: number
}

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
/** Another end that asks for more has gone for our purpose. */
const RETRY_AFTER_MAX_MS = 300_000
const RETRYABLE = new Set([0, 408, 429, 502, 503, 504])

export class BatchSender {
  /** Items that the other end has taken. */
  sent = 0
  /** Items that were given up. */
  dropped = 0
  /** Requests that failed, each try counted. */
  failures = 0
  readonly #options: BatchSenderOptions
  #queue: string[] = []
  #waitingCharacters = 0
  #sending = false
  #failing = false
  /** Tries that failed since one worked, of whatever batch. */
  #failedInARow = 0
  #closed = false
  #cancel: (() => void) | undefined
  #whenIdle: (() => void)[] = []

  constructor(options: BatchSenderOptions) {
    this.#options = options
  }

  /** Characters of what waits, the batch under way included. */
  get waitingCharacters(): number {
    return this.#waitingCharacters
  }

  take(items: readonly string[]): void {
    const { queueCharacters, batchItems, delayMs } = this.#options.limits
    for (const item of items) {
      if (this.#closed || this.#waitingCharacters + item.length > queueCharacters) {
        this.dropped++
        continue
      }
      this.#queue.push(item)
      this.#waitingCharacters += item.length
    }
    if (this.#sending || this.#queue.length === 0) return
    if (this.#queue.length >= batchItems) this.#sendNext()
    else this.#cancel ??= this.#options.after(delayMs, () => this.#sendNext())
  }

  /** Sends what waits, for at most that long; the rest is dropped and counted. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#closed) return
    if (!this.#sending) this.#sendNext()
    if (this.#sending) await this.#untilIdle(timeoutMs)
    this.#closed = true
    this.dropped += this.#queue.length
    this.#queue = []
    this.#waitingCharacters = 0
    this.#cancel?.()
  }

  #untilIdle(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.after(timeoutMs, resolve)
      this.#whenIdle.push(() => {
        cancel()
        resolve()
      })
    })
  }

  #sendNext(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const batch = this.#nextBatch()
    if (batch.length === 0) {
      this.#sending = false
      for (const resolve of this.#whenIdle.splice(0)) resolve()
      return
    }
    this.#sending = true
    void this.#try(batch, this.#options.now())
  }

  #nextBatch(): readonly string[] {
    const { batchItems, batchCharacters } = this.#options.limits
    let characters = 0
    let items = 0
    while (items < this.#queue.length && items < batchItems) {
      characters += this.#queue[items]!.length
      if (items > 0 && characters > batchCharacters) break
      items++
    }
    return this.#queue.slice(0, items)
  }

  async #try(batch: readonly string[], sinceMs: number): Promise<void> {
    const { send, now, limits, after } = this.#options
    const result = await send(batch)
    if (this.#closed) return
    if (result.status >= 200 && result.status < 300) {
      const rejected = Math.min(result.rejected ?? 0, batch.length)
      this.sent += batch.length - rejected
      this.dropped += rejected
      this.#failedInARow = 0
      this.#say(undefined)
      this.#done(batch)
      return
    }
    this.failures++
    this.#say(result.reason)
    if (!RETRYABLE.has(result.status)) {
      this.dropped += batch.length
      this.#done(batch)
      return
    }
    const pauseMs = this.#pause(result)
    const isGivenUp = now() + pauseMs - sinceMs > limits.retryMs
    if (isGivenUp) {
      this.dropped += batch.length
      this.#forget(batch)
    }
    this.#cancel = after(pauseMs, () =>
      isGivenUp ? this.#sendNext() : void this.#try(batch, sinceMs),
    )
  }

  /** Between half and all of a pause that doubles each time; what the other end asks for comes first. */
  #pause({ retryAfterMs }: SendResult): number {
    const attempt = this.#failedInARow++
    if (retryAfterMs !== undefined) return Math.min(retryAfterMs, RETRY_AFTER_MAX_MS)
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS)
    return longest * (0.5 + this.#options.random() / 2)
  }

  #done(batch: readonly string[]): void {
    this.#forget(batch)
    this.#sendNext()
  }

  #forget(batch: readonly string[]): void {
    this.#queue.splice(0, batch.length)
    for (const item of batch) this.#waitingCharacters -= item.length
  }

  #say(reason: string | undefined): void {
    if (this.#failing === (reason !== undefined)) return
    this.#failing = reason !== undefined
    this.#options.onChange(reason)
  }
}
