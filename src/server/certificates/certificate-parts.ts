/** What operations on certificates need, put together: the key that seals, and the two authorities of this installation. */

import { systemClock } from '../../base/clock.ts'
import { ensureLocalAuthority } from '../../certificates/local-ca.ts'
import { PrivateAuthority } from '../../certificates/private-authority.ts'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import type { SigningParts } from '../../services/acm/acm-parts.ts'

export function certificateParts(
  folder: string,
  openSealer: OpenSealer,
  clock = systemClock,
): SigningParts {
  return {
    openSealer,
    localAuthority: () => ensureLocalAuthority(folder, clock),
    privateAuthority: new PrivateAuthority(openSealer),
  }
}
