/** Certificates of the local authority for domain names that have none of their own; the code comes with the first. */

import { systemClock } from '../../base/clock.ts'
import type { LocalPairs } from '../../certificates/local-pairs.ts'
import type { TlsPair } from '../../domain/tls.ts'

export function localPairIn(folder: string): (name: string) => Promise<TlsPair> {
  let pairs: Promise<LocalPairs> | undefined
  return async (name) => {
    pairs ??= open(folder)
    return (await pairs).of(name)
  }
}

async function open(folder: string): Promise<LocalPairs> {
  const [{ LocalPairs }, { ensureLocalAuthority }] = await Promise.all([
    import('../../certificates/local-pairs.ts'),
    import('../../certificates/local-ca.ts'),
  ])
  return new LocalPairs(() => ensureLocalAuthority(folder, systemClock), systemClock)
}
