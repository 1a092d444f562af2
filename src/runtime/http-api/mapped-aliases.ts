/**
 * Fields of a client that an origin could take for one that a mapping sets or takes away: `X_User` and `X.User` beside
 * `overwrite:header.x-user`. They do not pass (adversarial test 14).
 *
 * Such names are rare: a request without `_` and `.` in its names costs one look at the ids of its fields.
 */

import type { HeaderFields } from '../../http/message/header-fields.ts'
import { ALIAS, dashedName, ODD } from '../../http/message/known-headers.ts'

/** Marks them in the fields that it is given, as what is never forwarded. `lowerNames`: those of the mapping. */
export function compileAliases(lowerNames: readonly string[]): (fields: HeaderFields) => void {
  const mapped = new Set(lowerNames.map(dashedName))
  /** The mapping itself has such a name, so a client's `X-User` may be the alias. */
  const isOdd = lowerNames.some((name) => dashedName(name) !== name)
  return function markAliases(fields) {
    if (!isOdd && fields.find(ODD) === -1) return
    for (let i = 0; i < fields.count; i++) {
      const id = fields.ids[i]!
      if (id !== ODD && !(isOdd && id === 0)) continue
      if (mapped.has(dashedName(fields.name(i).toLowerCase()))) fields.ids[i] = ALIAS
    }
  }
}
