/**
 * The chain of the audit log: each hash covers an entry and the hash before it.
 *
 * `SHA-256(previous hash \n sequence \n time \n entry)`, in hexadecimal, where the entry is JSON with its members in
 * order and without spaces. None of the parts can hold a line end, so no two entries have the same form; `sqlite3` and
 * `sha256sum` are enough to check it.
 */

import { createHash } from 'node:crypto'

/** What stands before the first entry. */
export const CHAIN_START = '0'.repeat(64)

export interface ChainLink {
  readonly sequence: number
  /** ISO 8601, UTC. */
  readonly time: string
  /** As `canonicalJson` writes it. */
  readonly entry: string
}

export function chainHash(previous: string, link: ChainLink): string {
  const text = `${previous}\n${link.sequence}\n${link.time}\n${link.entry}`
  return createHash('sha256').update(text).digest('hex')
}

/** JSON with the members of every object in the order of their names; the same value always gives the same text. */
export function canonicalJson(value: object): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? inOrder(member as Record<string, unknown>)
      : member,
  )
}

function inOrder(value: Record<string, unknown>): Record<string, unknown> {
  // Without a prototype a member called `__proto__` is one like any other.
  const ordered: Record<string, unknown> = Object.create(null)
  for (const name of Object.keys(value).sort()) ordered[name] = value[name]
  return ordered
}
