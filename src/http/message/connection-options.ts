// hot path — see STYLE §8
/**
 * The Connection field (RFC 9110 §7.6.1): whether the connection stays open, and which other fields concern this hop
 * only.
 */

import type { HeaderFields } from './header-fields.ts'
import { HEADER_FLAGS, HOP, NOMINATED, REWRITTEN } from './known-headers.ts'

/** What one Connection field says of the connection. */
export type Persistence = 'close' | 'keep-alive' | 'unsaid'

/** Reads one value. Fields that it nominates are marked, so that they are never forwarded. */
export function readConnectionField(value: string, fields: HeaderFields): Persistence {
  // The two common values, without making a string.
  if (value === 'keep-alive' || value === 'close') return value
  let persistence: Persistence = 'unsaid'
  for (const raw of value.toLowerCase().split(',')) {
    const option = raw.trim()
    if (option === 'close') persistence = 'close'
    else if (option === 'keep-alive') persistence = persistence === 'close' ? 'close' : 'keep-alive'
    else if (option !== '') nominate(fields, option)
  }
  return persistence
}

function nominate(fields: HeaderFields, lowerName: string): void {
  for (let i = 0; i < fields.count; i++) {
    // Framing and host keep their meaning for us; they are never forwarded as received anyway.
    if ((HEADER_FLAGS[fields.ids[i]!]! & (HOP | REWRITTEN)) !== 0) continue
    if (fields.name(i).toLowerCase() === lowerName) fields.ids[i] = NOMINATED
  }
}
