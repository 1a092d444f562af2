/**
 * The audit log on one connection. It is only ever added to; triggers of the file say so too (`schema.ts`).
 */

import { setImmediate } from 'node:timers/promises'
import { CHAIN_START, type ChainLink, chainHash } from '../audit-chain.ts'
import type { AuditEntry, AuditQuery, AuditRecord } from '../store.ts'
import type { Connection } from './connection.ts'

/** An entry that waits for its transaction to be committed. */
export interface PendingAudit {
  readonly time: string
  /** Canonical JSON. */
  readonly entry: string
}

interface AuditRow extends ChainLink {
  readonly hash: string
}

type Head = Pick<AuditRow, 'sequence' | 'hash'>

const HEAD = 'SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1'
const INSERT = 'INSERT INTO audit (sequence, time, entry, hash) VALUES (?, ?, ?, ?)'
const NEWEST = `SELECT sequence, time, entry, hash FROM audit
  WHERE sequence < ? ORDER BY sequence DESC LIMIT ?`
const ONWARDS = `SELECT sequence, time, entry, hash FROM audit
  WHERE sequence > ? ORDER BY sequence LIMIT ?`
/** How long the log has been at its longest. */
const LENGTH = `SELECT seq AS length FROM sqlite_sequence WHERE name = 'audit'`

/** Entries that are verified in one go; some 3 ms. */
const VERIFIED_AT_ONCE = 500

const NOTHING: Head = { sequence: 0, hash: CHAIN_START }

export function appendAudit(connection: Connection, pending: readonly PendingAudit[]): void {
  if (pending.length === 0) return
  let { sequence, hash } = connection.get<Head>(HEAD) ?? NOTHING
  for (const { time, entry } of pending) {
    sequence += 1
    hash = chainHash(hash, { sequence, time, entry })
    connection.write('insert-audit', INSERT, sequence, time, entry, hash)
  }
}

/** Newest first. */
export function readAudit(connection: Connection, query: AuditQuery): AuditRecord[] {
  const before = query.before ?? Number.MAX_SAFE_INTEGER
  return connection
    .all<AuditRow>(NEWEST, before, query.limit)
    .map(({ entry, sequence, time, hash }) => {
      return { ...(JSON.parse(entry) as AuditEntry), sequence, time, hash }
    })
}

/** The sequence at which the chain breaks; undefined: it is whole. Lets others work in between. */
export async function verifyAudit(connection: Connection): Promise<number | undefined> {
  let head = NOTHING
  for (;;) {
    const rows = connection.all<AuditRow>(ONWARDS, head.sequence, VERIFIED_AT_ONCE)
    for (const row of rows) {
      const expected = head.sequence + 1
      if (row.sequence !== expected || row.hash !== chainHash(head.hash, row)) return expected
      head = row
    }
    if (rows.length < VERIFIED_AT_ONCE) break
    await setImmediate()
  }
  const length = connection.get<{ length: number }>(LENGTH)?.length ?? 0
  return length === head.sequence ? undefined : head.sequence + 1
}
