/**
 * The limits of clients, put together for one thread: the tables in shared memory and the compiler over them.
 *
 * Loaded with the first stage whose clients have limits: a start without one is that much faster.
 */

import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import { KeyedHash } from '../../base/keyed-hash.ts'
import { UsageTable } from '../../features/quota/usage-table.ts'
import { ClientBuckets } from '../../features/throttle/client-buckets.ts'
import { clientLimitCompiler } from '../../runtime/snapshot/client-limits.ts'
import type { ClientLimitCompiler } from '../../runtime/snapshot/stage-throttle.ts'
import type { ClientShare } from '../usage/client-memory.ts'

/** `share.meters` is looked at whenever a stage is compiled. */
export function createClientLimits(share: ClientShare, clock: Clock): ClientLimitCompiler {
  const { memory, owner, meters } = share
  return clientLimitCompiler({
    hash: new KeyedHash(memory.key),
    buckets: new ClientBuckets(memory.buckets, () => clock.now(), owner),
    usage: new UsageTable(memory.usage, owner),
    meterOf: (meterId) => {
      const meter = meters().get(meterId)
      assert(meter !== undefined, 'a limit that is metered has a meter')
      return meter
    },
  })
}
