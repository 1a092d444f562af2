/**
 * Reads truststores again when they have changed, for the domain names that name them: one look and one read a place,
 * however many names share it.
 *
 * A change is taken once two looks, a moment apart, say the same, so no file is read half written. One that cannot be
 * used leaves in force what was read before, and says so: in the log, to the metrics, and among the warnings of each domain
 * name, where `aws` and `postern doctor` find it. Clocks, sources and the store are handed in.
 */

import { messageOf } from '../base/message-of.ts'
import type { ReadTruststore, Truststore, TruststorePlace } from './truststore.ts'

/** A domain name's truststore as it is in force. */
export interface KeptTruststore extends TruststorePlace {
  readonly domainName: string
  /** Of what was read. */
  readonly version: string | undefined
  readonly warnings: readonly string[]
}

/** `trust` undefined: what is in force stays. */
export interface TruststoreNews {
  readonly trust: Truststore['trust'] | undefined
  readonly warnings: readonly string[]
}

export interface TruststoreReloadParts<Kept extends KeptTruststore> {
  readonly list: () => Promise<readonly Kept[]>
  /** A word that changes whenever the place does. Rejects with a reason for operators. */
  readonly look: (place: TruststorePlace, known: string | undefined) => Promise<string>
  readonly read: ReadTruststore
  /** Resolves to true when it is in force, to false where a call has meanwhile changed what was listed. */
  readonly keep: (kept: Kept, news: TruststoreNews) => Promise<boolean>
  readonly intervalMs: number
  /** Returns how to call it off. */
  readonly after: (delayMs: number, action: () => void) => () => void
  readonly log: { info(message: string): void; warn(message: string): void }
}

/** Longer than anybody takes between two writes to one small file. */
const SETTLE_MS = 1_000
const LOOKS_AT_ONCE = 8
/** How the warning begins that stands in for those of the truststore. */
const NOT_READ = 'Not read again, what was read before counts:'

interface Place {
  /** What the last look said, if what it led to was read; undefined: read it. */
  mark: string | undefined
  version: string | undefined
  /** Why what is there now is not in force. */
  failure: string | undefined
}

export class TruststoreReload<Kept extends KeptTruststore = KeptTruststore> {
  readonly #parts: TruststoreReloadParts<Kept>
  readonly #places = new Map<string, Place>()
  /** Domain name → whether its truststore could not be read again. */
  #stale: ReadonlyMap<string, boolean> = new Map()
  readonly #wakes = new Set<() => void>()
  #cancel = () => {}
  #running: Promise<void> | undefined
  #ended = false

  constructor(parts: TruststoreReloadParts<Kept>) {
    this.#parts = parts
  }

  /** By domain name: whether what is in force is older than what could not be used. */
  get stale(): ReadonlyMap<string, boolean> {
    return this.#stale
  }

  /** One round now, and then again and again. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = undefined
      if (this.#ended) return
      this.#cancel()
      this.#cancel = this.#parts.after(this.#parts.intervalMs, () => void this.run())
    })
    return this.#running
  }

  /** What is under way ends. */
  async close(): Promise<void> {
    this.#ended = true
    this.#cancel()
    for (const wake of this.#wakes) wake()
    await this.#running
  }

  async #round(): Promise<void> {
    try {
      const shared = Map.groupBy(await this.#parts.list(), placeKey)
      for (const key of this.#places.keys()) if (!shared.has(key)) this.#places.delete(key)
      const queue = shared.entries()
      const lanes = Array.from({ length: LOOKS_AT_ONCE }, () => this.#lookAtEach(queue))
      await Promise.all(lanes)
      this.#stale = staleOf(shared, this.#places)
    } catch (error) {
      this.#parts.log.warn(`truststores are not looked at: ${messageOf(error)}`)
    }
  }

  async #lookAtEach(queue: Iterable<[string, Kept[]]>): Promise<void> {
    for (const [key, sharing] of queue) {
      if (this.#ended) return
      const place = this.#places.get(key) ?? newPlace()
      this.#places.set(key, place)
      try {
        await this.#lookAt(place, sharing)
      } catch (error) {
        await this.#fail(place, sharing, messageOf(error))
      }
    }
  }

  async #lookAt(place: Place, sharing: readonly Kept[]): Promise<void> {
    const { look, read, log } = this.#parts
    const [{ uri, objectVersion }] = sharing as readonly [Kept]
    const mark = await look({ uri, objectVersion }, place.mark)
    const isRead = sharing.every(({ version }) => version === place.version)
    if (mark === place.mark && isRead && place.failure === undefined) return
    await this.#pause()
    if (this.#ended || (await look({ uri, objectVersion }, mark)) !== mark) return
    const { trust, warnings } = await read({ uri, objectVersion })
    for (const kept of sharing) {
      const isNew = kept.version !== trust.version
      if (!isNew && sameTexts(kept.warnings, warnings)) continue
      const isKept = await this.#parts.keep(kept, { trust: isNew ? trust : undefined, warnings })
      if (isNew && isKept)
        log.info(`the truststore ${uri} has changed: in force for ${kept.domainName}`)
    }
    if (place.failure !== undefined) log.info(`the truststore ${uri} can be used again`)
    Object.assign(place, { mark, version: trust.version, failure: undefined } satisfies Place)
  }

  /**
   * Logged when it begins and when the reason changes. Domain names are told the first reason only: one that changes with
   * every round would write with every round.
   */
  async #fail(place: Place, sharing: readonly Kept[], reason: string): Promise<void> {
    const [{ uri }] = sharing as readonly [Kept]
    const { keep, log } = this.#parts
    if (place.failure !== reason) {
      const names = sharing.map(({ domainName }) => domainName).join(', ')
      log.warn(`the truststore ${uri} of ${names} is not read again, the old one counts: ${reason}`)
    }
    place.failure = reason
    const warnings = [`${NOT_READ} ${reason}`]
    for (const kept of sharing) {
      if (kept.warnings[0]?.startsWith(NOT_READ) === true) continue
      await keep(kept, { trust: undefined, warnings }).catch((error: unknown) => {
        log.warn(`a warning of ${kept.domainName} is not kept: ${messageOf(error)}`)
      })
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel()
        this.#wakes.delete(wake)
        resolve()
      }
      const cancel = this.#parts.after(SETTLE_MS, wake)
      this.#wakes.add(wake)
    })
  }
}

function newPlace(): Place {
  return { mark: undefined, version: undefined, failure: undefined }
}

function placeKey({ uri, objectVersion = '' }: TruststorePlace): string {
  return `${uri}\n${objectVersion}`
}

function staleOf(
  shared: ReadonlyMap<string, readonly KeptTruststore[]>,
  places: ReadonlyMap<string, Place>,
): ReadonlyMap<string, boolean> {
  const stale = new Map<string, boolean>()
  for (const [key, sharing] of shared) {
    const hasFailed = places.get(key)?.failure !== undefined
    for (const { domainName } of sharing) stale.set(domainName, hasFailed)
  }
  return stale
}

function sameTexts(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, i) => text === others[i])
}
