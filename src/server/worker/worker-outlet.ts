// hot path — see STYLE §8
/**
 * The worker's half of every export: finished items (spans, segments, log lines) go to the main thread in batches, and
 * everything that takes time happens there.
 *
 * `put` never waits and its memory has a bound: what the main thread has not received yet is counted in shared memory,
 * and beyond the bound items are dropped and counted. So neither a collector that is down nor a busy main thread shows
 * in a request.
 */

/** Items of one kind; `channel` says where they go. */
export interface ItemBatch {
  readonly channel: string
  readonly items: readonly string[]
  readonly characters: number
}

/** Memory that the two threads share: the characters that were posted and not received. */
export function newOutletMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
}

const BATCH_MS = 200
const BATCH_ITEMS_MAX = 256
const BATCH_CHARACTERS_MAX = 262_144

interface OpenBatch {
  items: string[]
  characters: number
}

export class WorkerOutlet {
  readonly #unreceived: Int32Array
  readonly #charactersMax: number
  readonly #post: (batch: ItemBatch) => void
  readonly #open = new Map<string, OpenBatch>()
  readonly #droppedBy = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(memory: SharedArrayBuffer, charactersMax: number, post: (batch: ItemBatch) => void) {
    this.#unreceived = new Int32Array(memory)
    this.#charactersMax = charactersMax
    this.#post = post
  }

  /** Takes one item; false: it was dropped. */
  put(channel: string, item: string): boolean {
    let batch = this.#open.get(channel)
    if (batch === undefined) {
      batch = { items: [], characters: 0 }
      this.#open.set(channel, batch)
    }
    const waiting = Atomics.load(this.#unreceived, 0) + batch.characters
    if (waiting + item.length > this.#charactersMax) {
      this.#droppedBy.set(channel, this.dropped(channel) + 1)
      return false
    }
    batch.items.push(item)
    batch.characters += item.length
    if (batch.items.length >= BATCH_ITEMS_MAX || batch.characters >= BATCH_CHARACTERS_MAX) {
      this.#send(channel, batch)
    } else this.#timer ??= setTimeout(() => this.flush(), BATCH_MS).unref()
    return true
  }

  dropped(channel: string): number {
    return this.#droppedBy.get(channel) ?? 0
  }

  /** Sends what waits for company. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const [channel, batch] of this.#open)
      if (batch.items.length > 0) this.#send(channel, batch)
  }

  #send(channel: string, batch: OpenBatch): void {
    const { items, characters } = batch
    Atomics.add(this.#unreceived, 0, characters)
    batch.items = []
    batch.characters = 0
    this.#post({ channel, items, characters })
  }
}
