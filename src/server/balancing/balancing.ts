/** The load balancers of one worker, put together; loaded with the first configuration that has one. */

import { Balancing, type BalancingParts } from '../../balancing/balancing.ts'
import { RuleError } from '../../balancing/listener-rules.ts'
import type { Limits } from '../../domain/limits.ts'
import { OriginPool } from '../../http/client/origin-pool.ts'
import { CompileError } from '../../runtime/snapshot/compile.ts'
import { originLimits } from '../worker/origin-limits.ts'

/** A check that is late is given up before the next begins. */
const CHECK_CONNECTIONS = 2

export function createBalancing(
  parts: Omit<BalancingParts, 'limits' | 'checkOrigin'> & { readonly limits: Limits },
): Balancing {
  const limits = originLimits(parts.limits)
  const ofChecks = { ...limits, connections: CHECK_CONNECTIONS }
  return new CheckedBalancing({
    ...parts,
    limits,
    checkOrigin: (address) =>
      address.via === undefined
        ? new OriginPool(address, ofChecks, parts.timers)
        : parts.origin(address),
  })
}

/** What cannot be enforced refuses the deployment. */
class CheckedBalancing extends Balancing {
  override prepare(...args: Parameters<Balancing['prepare']>): void {
    try {
      super.prepare(...args)
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      throw new CompileError([error.message])
    }
  }
}
