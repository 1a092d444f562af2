/**
 * The main thread's side of usage: from the counters that threads share into the store, and back at the start.
 *
 * Every two seconds, at midnight and at the end, what has changed is written; a process that is killed loses what was
 * counted since. Before workers serve a limit, what its clients have used of their quotas is put back into the table.
 * Entries that nobody needs any more are taken out of it, and days beyond their number out of the store.
 */

import { KeyedHash } from '../../base/keyed-hash.ts'
import { DAY_MS, dateOfDay, dayOf } from '../../domain/quota-period.ts'
import type { Meter } from '../../domain/usage.ts'
import { OTHERS, type UsageCounters, UsageTable } from '../../features/quota/usage-table.ts'
import {
  grantsOf,
  QUOTA_GRANT,
  type QuotaGrantRecord,
  quotaUses,
} from '../../services/usage/quota-records.ts'
import { addUsage, type ClientUse, pruneUsage } from '../../services/usage/usage-records.ts'
import type { ChangeSet, Scope, Store } from '../../storage/store.ts'
import { type ClientTables, MAIN_OWNER } from './client-memory.ts'

export interface UsageKeeperParts {
  readonly store: Store
  readonly tables: ClientTables
  readonly epochMs: () => number
  /** Runs `action` after `delayMs`, unless what it returns is called before. */
  readonly after: (delayMs: number, action: () => void) => () => void
  readonly flushMs: number
  readonly daysMax: number
  /** Hears of usage that could not be written; it is tried again. */
  readonly trouble: (error: unknown) => void
}

/** What the store has of one entry. */
interface Written {
  readonly counters: UsageCounters
  readonly period: number
  readonly used: number
  /** On which it changed last. */
  readonly day: number
}

const NOTHING: UsageCounters = { allowed: 0, throttled: 0, overQuota: 0 }
/** Of one transaction, so that no other write waits long. */
const ENTRIES_AT_ONCE = 1_000

export class UsageKeeper {
  readonly #parts: UsageKeeperParts
  readonly #table: UsageTable
  readonly #hash: KeyedHash
  readonly #written = new Map<number, Written>()
  readonly #restored = new Set<string>()
  readonly #forget: () => void
  #cancel = () => {}
  #flushing: Promise<void> | undefined
  #prunedDay = 0

  /** The tables have been made. */
  constructor(parts: UsageKeeperParts) {
    this.#parts = parts
    const { key, usage } = parts.tables.memory!
    this.#table = new UsageTable(usage, MAIN_OWNER)
    this.#hash = new KeyedHash(key)
    this.#forget = parts.store.onCommit((set) => this.#takeGrants(set))
    this.#later()
  }

  /** What clients of meters that are new have used of their quotas before. */
  async restore(): Promise<void> {
    const { store, tables } = this.#parts
    const fresh = tables.meters.filter(({ id }) => !this.#restored.has(id))
    if (fresh.length === 0) return
    await store.read(async (reader) => {
      for (const meter of fresh) {
        const records = reader.in(meter)
        const uses = await quotaUses(records, meter.name)
        const grants = await grantsOf(records, meter.name)
        for (const use of uses) this.#restoreOne(meter, use)
        for (const grant of grants) this.#grant(meter, grant)
      }
    })
    for (const { id } of fresh) this.#restored.add(id)
  }

  /** Writes what has changed. Never throws; what could not be written is tried again. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined
    })
    return this.#flushing
  }

  /** Writes the last of it. */
  async close(): Promise<void> {
    this.#cancel()
    this.#forget()
    await this.#flushing
    await this.flush()
  }

  #later(): void {
    const { epochMs, after, flushMs } = this.#parts
    const toMidnight = DAY_MS - (epochMs() % DAY_MS)
    this.#cancel = after(Math.min(flushMs, toMidnight), () => {
      void this.flush().then(() => this.#later())
    })
  }

  async #flush(): Promise<void> {
    try {
      // What was counted until midnight belongs to the day before.
      const day = dayOf(this.#parts.epochMs() - this.#parts.flushMs / 2)
      const changed = this.#changed(day)
      for (let i = 0; i < changed.length; i += ENTRIES_AT_ONCE) {
        await this.#write(changed.slice(i, i + ENTRIES_AT_ONCE), day)
      }
      this.#removeIdle(day)
      if (day > this.#prunedDay) await this.#prune(day)
    } catch (error) {
      this.#parts.trouble(error)
    }
  }

  #changed(day: number): ChangedEntry[] {
    const changed: ChangedEntry[] = []
    for (let entry = 0; entry < this.#table.places; entry++) {
      if (!this.#table.isUsed(entry)) continue
      const counters = this.#table.counters(entry)
      const { period, used } = this.#table.quotaUse(entry)
      const before = this.#written.get(entry)
      const isSame =
        isSameCount(counters, before?.counters ?? NOTHING) &&
        period === (before?.period ?? 0) &&
        used === (before?.used ?? 0)
      if (!isSame) changed.push({ entry, before, now: { counters, period, used, day } })
    }
    return changed
  }

  async #write(changed: readonly ChangedEntry[], day: number): Promise<void> {
    const uses = changed.flatMap((each) => this.#useOf(each, day))
    await this.#parts.store.write((transaction) =>
      addUsage((scope: Scope) => transaction.in(scope), uses),
    )
    for (const { entry, now } of changed) this.#written.set(entry, now)
  }

  #useOf({ entry, before, now }: ChangedEntry, day: number): ClientUse[] {
    const meter = this.#meterOf(entry)
    if (meter === undefined) return []
    const last = before?.counters ?? NOTHING
    return [
      {
        meter,
        client: this.#table.nameOf(entry),
        date: dateOfDay(day),
        added: {
          allowed: grown(last.allowed, now.counters.allowed),
          throttled: grown(last.throttled, now.counters.throttled),
          overQuota: grown(last.overQuota, now.counters.overQuota),
        },
        ...(now.period === 0 ? {} : { quota: { period: now.period, used: now.used } }),
      },
    ]
  }

  /** Entries that say nothing any more: nothing today, and no quota whose period may still run. */
  #removeIdle(day: number): void {
    for (const [entry, { period, day: seen }] of this.#written) {
      const meter = this.#meterOf(entry)
      if (this.#table.nameOf(entry) === OTHERS || seen >= day) continue
      if (period !== 0 && meter !== undefined && period + meter.quotaDays > day) continue
      this.#table.remove(entry, () => this.#written.delete(entry))
    }
  }

  async #prune(day: number): Promise<void> {
    const oldest = dateOfDay(day - this.#parts.daysMax)
    await this.#parts.store.write((transaction) => pruneUsage(transaction, oldest))
    this.#prunedDay = day
  }

  #restoreOne(meter: Meter, { client, period, used }: StoredUse): void {
    if (period + meter.quotaDays <= dayOf(this.#parts.epochMs())) return
    const entry = this.#entryOf(meter, client)
    this.#table.restore(entry, { period, used, granted: 0 })
    const now = this.#table.quotaUse(entry)
    const counters = this.#table.counters(entry)
    this.#written.set(entry, { counters, period, used: now.used, day: period })
  }

  #takeGrants({ changes }: ChangeSet): void {
    for (const { scope, key, after } of changes) {
      if (key.kind !== QUOTA_GRANT || after === undefined) continue
      const meter = this.#parts.tables.meters.find(
        ({ name, accountId, region }) =>
          name === key.parent && accountId === scope.accountId && region === scope.region,
      )
      const { period, calls } = after as QuotaGrantRecord
      if (meter !== undefined) this.#grant(meter, { client: key.id, period, calls })
    }
  }

  #grant(meter: Meter, { client, period, calls }: StoredGrant): void {
    this.#table.grant(this.#entryOf(meter, client), period, calls)
  }

  /** As workers find it. */
  #entryOf(meter: Meter, client: string): number {
    this.#hash.update(meter.id)
    const { lo, hi } = this.#hash
    this.#hash.update(client)
    const number = this.#parts.tables.numberOf(meter.id)!
    return this.#table.entry(this.#hash.lo ^ lo, this.#hash.hi ^ hi, number, client)
  }

  #meterOf(entry: number): Meter | undefined {
    return this.#parts.tables.meters[this.#table.meterOf(entry)]
  }
}

interface ChangedEntry {
  readonly entry: number
  readonly before: Written | undefined
  readonly now: Written
}

type StoredUse = Awaited<ReturnType<typeof quotaUses>>[number]
type StoredGrant = Awaited<ReturnType<typeof grantsOf>>[number]

function isSameCount(one: UsageCounters, other: UsageCounters): boolean {
  return (
    one.allowed === other.allowed &&
    one.throttled === other.throttled &&
    one.overQuota === other.overQuota
  )
}

/** Counters come round at 2³². */
function grown(before: number, now: number): number {
  return (now - before) >>> 0
}
